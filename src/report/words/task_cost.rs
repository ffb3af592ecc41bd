//! What a task costs on an engine in words: how much work tasks need to pay, and what limits the
//! figures.

use crate::analysis::{CurvePoint, Estimate, TaskCost, Threshold, Withheld};
use crate::printable::printable;
use crate::results::{Measurement, Pair, Run, arm_label};
use crate::units::{Percent, Seconds, count, three_digits, two_decimals};

/// `pool 2`.
pub(in crate::report) fn name(cost: &TaskCost) -> String {
    printable(&arm_label(&cost.engine, cost.workers)).into_owned()
}

/// `[1.20, 1.31]`, in the unit that the median is shown in; empty without an interval.
pub(in crate::report) fn interval(estimate: Estimate) -> String {
    let unit = Seconds(estimate.median).unit();

    bracketed(estimate, |seconds| three_digits(seconds / unit.seconds))
}

/// `[44, 52]`, in per cent; empty without an interval.
pub(in crate::report) fn share_interval(share: Estimate) -> String {
    bracketed(share, |share| format!("{:.0}", share * 100.0))
}

fn bracketed(estimate: Estimate, end: impl Fn(f64) -> String) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", end(low), end(high)),
        _ => String::new(),
    }
}

/// What limits the figures of `costs`, a sentence each.
pub(in crate::report) fn limits(run: &Run, costs: &[TaskCost]) -> Vec<String> {
    let mut limits = Vec::new();

    let cpus = run.environment.usable_cpus;
    if costs.iter().any(|cost| cost.workers > cpus) {
        let cpus = count(cpus, "usable CPU");
        limits.push(format!(
            "there are more workers than the {cpus}: they share them"
        ));
    }
    if costs
        .iter()
        .flat_map(|cost| &cost.curve)
        .any(CurvePoint::is_impossible)
    {
        limits.push(
            "an efficiency above 100 % is not possible: the machine changed its pace while \
             measuring, and no advice rests on such a row"
                .to_owned(),
        );
    }
    limits
}

/// That other programs were in the way, if they were during any of the measurements.
pub(in crate::report) fn beside_others(run: &Run) -> Option<String> {
    let members = run
        .measurements
        .iter()
        .filter(|measurement| run.shows_task_cost(measurement));
    let summaries = members
        .flat_map(Measurement::pairs)
        .filter_map(Pair::summary);
    let busy = summaries.filter(|summary| summary.busy_machine);
    let others = busy.filter_map(|summary| summary.other_programs);
    let most = others.max_by(|a, b| a.cores.total_cmp(&b.cores))?;

    Some(format!(
        "other programs used up to {:.1} of the {} while this was measured: the figures say what \
         tasks cost beside them",
        most.cores,
        count(most.cpus, "CPU")
    ))
}

/// How much work tasks need, in one sentence: the thresholds of the curve with their intervals, and
/// the reason for those that are withheld.
pub(in crate::report) fn advice(cost: &TaskCost) -> String {
    if cost.curve.is_empty() {
        return "no advice: no batch of tasks with work is complete".to_owned();
    }

    let goals = goals(cost);
    let is_withheld = |goal: &&Goal<'_>, reason| goal.threshold.withheld == Some(reason);
    if goals
        .iter()
        .any(|goal| is_withheld(&goal, Withheld::TooFewRounds))
    {
        let (fewest, rounds) = (Estimate::fewest_values(), count(cost.rounds, "round"));
        return format!("no advice: intervals need {fewest} rounds, and there are {rounds}");
    }

    let mut clauses: Vec<String> = goals.iter().filter_map(Goal::reached).collect();
    let noisy = goals
        .iter()
        .filter(|goal| is_withheld(goal, Withheld::TooNoisy));
    let verbs: Vec<String> = noisy.map(|goal| format!("to {}", goal.verb)).collect();
    if !verbs.is_empty() {
        let verbs = verbs.join(" or ");
        clauses.push(format!(
            "the machine was too noisy to tell how much work tasks need {verbs}"
        ));
    }
    // What does not reach the lowest goal does not reach a higher one.
    if let Some(goal) = goals
        .iter()
        .find(|goal| is_withheld(goal, Withheld::NotReached))
    {
        clauses.push(format!(
            "no task that was tried is long enough to {}{}",
            goal.verb,
            best(cost)
        ));
    }
    if cost.workers == 1 {
        clauses.push("one worker is never faster than the plain loop".to_owned());
    }

    clauses.join("; ")
}

/// An efficiency that a reader asks for, and what tasks do that reach it.
struct Goal<'a> {
    threshold: &'a Threshold,
    verb: &'static str,
}

impl Goal<'_> {
    fn reached(&self) -> Option<String> {
        let work_s = self.threshold.work_s?;
        let work = format!("{} {}", Seconds(work_s.median), interval(work_s));

        Some(format!("tasks {} with at least {work} of work", self.verb))
    }
}

/// To pay, half and 90 % of what the workers can do: for two workers the first two are the same,
/// and one worker never pays.
fn goals(cost: &TaskCost) -> Vec<Goal<'_>> {
    let goal = |efficiency, verb| {
        let threshold = cost.threshold(efficiency)?;
        Some(Goal { threshold, verb })
    };
    let pay = goal(cost.break_even(), "pay").filter(|_| cost.workers > 1);
    let half = goal(0.5, "reach 50 % efficiency").filter(|_| cost.workers != 2);
    let most = goal(0.9, "reach 90 % efficiency");

    [pay, half, most].into_iter().flatten().collect()
}

/// The highest efficiency of the curve, in brackets.
fn best(cost: &TaskCost) -> String {
    let possible = cost.curve.iter().filter(|point| !point.is_impossible());
    let efficiencies = possible.map(|point| point.efficiency);
    let best = efficiencies.max_by(|a, b| a.median.total_cmp(&b.median));

    best.map_or_else(String::new, |best| {
        format!(
            " (the best has an efficiency of {} {}, a speed-up of {}x)",
            Percent(best.median),
            share_interval(best),
            two_decimals(best.median * cost.workers as f64)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::ladders::{Ladder, Times};
    use crate::machine::OtherPrograms;
    use crate::report::fixture;
    use crate::results::Shape;

    #[test]
    fn an_interval_has_the_unit_of_its_median() {
        let interval = |median, low, high| interval(Estimate { median, low, high });
        assert_eq!(
            interval(1.234e-6, Some(0.9e-6), Some(1.31e-6)),
            "[0.90, 1.31]"
        );
        assert_eq!(
            interval(0.999_6e-3, Some(0.98e-3), Some(1.2e-3)),
            "[0.98, 1.20]"
        );
        assert_eq!(interval(25e-9, None, None), "");
    }

    /// The efficiency of a row in the middle of its rounds, and how far the first and the last
    /// round are from it.
    struct Row {
        middle: f64,
        spread: f64,
    }

    impl Row {
        fn times(&self, steps: u64, workers: usize, rounds: usize) -> Vec<Times> {
            let serial_s = 100.0 * workers as f64 * 1e-6 * steps as f64;
            let time = |number: usize| {
                // From -1 to 1 over the rounds.
                let place = 2.0 * number as f64 / (rounds as f64 - 1.0).max(1.0) - 1.0;
                let efficiency = self.middle + place * self.spread;
                Times {
                    serial_s,
                    engine_s: serial_s / (workers as f64 * efficiency),
                }
            };

            (0..rounds).map(time).collect()
        }
    }

    fn advice_of(rows: &[(f64, f64)], workers: usize, rounds: usize) -> String {
        let mut ladder = Ladder::on("pool", workers);
        for (doublings, &(middle, spread)) in rows.iter().enumerate() {
            let (row, steps) = (Row { middle, spread }, 1 << doublings);
            let times = row.times(steps, workers, rounds);
            ladder = ladder.with(Shape::Batch, steps, 100 * workers, &times);
        }

        advice(&ladder.cost())
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
            advice_of(&quiet, 2, 8),
            "tasks pay with at least 2.83 µs [2.73, 2.93] of work; tasks reach 90 % efficiency \
             with at least 11.5 µs [10.8, 12.2] of work"
        );
        assert_eq!(
            advice_of(&quiet, 2, 5),
            "no advice: intervals need 6 rounds, and there are 4 rounds"
        );
        assert_eq!(
            advice_of(&quiet, 1, 8),
            "tasks reach 50 % efficiency with at least 2.83 µs [2.73, 2.93] of work; tasks reach \
             90 % efficiency with at least 11.5 µs [10.8, 12.2] of work; one worker is never \
             faster than the plain loop"
        );
        // No row reaches 90 %, and a single round of each did.
        let noisy = [(0.28, 0.2), (0.47, 0.4), (0.65, 0.5), (0.6, 0.5)];
        assert_eq!(
            advice_of(&noisy, 2, 8),
            "the machine was too noisy to tell how much work tasks need to pay or to reach 90 % \
             efficiency"
        );
        let slow = [(0.1, 0.01), (0.4, 0.01), (0.3, 0.01)];
        assert_eq!(
            advice_of(&slow, 4, 8),
            "tasks pay with at least 1.53 µs [1.49, 1.57] of work; no task that was tried is long \
             enough to reach 50 % efficiency (the best has an efficiency of 40 % [39, 41], a \
             speed-up of 1.60x)"
        );
    }

    #[test]
    fn empty_tasks_alone_give_no_advice() {
        let times = Row {
            middle: 0.2,
            spread: 0.01,
        }
        .times(1, 2, 8);
        let ladder = Ladder::on("pool", 2).with(Shape::Batch, 0, 200, &times);

        let advice = advice(&ladder.cost());
        assert_eq!(advice, "no advice: no batch of tasks with work is complete");
    }

    #[test]
    fn what_limits_the_figures_is_said_once_for_all_of_them() {
        let mut run = fixture::overhead();
        let others = OtherPrograms {
            cores: 1.3,
            cpus: 2,
        };
        for measurement in &mut run.measurements {
            for round in &mut measurement.rounds {
                round.machine.other_programs = Some(others);
            }
        }

        let others = beside_others(&run).unwrap();
        let limits = limits(&run, &run.task_costs());
        assert_eq!(limits.len(), 1, "{limits:?}");
        assert!(
            others.starts_with("other programs used up to 1.3 of the 2 CPUs"),
            "{limits:?}"
        );
        assert!(
            limits[0].starts_with("there are more workers than"),
            "{limits:?}"
        );
    }
}
