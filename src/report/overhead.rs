//! What a task costs, as text of 80 columns: the costs as a table, each engine's curve, and what follows for how
//! long a task should be.

use super::terminal::text::{Paint, plain, wrapped};
use super::tone::Tone;
use crate::printable::printable;
use crate::results::{CurvePoint, EngineOverhead, Estimate, Overhead, Threshold, Withheld};
use crate::units::{Percent, Seconds, count, three_digits};

/// Blocks of a bar that stands for an efficiency of 1.
const BAR: f64 = 28.0;
/// The load average divided by the CPUs from which on other programs are in the way.
const CROWDED: f64 = 0.5;

/// The costs, the curves, and a sentence for each engine.
#[must_use]
pub fn overhead(overhead: &Overhead, color: bool) -> String {
    let paint = Paint { color };
    let mut text = costs(overhead, paint) + "\n";
    for engine in &overhead.engines {
        text = format!("{text}\n{}\n", curve(engine, paint));
    }
    text.push('\n');
    for engine in &overhead.engines {
        let reached = engine
            .threshold(0.5)
            .is_some_and(|half| half.work_s.is_some());
        let style = if reached { Tone::Good } else { Tone::Bad };
        text = format!(
            "{text}{}\n",
            wrapped(&name(engine), style, &sentence(engine), paint)
        );
    }
    for caveat in caveats(overhead) {
        text = format!(
            "{text}{}\n",
            wrapped("note", Tone::Doubtful, &caveat, paint)
        );
    }
    text
}

/// `pool x2`.
pub(super) fn name(engine: &EngineOverhead) -> String {
    format!("{} x{}", printable(&engine.engine), engine.workers)
}

/// What limits all figures, a sentence each.
pub(super) fn caveats(overhead: &Overhead) -> Vec<String> {
    let mut caveats = Vec::new();
    if overhead.interrupted {
        caveats
            .push("interrupted: the figures are those of the rounds that were complete".to_owned());
    }
    if overhead.environment.build_profile == "debug" {
        caveats.push("debug build: its times say nothing; measure with a release build".to_owned());
    }
    let cpus = overhead.environment.usable_cpus;
    if overhead.engines.iter().any(|engine| engine.workers > cpus) {
        caveats.push(format!(
            "there are more workers than the {}: they share them",
            count(cpus, "usable CPU")
        ));
    }

    let load = overhead
        .environment
        .cpu
        .load_average
        .map(|[minute, ..]| minute);
    if let Some(load) = load.filter(|load| *load > CROWDED * cpus as f64) {
        caveats.push(format!(
            "the load average was {load:.1} on {} when this began: the figures say what tasks cost beside other \
             programs",
            count(cpus, "usable CPU")
        ));
    }

    let curves = overhead
        .engines
        .iter()
        .flat_map(|engine| &engine.summary.curve);
    if curves.into_iter().any(CurvePoint::is_impossible) {
        caveats.push(
            "an efficiency above 100 % is not possible: the machine changed its pace while measuring, and no advice \
             rests on such a row"
                .to_owned(),
        );
    }
    caveats
}

/// What follows for the size of a task, in one sentence: the thresholds of the curve with their intervals, and for
/// those that are withheld the reason.
pub(super) fn sentence(engine: &EngineOverhead) -> String {
    let goals = goals(engine);
    if goals
        .iter()
        .any(|goal| goal.threshold.withheld == Some(Withheld::TooFewRounds))
    {
        let (fewest, rounds) = (
            EngineOverhead::fewest_rounds(),
            count(engine.rounds.len(), "round"),
        );
        return format!("no advice: intervals need {fewest} rounds, and there are {rounds}");
    }

    let mut clauses: Vec<String> = goals.iter().filter_map(Goal::reached).collect();
    let withheld = |reason: Withheld| {
        goals
            .iter()
            .filter(move |goal| goal.threshold.withheld == Some(reason))
    };
    let verbs: Vec<&str> = withheld(Withheld::TooNoisy)
        .map(|goal| goal.plural)
        .collect();
    if !verbs.is_empty() {
        let verbs = verbs.join(" or ");
        clauses.push(format!(
            "the machine was too noisy to tell from how much work on tasks {verbs}"
        ));
    }
    // What does not reach the lowest goal does not reach a higher one.
    if let Some(goal) = withheld(Withheld::NotReached).next() {
        clauses.push(format!(
            "no task that was tried {}{}",
            goal.singular,
            best(engine)
        ));
    }
    if engine.workers == 1 {
        clauses.push("one worker is never faster than the plain loop".to_owned());
    }

    clauses.join("; ")
}

/// An efficiency that a reader asks for, and how a task that reaches it is spoken of.
struct Goal<'a> {
    threshold: &'a Threshold,
    plural: &'static str,
    singular: &'static str,
}

impl Goal<'_> {
    fn reached(&self) -> Option<String> {
        let work = in_line(self.threshold.work_s?);
        Some(format!("tasks {} from {work} of work on", self.plural))
    }
}

/// To pay, half and 90 % of what the workers can do: for two workers the first two are the same, and one never pays.
fn goals(engine: &EngineOverhead) -> Vec<Goal<'_>> {
    let goal = |efficiency, plural, singular| {
        engine.threshold(efficiency).map(|threshold| Goal {
            threshold,
            plural,
            singular,
        })
    };
    let pays = goal(engine.break_even(), "pay", "pays").filter(|_| engine.workers > 1);
    let half = goal(0.5, "reach 50 % efficiency", "reaches 50 % efficiency")
        .filter(|_| engine.workers != 2);
    let most = goal(0.9, "reach 90 % efficiency", "reaches 90 % efficiency");

    [pays, half, most].into_iter().flatten().collect()
}

/// The highest efficiency of the curve, in brackets.
fn best(engine: &EngineOverhead) -> String {
    let possible = engine
        .summary
        .curve
        .iter()
        .filter(|point| !point.is_impossible());
    let best = possible
        .map(|point| point.efficiency)
        .max_by(|one, other| one.median.total_cmp(&other.median));
    best.map_or_else(String::new, |best| {
        let speedup = three_digits(best.median * engine.workers as f64);
        format!(
            " (the best has {} {}, a speed-up of {speedup}x)",
            Percent(best.median),
            share_interval(best)
        )
    })
}

fn costs(overhead: &Overhead, paint: Paint) -> String {
    let headings = [
        "engine",
        "start-up",
        "task in\na batch",
        "round trip,\nawake",
        "round trip,\nasleep",
        "METG(50 %)",
    ];
    let mut table = plain(&headings, paint);
    for engine in &overhead.engines {
        let summary = &engine.summary;
        table.add_row(vec![
            name(engine),
            Seconds(engine.startup_s).to_string(),
            shown(summary.task_s),
            shown(summary.spinning_s),
            shown(summary.parked_s),
            engine.threshold(0.5).map_or_else(String::new, granularity),
        ]);
    }
    table.trim_fmt()
}

fn granularity(threshold: &Threshold) -> String {
    match (threshold.granularity_s, threshold.withheld) {
        (Some(granularity), _) => shown(granularity),
        (None, Some(Withheld::TooNoisy)) => "too noisy".to_owned(),
        (None, Some(Withheld::TooFewRounds)) => "no interval".to_owned(),
        (None, Some(Withheld::NotReached) | None) => "not reached".to_owned(),
    }
}

/// `1.23 µs [1.20, 1.31]`.
fn in_line(estimate: Estimate) -> String {
    shown(estimate).replace('\n', " ")
}

/// `[44, 52]`, in percent.
fn share_interval(share: Estimate) -> String {
    match (share.low, share.high) {
        (Some(low), Some(high)) => format!("[{:.0}, {:.0}]", low * 100.0, high * 100.0),
        _ => String::new(),
    }
}

/// `1.23 µs` above `[1.20, 1.31]`, in the same unit.
fn shown(estimate: Estimate) -> String {
    let median = Seconds(estimate.median).to_string();
    let (Some(low), high) = (estimate.low, estimate.high) else {
        return median;
    };
    let unit = Seconds(estimate.median).unit();
    let end = |value: f64| three_digits(value / unit.seconds);
    format!(
        "{median}\n[{}, {}]",
        end(low),
        high.map_or_else(|| "?".to_owned(), end)
    )
}

fn curve(engine: &EngineOverhead, paint: Paint) -> String {
    let columns = ["task's work", "efficiency", "95 % interval"];
    let heading = format!(
        "{:<10} {:>12} {:>11} {:>13}",
        name(engine),
        columns[0],
        columns[1],
        columns[2]
    );
    let mut lines = vec![paint.heading(&heading)];

    for point in &engine.summary.curve {
        let (work, share) = (
            Seconds(point.work_s).to_string(),
            Percent(point.efficiency.median).to_string(),
        );
        let interval = share_interval(point.efficiency);
        let line = format!(
            "{:<10} {work:>12} {share:>11} {interval:>13}  {}",
            "",
            bar(point)
        );
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Never longer than what is possible.
fn bar(point: &CurvePoint) -> String {
    if point.is_impossible() {
        return "not possible".to_owned();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to about 30"
    )]
    let blocks = (point.efficiency.median.clamp(0.0, 1.0) * BAR).round() as usize;
    "█".repeat(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::results::{OverheadRound, Rung, RungTimes};

    #[test]
    fn an_estimate_and_its_interval_share_a_unit() {
        let of = |median, low, high| shown(Estimate { median, low, high });
        assert_eq!(
            of(1.234e-6, Some(0.9e-6), Some(1.31e-6)),
            "1.23 µs\n[0.90, 1.31]"
        );
        assert_eq!(of(0.999_6e-3, Some(0.98e-3), None), "1.00 ms\n[0.98, ?]");
        assert_eq!(of(25e-9, None, None), "25.0 ns");
    }

    fn advice(efficiencies: &[(f64, f64)], workers: usize, rounds: usize) -> String {
        let tasks = 100 * workers;
        let rungs: Vec<Rung> = (0..efficiencies.len())
            .map(|doublings| Rung {
                steps: 1 << doublings,
                tasks,
            })
            .collect();
        let round = |number: usize| {
            let times = |(rung, &(middle, spread)): (&Rung, &(f64, f64))| {
                let work_s = 1e-6 * rung.steps as f64;
                // From -1 to 1 over the rounds.
                let place = 2.0 * number as f64 / (rounds as f64 - 1.0).max(1.0) - 1.0;
                RungTimes {
                    work_s,
                    wall_s: 100.0 * work_s / (middle + place * spread),
                }
            };
            OverheadRound {
                task_s: 1e-6,
                spinning_s: 1e-6,
                parked_s: 1e-6,
                rungs: rungs.iter().zip(efficiencies).map(times).collect(),
            }
        };
        let rounds = (0..rounds).map(round).collect();
        sentence(&EngineOverhead::of(("pool", workers), 0.1, tasks, rungs.clone(), rounds).unwrap())
    }

    #[test]
    fn the_advice_follows_from_the_rows_or_is_withheld() {
        let quiet = [
            (0.2, 0.01),
            (0.4, 0.01),
            (0.6, 0.01),
            (0.8, 0.01),
            (0.95, 0.01),
        ];
        assert_eq!(
            advice(&quiet, 2, 8),
            "tasks pay from 2.83 µs [2.73, 2.93] of work on; tasks reach 90 % efficiency from 11.5 µs [10.8, 12.2] \
             of work on"
        );
        assert_eq!(
            advice(&quiet, 2, 5),
            "no advice: intervals need 6 rounds, and there are 5 rounds"
        );
        // No row reaches 90 %, and a single round of each did.
        let noisy = [(0.28, 0.2), (0.47, 0.4), (0.65, 0.5), (0.6, 0.5)];
        assert_eq!(
            advice(&noisy, 2, 8),
            "the machine was too noisy to tell from how much work on tasks pay or reach 90 % efficiency"
        );
        let slow = [(0.1, 0.01), (0.4, 0.01), (0.3, 0.01)];
        assert_eq!(
            advice(&slow, 4, 8),
            "tasks pay from 1.53 µs [1.49, 1.57] of work on; no task that was tried reaches 50 % efficiency (the best \
             has 40 % [39, 41], a speed-up of 1.60x)"
        );
    }

    #[test]
    fn an_impossible_row_is_marked_and_not_believed() {
        let mut found = fixture::overhead();
        for round in &mut found.engines[0].rounds {
            round.rungs[2].wall_s /= 6.0;
        }
        let engine = &found.engines[0];
        let again = EngineOverhead::of(
            ("pool", 2),
            0.1,
            100,
            engine.rungs.clone(),
            engine.rounds.clone(),
        );
        found.engines = vec![again.unwrap()];
        let text = overhead(&found, false);
        assert!(text.contains("198 %    [196, 200]  not possible"), "{text}");
        assert!(
            text.contains("note: an efficiency above 100 % is not possible"),
            "{text}"
        );
    }

    #[test]
    fn the_table_fits_a_terminal_and_names_every_engine() {
        insta::assert_snapshot!(overhead(&fixture::overhead(), false));
    }

    #[test]
    fn colour_changes_no_text() {
        let coloured = overhead(&fixture::overhead(), true);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            overhead(&fixture::overhead(), false)
        );
    }
}
