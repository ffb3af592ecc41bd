//! A history as text: a table of its figures, the sentences below it, and the verdict.

use std::fmt::Write as _;

use super::arrangement::arranged;
use super::options::Layout;
use super::text::{lines, wrapped};
use crate::history::Account;
use crate::report::figures::{Table, history_levels, history_verdicts};
use crate::report::words::history::{remarks, whole};
use crate::report::words::history_names::subject;

/// What became of each figure, and what follows. `consequence` is what the verdict leads to, if
/// anything: an exit code.
#[must_use]
pub fn history_verdict(account: &Account, layout: Layout, consequence: Option<&str>) -> String {
    let mut text = headed(account, &history_verdicts(account), layout);

    for remark in remarks(account) {
        text.push('\n');
        text.push_str(&wrapped(remark.label, remark.tone, &remark.text, layout));
    }
    let consequence = consequence.map_or_else(String::new, |words| format!("; {words}"));
    let verdict = format!("{}{consequence}", whole(account));
    let _ = writeln!(
        text,
        "\n\n{}",
        wrapped("verdict", account.outcome().into(), &verdict, layout)
    );
    text
}

/// Every level that each figure had.
#[must_use]
pub fn history_levels_text(account: &Account, layout: Layout) -> String {
    let mut text = headed(account, &history_levels(account), layout);

    let remarks = remarks(account);
    let level_remarks = remarks
        .iter()
        .filter(|remark| matches!(remark.label, "note" | "spike"));
    for remark in level_remarks {
        text.push('\n');
        text.push_str(&wrapped(remark.label, remark.tone, &remark.text, layout));
    }
    text + "\n"
}

fn headed(account: &Account, table: &Table, layout: Layout) -> String {
    let subject = format!("{}:", subject(account));

    format!(
        "{}\n\n{}\n",
        lines(&subject, layout.sentence_width()).join("\n"),
        arranged(table, layout)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Question, fixture};
    use crate::results::Metric;

    fn account(factor: impl Fn(usize) -> f64) -> Account {
        let factors: Vec<f64> = (0..40).map(factor).collect();
        let question = Question {
            tolerance: 0.05,
            deciding: &Metric::DECIDING,
            accepted: None,
        };

        Account::of(fixture::of(&factors), &question, false)
    }

    #[test]
    fn a_step_as_text() {
        let step = account(|run| match run {
            12 => 1.4,
            33.. => 1.12,
            _ => 1.0,
        });

        insta::assert_snapshot!(history_verdict(&step, Layout::PLAIN, None), @r#"
        40 runs on AMD EPYC 7B13, 2 CPUs, 2026-01-01 to 2026-02-12:

                                           change in %
        metric      runs  scatter     now  [99 % interval]       since    verdict
        ---------------------------------------------------------------------------
        fib serial
          time        40      1 %  999 ms      -                 -        unchanged
        fib pool 2
          time        40    1.2 %  562 ms  +11.7 [+10.5, +13.0]  0abc021  worse
          speed-up    40    0.1 %   1.79x  -10.7 [-10.8, -10.6]  0abc021  worse
        "scatter" is how far single runs are from their level.

        note: times are divided by the calibration of their round, and shown at the
              machine's typical speed
        regressed: fib pool 2: changed at 0abc021 (2026-02-06): +11.7 [+10.5, +13.0] %,
            7 runs since
        regressed: fib pool 2 speed-up: changed at 0abc021 (2026-02-06):
            -10.7 [-10.8, -10.6] %, 7 runs since
        spike: fib pool 2: +39.0 % at 0abc00c (2026-01-13); a single run is no change
        spike: fib pool 2 speed-up: -28.5 % at 0abc00c (2026-01-13); a single run is no
               change
        ok: no change of more than is tolerated in 1 metric; within five runs a step of
            about 8 % would be found, even in fib serial, which varies most

        verdict: regressed
        "#);
        insta::assert_snapshot!(history_levels_text(&step, Layout::PLAIN), @"
        40 runs on AMD EPYC 7B13, 2 CPUs, 2026-01-01 to 2026-02-12:

                                             change in %
        from          commit   runs   level  [99 % interval]       by
        ---------------------------------------------------------------
        fib serial
          2026-01-01  0abc000    40  999 ms      -                 -
        fib pool 2
          2026-01-01  0abc000    33  500 ms      -                 -
          2026-02-06  0abc021     7  562 ms  +11.7 [+10.5, +13.0]  step
        fib pool 2 speed-up
          2026-01-01  0abc000    33   2.00x      -                 -
          2026-02-06  0abc021     7   1.79x  -10.7 [-10.8, -10.6]  step

        note: times are divided by the calibration of their round, and shown at the
              machine's typical speed
        spike: fib pool 2: +39.0 % at 0abc00c (2026-01-13); a single run is no change
        spike: fib pool 2 speed-up: -28.5 % at 0abc00c (2026-01-13); a single run is no
               change
        ");
    }

    #[test]
    fn a_drift_as_text_on_a_narrow_terminal() {
        let drift = account(|run| 1.0 + 0.004 * run as f64);
        let narrow = Layout {
            width: 50,
            ..Layout::PLAIN
        };

        insta::assert_snapshot!(history_verdict(&drift, narrow, Some("exit 1")), @r#"
        40 runs on AMD EPYC 7B13, 2 CPUs, 2026-01-01 to
        2026-02-12:

        fib serial
          time: runs 40, scatter 1 %, now 999 ms,
            unchanged
        fib pool 2
          time: runs 40, scatter 1.1 %, now 580 ms,
            change in % +16.0 [+14.4, +17.5],
            since 0abc000, worse
          speed-up: runs 40, scatter 0.2 %, now 1.73x,
            change in % -13.6 [-13.9, -13.3],
            since 0abc000, worse
        "scatter" is how far single runs are from their
        level.

        note: times are divided by the calibration of
              their round, and shown at the machine's
              typical speed
        regressed: fib pool 2: drifts since 0abc000
            (2026-01-01): +16.0 [+14.4, +17.5] % over
            40 runs, not at one of them
        regressed: fib pool 2 speed-up: drifts since
            0abc000 (2026-01-01): -13.6 [-13.9, -13.3] %
            over 40 runs, not at one of them
        ok: no change of more than is tolerated in
            1 metric; within five runs a step of about 8 %
            would be found, even in fib serial, which
            varies most

        verdict: regressed; exit 1
        "#);
    }
}
