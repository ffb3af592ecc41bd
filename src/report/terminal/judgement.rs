//! A comparison as text: a table of every judged metric, the sentences below it, and the verdict.

use super::arrangement::arranged;
use super::notes::warnings;
use super::options::Layout;
use super::text::{lines, wrapped};
use crate::report::figures;
use crate::report::findings::{Finding, Kind, findings};
use crate::report::words::comparison::{conditions, origin};
use crate::results::{Comparison, Run};

/// What comparing `run` found; empty when it was compared with nothing. `consequence` is what the
/// verdict leads to, if anything: an exit code.
#[must_use]
pub fn judgements(run: &Run, layout: Layout, consequence: Option<&str>) -> String {
    let Some(comparison) = &run.comparison else {
        return String::new();
    };
    let mut findings = findings(run);
    if let Some(consequence) = consequence {
        for finding in &mut findings {
            if matches!(finding.kind, Kind::Whole(_)) {
                finding.text = format!("{}; {consequence}", finding.text);
            }
        }
    }

    section(comparison, &findings, layout)
}

/// The table of `comparison`, and those of `findings` that a check shows.
pub(super) fn section(comparison: &Comparison, findings: &[Finding], layout: Layout) -> String {
    let origin = format!("Compared with {},", origin(comparison));
    let conditions = format!("{}:", conditions(comparison));
    let mut text = warnings(findings, layout);
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    for sentence in [origin, conditions] {
        text.push_str(&lines(&sentence, layout.sentence_width()).join("\n"));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&arranged(&figures::comparison(comparison), layout));
    text.push('\n');

    for finding in findings {
        let label = match finding.kind {
            Kind::Comparability | Kind::Loss | Kind::Caveat | Kind::Limit => "note",
            Kind::Judged(outcome) => outcome.name(),
            Kind::Unremarkable if layout.verbose => "detail",
            Kind::Whole(_) => {
                text.push('\n');
                "verdict"
            }
            _ => continue,
        };
        text.push('\n');
        text.push_str(&wrapped(label, finding.tone, &finding.sentence(), layout));
    }

    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;

    #[test]
    fn a_comparison_as_text() {
        insta::assert_snapshot!(judgements(&fixture::compared(), Layout::PLAIN, None), @r#"
        Compared with results/main & <last>.json (parbench 0.1.0, 2026-01-27),
        same processor, other set-up: times per calibration, wider bounds:

                                           change in %           can see
        metric           baseline     now  [99 % interval]          from  verdict
        ------------------------------------------------------------------------------
        fib serial
          time             1.23 s  1.54 s  +25.0 [+22.5, +27.5]     12 %  regressed
        fib pool 2
          time             1.23 s  987 ms  -20.0 [-21.6, -18.4]     12 %  better
          speed-up          1.23x   1.22x   -1.0 [-3.9, +2.0]       12 %  ok
        pi pool 2
          time             1.23 s  1.97 s  +60.0 [+45.5, +76.0]     21 %  within noise
          speed-up          1.23x   0.72x  -41.9 [-67.7, +4.7]      49 %  few rounds
          task overhead    1.23 s  1.60 s  +30.0 [-78.3, +680]     560 %  shown only
        "can see from" is the smallest slow-down that these rounds would show.

        note: kernel: 6.12.7, now 6.12.8
        note: image on pool with 2 workers is not in results/main & <last>.json
        note: this comparison cannot see changes below 49 % in pi pool 2 speed-up
        regressed: fib serial: 1.54 s instead of 1.23 s, +25.0 [+22.5, +27.5] %; all of
            it beyond the +10 % that counts, and confirmed by a second pass
        inconclusive: pi pool 2: +60.0 [+45.5, +76.0] % is worse than the tolerated
            10 %, but within this run's own noise of 55 %
        inconclusive: pi pool 2 speed-up: -41.9 [-67.7, +4.7] % may be within the
            tolerated 9.09 % or not: too few rounds, about 40 needed
        ok: 2 metrics did not get worse by more than the tolerated 10 %; better: fib
            pool 2

        verdict: regressed (3 of 5 decided)
        "#);
    }

    #[test]
    fn a_run_that_was_compared_with_nothing_says_nothing() {
        assert_eq!(judgements(&fixture::run(), Layout::PLAIN, None), "");
    }

    #[test]
    fn other_programs_are_named_beside_the_verdict() {
        let mut run = fixture::compared();
        for measurement in &mut run.measurements {
            for round in &mut measurement.rounds {
                round.machine.other_programs = Some(OtherPrograms {
                    cores: 1.3,
                    cpus: 2,
                });
            }
        }

        let text = judgements(&run, Layout::PLAIN, None);
        assert!(
            text.contains("warning: other programs used 1.3 of the 2 CPUs"),
            "{text}"
        );
    }
}
