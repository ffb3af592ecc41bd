//! What more workers than the recommended ones would bring, in words.

use super::cause::cause;
use super::ordinal::one_more;
use super::percent::percent;
use super::ratio::{ends, ratio, spaced};
use super::run::busy;
use crate::analysis::{Estimate, MOSTLY_WAITING, Recommendation, Series, Step};
use crate::results::{Pair, Run};
use crate::units::{Seconds, count};

/// The share of an arm's time that makes its longest task the limit.
const MOST_OF_ALL: f64 = 0.65;
/// A gain whose interval reaches below this may be a loss that matters.
const MOST_LOST: f64 = 0.75;

/// What the next larger number of workers would add, and why it is not more.
pub(super) fn further(run: &Run, series: &Series<'_>, step: Step) -> String {
    let arms = &series.measurement.arms;
    let (fewer, more) = (arms[step.from].workers, arms[step.to].workers);
    let (who, verb_ending) = who(series, step);
    let is_certain = step
        .gain
        .low
        .zip(step.gain.high)
        .is_some_and(|(low, high)| low > 1.0 || high < 1.0);
    let is_wide = step.gain.low.is_some_and(|low| low < MOST_LOST);
    let change = if !is_certain && is_wide {
        let gain = percent(step.gain);
        format!("what {who} add{verb_ending} cannot be told ({gain})")
    } else if !is_certain {
        let gain = percent(step.gain);
        format!("{who} add{verb_ending} nothing measurable ({gain})")
    } else if step.gain.median >= 1.0 {
        format!("{who} add{verb_ending} {}", percent(step.gain))
    } else {
        format!("{who} take{verb_ending} {}", longer(inverse(step.gain)))
    };
    let cost = match (fewer, more) {
        (1, 2) => " for twice the cores".to_owned(),
        (1, 3..) => format!(" for {more} times the cores"),
        _ => String::new(),
    };

    // What may well gain in full lacks nothing that has a cause.
    let half = 1.0 + (more as f64 / fewer as f64 - 1.0) / 2.0;
    let is_short = step.gain.high.is_some_and(|high| high < half);
    let to = series.pair_at(step.to).filter(|_| is_short);
    let why = to.and_then(|pair| {
        let shortfall = pair.shortfall(&pair.summary()?)?;
        Some(format!(": {}", cause(run, pair, shortfall.cause)))
    });
    format!("{change}{cost}{}", why.unwrap_or_default())
}

/// That the rounds leave open whether a larger number is worth its workers.
pub(super) fn open(series: &Series<'_>, step: Step) -> String {
    let (who, verb_ending) = who(series, step);
    let is_are = if verb_ending.is_empty() { "are" } else { "is" };

    format!(
        "whether {who} {is_are} worth it is open ({})",
        percent(step.gain)
    )
}

/// The workers that are added, and the ending of their verb: `a third one`, `4`. Where the step is
/// from a serial program to another one, that one.
fn who(series: &Series<'_>, step: Step) -> (String, &'static str) {
    let arms = &series.measurement.arms;
    let (fewer, more) = (arms[step.from].workers, arms[step.to].workers);

    match more.checked_sub(fewer) {
        _ if is_to_other_program(series, step) => (arms[step.to].label(), "s"),
        Some(1) => (format!("{} one", one_more(more)), "s"),
        _ => (more.to_string(), ""),
    }
}

/// Whether the step is from a serial program to one with workers of its own.
fn is_to_other_program(series: &Series<'_>, step: Step) -> bool {
    let measurement = series.measurement;

    measurement.has_own_workers() && measurement.arms[step.from].is_serial()
}

/// By how much something takes longer: `20 % [17, 22] longer`, or `5.61x [5.13, 7.16] as long`.
fn longer(times: Estimate) -> String {
    const MANY: f64 = 3.0;

    if times.median < MANY {
        format!("{} longer", percent(times))
    } else {
        let range = spaced(&ends(times.low, times.high));
        format!("{}{range} as long", ratio(times.median))
    }
}

/// That no larger number was measured, where one can be.
pub(super) fn untried(
    run: &Run,
    series: &Series<'_>,
    recommended: &Recommendation,
) -> Option<String> {
    let cpus = run.environment.usable_cpus;
    let measurement = series.measurement;
    let workers = measurement.arms[recommended.arm].workers;
    let is_elsewhere = series.pairs.iter().any(|pair| pair.placement().elsewhere);
    // No more workers than tasks have something to do.
    let most = if measurement.has_own_workers() {
        usize::MAX
    } else {
        measurement.tasks
    };
    let mut counts = [2, 4].map(|times| (times * cpus).min(most)).to_vec();
    counts.dedup();

    match workers {
        _ if is_elsewhere => None,
        workers if workers == cpus && waits(series) && is_bounded(series, recommended) => None,
        workers if workers == cpus && waits(series) && most > workers => Some(format!(
            "its tasks wait most of the time, so that more workers than CPUs may pay: try -j {}",
            listed(&counts)
        )),
        workers if workers == cpus => Some(format!(
            "{} cannot be tried on {}",
            one_more(workers + 1),
            count(cpus, "CPU")
        )),
        workers if workers > cpus => Some("more were not tried".to_owned()),
        _ => Some(format!("more were not tried, -j sweep tries up to {cpus}")),
    }
}

/// That one task takes so long that more workers bring little, where it does. Beside other programs
/// any task may take long.
pub(super) fn longest_task(series: &Series<'_>, recommended: &Recommendation) -> Option<String> {
    let pair = series.pair_at(recommended.fastest)?;
    let summary = pair.summary().filter(|summary| !summary.busy_machine)?;
    let (longest_s, bound) = pair.longest_task()?;
    if longest_s < MOST_OF_ALL * summary.arm.median_s {
        return None;
    }

    Some(format!(
        "the longest task takes {} of {}, which bounds the gain of any number of workers at {}{}",
        Seconds(longest_s),
        Seconds(summary.arm.median_s),
        ratio(bound.median),
        spaced(&ends(bound.low, bound.high))
    ))
}

/// Whether the longest task leaves no gain that is worth having.
fn is_bounded(series: &Series<'_>, recommended: &Recommendation) -> bool {
    let bound = series.pair_at(recommended.fastest).and_then(|pair| {
        let (_, bound) = pair.longest_task()?;
        Some((bound.median, pair.summary()?))
    });

    bound.is_some_and(|(bound, summary)| bound < summary.speedup * summary.worth)
}

/// Whether the tasks wait most of the time, already one after another. Not for a CPU: beside other
/// programs that is not known.
fn waits(series: &Series<'_>) -> bool {
    let measurement = series.measurement;
    let reference = Pair {
        measurement,
        index: measurement.reference,
    };
    let is_quiet = busy(series).is_empty();

    is_quiet
        && reference
            .cores_wanted()
            .is_some_and(|cores| cores < MOSTLY_WAITING)
}

/// `4,8`.
fn listed(counts: &[usize]) -> String {
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();

    counts.join(",")
}

fn inverse(gain: Estimate) -> Estimate {
    Estimate {
        median: 1.0 / gain.median,
        low: gain.high.map(|high| 1.0 / high),
        high: gain.low.map(|low| 1.0 / low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::report::fixture;

    /// What two workers are said to add to one where the gain's interval is this.
    fn said(low: f64, median: f64, high: f64) -> String {
        let run = fixture::of(vec![measurement(&[1, 2], 8, |workers| 1.0 / workers, 1)]);
        let series = run.measurements[0].series();
        let gain = Estimate {
            median,
            low: Some(low),
            high: Some(high),
        };
        let (from, to) = (1, 2);

        further(&run, &series[0], Step { from, to, gain })
    }

    #[test]
    fn what_may_be_a_great_loss_is_not_called_nothing() {
        let little = said(0.9, 0.98, 1.05);
        assert!(
            little.starts_with("a second one adds nothing measurable (-2 % [-10, 5])"),
            "{little}"
        );
        let wide = said(0.1, 0.14, 1.04);
        assert!(
            wide.starts_with("what a second one adds cannot be told (-86 % [-90, 4])"),
            "{wide}"
        );
        let certain = said(0.5, 0.6, 0.7);
        assert!(certain.starts_with("a second one takes "), "{certain}");
    }
}
