//! A comparison as text: a table of every judged metric in 80 columns, the sentences below it, and the verdict.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::change::{detectable, interval};
use super::interference;
use super::reasons::{Names, Sentence, blind_spot, sentences, verdict};
use super::text::{Paint, plain, wrapped};
use super::words;
use crate::printable::printable;
use crate::results::{Comparison, Judgement, MachineMatch, Metric, Origin, Outcome, Run};
use crate::units::{Ratio, Seconds};

/// What comparing `run` found, as text of at most 80 columns, with ANSI styles if `color`; empty when it was
/// compared with nothing. `consequence` is what the verdict leads to, if anything: an exit code.
#[must_use]
pub fn judgements(run: &Run, color: bool, consequence: Option<&str>) -> String {
    let Some(comparison) = &run.comparison else {
        return String::new();
    };
    let paint = Paint { color };
    let Origin {
        name,
        parbench_version,
        started_at,
    } = &comparison.baseline;
    let day: String = started_at.chars().take(10).collect();

    let mut text = format!(
        "Compared with {} (parbench {}, {}),\n{}\n\n",
        printable(name),
        printable(parbench_version),
        printable(&day),
        conditions(comparison)
    );
    text.push_str(&figures(comparison, paint));
    text.push('\n');

    let notes = comparison
        .machine_differences
        .iter()
        .chain(&comparison.left_out);
    for note in notes.cloned().chain(blind_spot(comparison)) {
        let _ = write!(
            text,
            "\n{}",
            wrapped("note", AnsiColor::Yellow, &note, paint)
        );
    }
    for measurement in &run.measurements {
        for loss in words::losses(measurement) {
            let sentence = format!("{}: {loss}", words::name(run, measurement));
            let _ = write!(
                text,
                "\n{}",
                wrapped("note", AnsiColor::Yellow, &sentence, paint)
            );
        }
    }
    if let Some(sentence) = interference::other_programs(run) {
        let _ = write!(
            text,
            "\n{}",
            wrapped("warning", AnsiColor::Yellow, &sentence, paint)
        );
    }
    for Sentence {
        outcome,
        text: sentence,
    } in sentences(comparison)
    {
        let _ = write!(
            text,
            "\n{}",
            wrapped(outcome.name(), colour(outcome), &sentence, paint)
        );
    }

    let tail = consequence.map_or_else(String::new, |consequence| format!("; {consequence}"));
    let whole = wrapped(
        "verdict",
        colour(comparison.outcome()),
        &format!("{}{tail}", whole(comparison)),
        paint,
    );
    let _ = write!(text, "\n\n{whole}\n");
    text
}

/// The verdict on everything, with how much of it was decided.
#[must_use]
pub fn whole(comparison: &Comparison) -> String {
    let (decided, asked) = (comparison.decided(), comparison.deciding().count());
    match comparison.outcome() {
        Outcome::Inconclusive => format!("cannot tell ({decided} of {asked} decided)"),
        outcome if decided < asked => format!("{} ({decided} of {asked} decided)", outcome.name()),
        outcome => outcome.name().to_owned(),
    }
}

/// How the two runs came to be comparable.
fn conditions(comparison: &Comparison) -> &'static str {
    match comparison.machine {
        MachineMatch::Interleaved => "in turns on this machine:",
        MachineMatch::Same => "measured on the same kind of machine:",
        MachineMatch::SameModel => {
            "same processor, other set-up: times per calibration, wider bounds:"
        }
        MachineMatch::Different => "measured on another processor: only the speed-up is compared:",
        MachineMatch::OtherInstructions => {
            "measured with another instruction set: only the speed-up is compared:"
        }
    }
}

fn figures(comparison: &Comparison, paint: Paint) -> String {
    let headings = [
        "",
        "baseline",
        "now",
        "change in %\n[99 % interval]",
        "blind\nbelow",
        "verdict",
    ];
    let mut table = plain(&headings, paint);
    let names = Names::of(comparison);

    let mut last: Option<&Judgement> = None;
    for judgement in &comparison.judgements {
        if !last
            .replace(judgement)
            .is_some_and(|last| last.is_beside(judgement))
        {
            let place = names
                .place(judgement)
                .map_or_else(String::new, |place| format!(", {place}"));
            table.add_row([printable(&format!("{}{place}", judgement.workload)).into_owned()]);
        }
        let value = |value: f64| match judgement.metric {
            Metric::Speedup => Ratio(value).to_string(),
            _ => Seconds(value).to_string(),
        };
        table.add_row([
            format!("  {}", judgement.metric.name()),
            value(judgement.baseline),
            value(judgement.current),
            interval(judgement),
            detectable(judgement),
            paint.paint(style(judgement), verdict(judgement)),
        ]);
    }

    table.trim_fmt()
}

fn style(judgement: &Judgement) -> Style {
    if judgement.informational {
        Style::new().dimmed()
    } else {
        colour(judgement.outcome).on_default()
    }
}

fn colour(outcome: Outcome) -> AnsiColor {
    match outcome {
        Outcome::Ok => AnsiColor::Green,
        Outcome::Inconclusive => AnsiColor::Yellow,
        Outcome::Regressed => AnsiColor::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;

    #[test]
    fn a_comparison_as_text() {
        insta::assert_snapshot!(judgements(&fixture::compared(), false, None), @r"
        Compared with results/main & <last>.json (parbench 0.1.0, 2026-01-27),
        same processor, other set-up: times per calibration, wider bounds:

                         baseline     now           change in %  blind       verdict
                                                [99 % interval]  below
        ----------------------------------------------------------------------------
        fib
          serial           1.23 s  1.54 s  +25.0 [+22.5, +27.5]   12 %     regressed
          distributed      1.23 s  987 ms  -20.0 [-21.6, -18.4]   12 %        better
          speed-up          1.23x   1.25x     -1.0 [-3.9, +2.0]   12 %            ok
        pi
          distributed      1.23 s  1.97 s  +60.0 [+45.5, +76.0]   21 %  within noise
          speed-up          1.23x   2.12x   -41.9 [-67.7, +4.7]   49 %    few rounds
          task overhead    1.23 s  1.60 s   +30.0 [-78.3, +680]  560 %    shown only

        note: kernel: 6.12.7, now 6.12.8
        note: image on pool with 2 workers is not in results/main & <last>.json
        note: this comparison cannot see changes below 49 % in pi speed-up
        regressed: fib serial: 1.54 s instead of 1.23 s, +25.0 [+22.5, +27.5] %; all of
                   it beyond the +10 % that counts, and confirmed by a second pass
        inconclusive: pi distributed: +60.0 [+45.5, +76.0] % is worse than the tolerated
                      10 %, but within this run's own noise of 55 %
        inconclusive: pi speed-up: -41.9 [-67.7, +4.7] % may be within the tolerated
                      10 % or not: too few rounds, about 40 needed
        ok: 2 metrics did not get worse by more than the tolerated 10 %; better: fib
            distributed

        verdict: regressed (3 of 5 decided)
        ");
    }

    #[test]
    fn a_run_that_was_compared_with_nothing_says_nothing() {
        assert_eq!(judgements(&fixture::run(), true, None), "");
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
        let text = judgements(&run, false, None);
        assert!(
            text.contains("warning: Other programs used 1.3 of the 2 CPUs"),
            "{text}"
        );
    }
}
