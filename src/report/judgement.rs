//! A comparison as text: a table of every judged metric in 80 columns, a sentence for each that is not simply
//! ok, and one for the whole. It decides nothing.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::text::{Paint, plain, wrapped};
use super::words::count;
use crate::printable::printable;
use crate::results::{Comparison, Judgement, MachineMatch, Metric, Origin, Outcome, Run};
use crate::units::{Percent, Ratio, Seconds};

/// What comparing `run` found, as text of at most 80 columns, with ANSI styles if `color`; empty when it was
/// compared with nothing.
#[must_use]
pub fn judgements(run: &Run, color: bool) -> String {
    let Some(comparison) = &run.comparison else { return String::new() };
    let paint = Paint { color };
    let Origin { name, parbench_version, started_at } = &comparison.baseline;
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
    for note in comparison.machine_differences.iter().chain(&comparison.left_out) {
        let _ = write!(text, "\n{}", wrapped("note", AnsiColor::Yellow, note, paint));
    }
    for (outcome, sentence) in sentences(comparison) {
        let _ = write!(text, "\n{}", wrapped(outcome.name(), colour(outcome), &sentence, paint));
    }
    let outcome = comparison.outcome();
    let whole = paint.paint(colour(outcome).on_default().bold(), outcome.name());
    let _ = write!(text, "\n\n{}: {whole}\n", paint.heading("verdict"));
    text
}

/// What follows, as sentences: one for each metric that regressed or of which nothing can be said, and one for
/// the rest.
#[must_use]
pub fn sentences(comparison: &Comparison) -> Vec<(Outcome, String)> {
    let mut sentences = Vec::new();
    for judgement in comparison.with(Outcome::Regressed) {
        let confirmed = if judgement.confirmed() == Some(true) { ", and in every further pass" } else { "" };
        sentences.push((
            Outcome::Regressed,
            format!(
                "{}: {}, {} %; all above the {} that counts{confirmed}",
                name(judgement),
                worse(judgement),
                interval(judgement),
                percent(1.0 + judgement.threshold),
            ),
        ));
    }
    let (denied, open): (Vec<&Judgement>, Vec<&Judgement>) =
        comparison.with(Outcome::Inconclusive).partition(|judgement| judgement.confirmed() == Some(false));
    for judgement in denied {
        let sentence = format!(
            "{}: {} % looked worse, but a further pass did not agree",
            name(judgement),
            interval(judgement)
        );
        sentences.push((Outcome::Inconclusive, sentence));
    }
    if !open.is_empty() {
        sentences.push((Outcome::Inconclusive, unresolved(comparison, &open)));
    }
    let fine: Vec<&Judgement> = comparison.with(Outcome::Ok).collect();
    if !fine.is_empty() {
        let detectable = fine.iter().map(|judgement| judgement.detectable).fold(0.0, f64::max);
        let improved: Vec<String> =
            fine.iter().filter(|judgement| judgement.improved()).map(|judgement| name(judgement)).collect();
        let better =
            if improved.is_empty() { String::new() } else { format!("; better: {}", improved.join(", ")) };
        let metrics = count(fine.len(), "metric");
        sentences.push((
            Outcome::Ok,
            format!(
                "{metrics} did not get worse by {} or more; {} would have shown in each{better}",
                tolerated(comparison),
                percent(1.0 + detectable)
            ),
        ));
    }
    sentences
}

/// `10 %`: no change counts that is within this.
fn tolerated(comparison: &Comparison) -> String {
    let most = comparison.with(Outcome::Ok).map(|judgement| judgement.tolerance).fold(0.0, f64::max);
    Percent(most).to_string()
}

fn unresolved(comparison: &Comparison, open: &[&Judgement]) -> String {
    let names: Vec<String> = open.iter().map(|judgement| name(judgement)).collect();
    format!(
        "{} may be worse by {} or more, or not: {}; more rounds or a quieter machine would tell",
        count(open.len(), "metric"),
        Percent(comparison.tolerance),
        names.join(", ")
    )
}

/// How the two runs came to be comparable.
fn conditions(comparison: &Comparison) -> &'static str {
    match comparison.machine {
        MachineMatch::Interleaved => "in turns on this machine:",
        MachineMatch::Same => "measured on the same kind of machine:",
        MachineMatch::SameModel => "same processor, other set-up: times per calibration, wider bounds:",
        MachineMatch::Different => "measured on another processor: only the speed-up is compared:",
    }
}

fn figures(comparison: &Comparison, paint: Paint) -> String {
    let headings = ["", "baseline", "now", "change in %\n[99 % interval]", "detects\nfrom", "verdict"];
    let mut table = plain(&headings, paint);
    let mut last = None;
    let workers_differ = comparison.judgements.windows(2).any(|pair| pair[0].workers != pair[1].workers);
    for judgement in &comparison.judgements {
        let of = (judgement.workload.as_str(), judgement.engine.as_str(), judgement.workers);
        if last.replace(of) != Some(of) {
            let workers = if workers_differ { format!(", {}", judgement.workers) } else { String::new() };
            table.add_row([format!("{}{workers}", printable(&judgement.workload))]);
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
            percent(1.0 + judgement.detectable),
            paint.paint(colour(judgement.outcome).on_default(), verdict(judgement)),
        ]);
    }
    table.trim_fmt()
}

/// The outcome's word, or that it got better.
pub(super) fn verdict(judgement: &Judgement) -> &'static str {
    if judgement.improved() { "better" } else { judgement.outcome.name() }
}

fn colour(outcome: Outcome) -> AnsiColor {
    match outcome {
        Outcome::Ok => AnsiColor::Green,
        Outcome::Inconclusive => AnsiColor::Yellow,
        Outcome::Regressed => AnsiColor::Red,
    }
}

/// `fib distributed on 2 workers`.
pub(super) fn name(judgement: &Judgement) -> String {
    format!("{} {} on {}", judgement.workload, judgement.metric.name(), count(judgement.workers, "worker"))
}

/// Both medians, in the metric's unit.
fn worse(judgement: &Judgement) -> String {
    match judgement.metric {
        Metric::Speedup => {
            format!("{} instead of {}", Ratio(judgement.current), Ratio(judgement.baseline))
        }
        _ => format!("{} instead of {}", Seconds(judgement.current), Seconds(judgement.baseline)),
    }
}

/// A change in per cent with its interval: `+1.2 [-0.5, +2.9]`.
pub(super) fn interval(judgement: &Judgement) -> String {
    let [change, low, high] = [judgement.change, judgement.low, judgement.high].map(in_percent);
    format!("{change} [{low}, {high}]")
}

/// A factor in the direction of worse as a change: `+1.2 %`.
fn percent(factor: f64) -> String {
    format!("{} %", in_percent(factor))
}

fn in_percent(factor: f64) -> String {
    let change = (factor - 1.0) * 100.0;
    if change.abs() < 99.95 { format!("{change:+.1}") } else { format!("{change:+.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_comparison_as_text() {
        insta::assert_snapshot!(judgements(&fixture::compared(), false), @r"
        Compared with results/main & <last>.json (parbench 0.1.0, 2026-01-27),
        same processor, other set-up: times per calibration, wider bounds:

                         baseline     now           change in %  detects       verdict
                                                [99 % interval]     from
        ------------------------------------------------------------------------------
        fib
          serial           1.23 s  1.54 s  +25.0 [+22.5, +27.5]  +12.2 %     regressed
          distributed      1.23 s  987 ms  -20.0 [-21.6, -18.4]  +12.2 %        better
          speed-up          1.23x   1.25x     +1.0 [-1.9, +4.0]  +13.3 %            ok
        pi
          task overhead    1.23 s  1.60 s   +30.0 [-78.3, +680]   +560 %  inconclusive

        note: kernel: 6.12.7, now 6.12.8
        note: image on pool with 2 workers is not in results/main & <last>.json
        regressed: fib serial on 2 workers: 1.54 s instead of 1.23 s, +25.0 [+22.5,
                   +27.5] %; all above the +10.0 % that counts, and in every further
                   pass
        inconclusive: 1 metric may be worse by 10 % or more, or not: pi task overhead on
                      2 workers; more rounds or a quieter machine would tell
        ok: 2 metrics did not get worse by 10 % or more; +13.3 % would have shown in
            each; better: fib distributed on 2 workers

        verdict: regressed
        ");
    }

    #[test]
    fn a_run_that_was_compared_with_nothing_says_nothing() {
        assert_eq!(judgements(&fixture::run(), true), "");
    }
}
