//! With how many workers, in words: the recommended number, what it costs, and what a further
//! worker adds.

use super::cause::cause;
use super::ratio::{ends, interval, ratio, spaced};
use super::run::{now, price};
use crate::results::{Cost, Estimate, Pair, Recommendation, Run, Series, Step, Summary};
use crate::units::{Seconds, count};

/// The share of its workers that an arm keeps busy below which its tasks mostly wait.
const MOSTLY_WAITING: f64 = 0.5;

/// The share of an arm's time that makes its longest task the limit.
const MOST_OF_ALL: f64 = 0.65;

/// The recommended number of workers, with what it brings and what more would add: `use 2 workers,
/// 1.95x as fast as serial [1.94, 1.98] for 1.02x the CPU time; a third cannot be tried on 2 CPUs`.
pub(in crate::report) fn recommendation(
    run: &Run,
    series: &Series<'_>,
    recommended: &Recommendation,
) -> String {
    if let Some(step) = recommended.open_step() {
        return undecided(series, step);
    }

    let more = match recommended.to_more {
        Some(step) => Some(further(run, series, step)),
        None => untried(run, series, recommended),
    };
    let parts = std::iter::once(choice(series, recommended))
        .chain(longest_task(series, recommended))
        .chain(more);

    parts.collect::<Vec<_>>().join("; ")
}

/// That the rounds cannot tell whether an arm is worth its workers: `cannot tell yet; pool 2 is 1.14x as
/// fast as serial [0.97, 1.31]`, or that it is faster, and maybe by too little.
fn undecided(series: &Series<'_>, step: Step) -> String {
    let label = |arm: usize| series.measurement.arms[arm].label();
    let when = match busy(series) {
        "" => "yet",
        _ => "now",
    };

    let to = label(step.to);
    let what = if step.gain.low.is_some_and(|low| low > 1.0) {
        format!(" whether {to} is worth the cores; it")
    } else {
        format!("; {to}")
    };
    format!(
        "cannot tell {when}{what} is {} as fast as {}{}, more rounds (-r) or a quieter machine would tell",
        ratio(step.gain.median),
        label(step.from),
        spaced(&ends(step.gain.low, step.gain.high)),
    )
}

fn choice(series: &Series<'_>, recommended: &Recommendation) -> String {
    let measurement = series.measurement;
    let arm = &measurement.arms[recommended.arm];
    let pair = series.pair_at(recommended.arm);

    match pair.and_then(|pair| Some((pair, pair.summary()?))) {
        None if measurement.has_own_workers() => format!("use the serial program{}", busy(series)),
        None if arm.is_serial() => format!("use 1 worker{}, the plain loop", busy(series)),
        Some((pair, _)) if pair.index == measurement.reference => {
            format!("use {}{}", count(arm.workers, "worker"), busy(series))
        }
        None => format!("use {}", arm.label()),
        Some((pair, summary)) => format!(
            "use {}{}, {} as fast as {}{}{}{}",
            count(arm.workers, "worker"),
            now(&summary),
            ratio(summary.speedup),
            measurement.reference_arm().label(),
            spaced(&interval(&summary)),
            price(pair, &summary),
            too_much(pair, &summary)
        ),
    }
}

/// That a speed-up beside other programs is more than the workers can bring.
fn too_much(pair: Pair<'_>, summary: &Summary) -> String {
    let least = summary.speedup_low.filter(|_| summary.busy_machine);

    match least {
        Some(least) if least > pair.workers() as f64 => format!(
            " (more than {} can bring: other programs held {} up, measure on a quiet machine)",
            count(pair.workers(), "worker"),
            pair.measurement.reference_arm().label()
        ),
        _ => String::new(),
    }
}

/// What the next larger number of workers would add, and why it is not more.
fn further(run: &Run, series: &Series<'_>, step: Step) -> String {
    let arms = &series.measurement.arms;
    let (fewer, more) = (arms[step.from].workers, arms[step.to].workers);
    let (who, verb_ending) = match more.checked_sub(fewer) {
        Some(1) => (format!("{} one", one_more(more)), "s"),
        _ => (more.to_string(), ""),
    };
    let is_certain = step
        .gain
        .low
        .zip(step.gain.high)
        .is_some_and(|(low, high)| low > 1.0 || high < 1.0);
    let worth = series.measurement.worth;
    let may_be_much = step.gain.high.is_some_and(|high| high > worth);
    let change = if !is_certain && may_be_much {
        let gain = percent(step.gain);
        format!("the gain of {who} is not clear yet ({gain})")
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
fn untried(run: &Run, series: &Series<'_>, recommended: &Recommendation) -> Option<String> {
    let cpus = run.environment.usable_cpus;
    let workers = series.measurement.arms[recommended.arm].workers;
    let is_elsewhere = series.pairs.iter().any(|pair| pair.placement().elsewhere);

    match workers {
        _ if is_elsewhere => None,
        workers if workers == cpus && waits(series, recommended) => Some(format!(
            "its tasks wait most of the time, so that more workers than CPUs may pay: try -j {},{}",
            2 * cpus,
            4 * cpus
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

/// That one task takes so long that more workers bring little, where it does.
fn longest_task(series: &Series<'_>, recommended: &Recommendation) -> Option<String> {
    let pair = series.pair_at(recommended.fastest)?;
    let summary = pair.summary()?;
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

/// Whether the tasks wait most of the time, already one after another, and there are enough of them for
/// more workers.
fn waits(series: &Series<'_>, recommended: &Recommendation) -> bool {
    let measurement = series.measurement;
    let workers = measurement.arms[recommended.arm].workers;
    let reference = Pair {
        measurement,
        index: measurement.reference,
    };
    let has_more = measurement.has_own_workers() || measurement.tasks > workers;

    has_more
        && reference
            .cores_used()
            .is_some_and(|cores| cores < MOSTLY_WAITING)
}

/// What the work costs on the recommended arm and in the plain loop: `pool 2 reserves 3.06 s of core
/// time and uses 2.97 s of CPU time; serial reserves 2.92 s of core time ...; serial reserves the least`.
pub(in crate::report) fn costs(series: &Series<'_>, recommended: &Recommendation) -> String {
    let arms = &series.measurement.arms;
    let label = |arm: usize| arms[arm].label();
    let cost = |cost: Cost| match cost.used_cpu_s {
        Some(used_s) => format!(
            "{} of core time and uses {} of CPU time",
            Seconds(cost.reserved_core_s),
            Seconds(used_s)
        ),
        None => format!("{} of core time", Seconds(cost.reserved_core_s)),
    };
    let reference = series.measurement.reference;

    let mut parts = vec![format!(
        "{} reserves {}",
        label(recommended.arm),
        cost(recommended.cost)
    )];
    if recommended.arm != reference {
        parts.push(format!(
            "{} reserves {}",
            label(reference),
            cost(recommended.reference_cost)
        ));
    }
    if recommended.cheapest != recommended.arm {
        let cheapest = label(recommended.cheapest);
        parts.push(format!("{cheapest} reserves the least"));
    }
    parts.join("; ")
}

fn busy(series: &Series<'_>) -> &'static str {
    let summaries = series.pairs.iter().filter_map(|pair| pair.summary());

    summaries.map(|summary| now(&summary)).max().unwrap_or("")
}

/// By how much something is faster: `3 % [1, 5]`.
fn percent(gain: Estimate) -> String {
    // No minus before a zero.
    let of = |gain: f64| format!("{:.0}", ((gain - 1.0) * 100.0).round() + 0.0);

    match (gain.low, gain.high) {
        (Some(low), Some(high)) => format!("{} % [{}, {}]", of(gain.median), of(low), of(high)),
        _ => format!("{} %", of(gain.median)),
    }
}

fn inverse(gain: Estimate) -> Estimate {
    Estimate {
        median: 1.0 / gain.median,
        low: gain.high.map(|high| 1.0 / high),
        high: gain.low.map(|low| 1.0 / low),
    }
}

/// `a second`, `an 8th`.
fn one_more(number: usize) -> String {
    let ordinal = ordinal(number);
    let is_spoken_with_a_vowel = matches!(number, 11 | 18) || ordinal.starts_with('8');
    let article = if is_spoken_with_a_vowel { "an" } else { "a" };

    format!("{article} {ordinal}")
}

/// `second`, `third`, `24th`.
pub(in crate::report) fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };

    match number {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        4 => "fourth".to_owned(),
        5 => "fifth".to_owned(),
        number => format!("{number}{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::results::scaled::measurement;
    use crate::results::{Busy, CpuUse, Measurement};

    fn said(measurement: Measurement, cpus: usize) -> String {
        let mut run = fixture::of(vec![measurement]);
        run.environment.usable_cpus = cpus;
        let series = run.measurements[0].series();
        let recommended = series[0].recommendation().unwrap();

        recommendation(&run, &series[0], &recommended)
    }

    #[test]
    fn the_number_comes_with_what_it_brings_and_what_more_would_add() {
        let time = |workers: f64| (1.02 / workers).max(0.5);
        let sentence = said(measurement(&[1, 2, 4], 12, time, 3), 8);

        assert!(
            sentence.starts_with("use 2 workers, 1.96x as fast as serial [1.96, 1.96] for "),
            "{sentence}"
        );
        assert!(sentence.contains("; 4 add 2 % [2, 2]"), "{sentence}");
    }

    #[test]
    fn the_plain_loop_is_recommended_where_a_second_worker_adds_nothing() {
        let sentence = said(measurement(&[2], 12, |_| 0.97, 3), 2);

        assert!(
            sentence.starts_with(
                "use 1 worker, the plain loop; a second one adds 3 % [3, 3] for twice the cores"
            ),
            "{sentence}"
        );
    }

    #[test]
    fn what_may_gain_much_or_nothing_is_open_and_has_no_cause() {
        let mut measurement = measurement(&[2], 12, |_| 0.5, 3);
        for (number, round) in measurement.rounds.iter_mut().enumerate() {
            let time = &mut round.times[1];
            time.wall_s = if number % 2 == 0 { 0.5 } else { 1.1 };
            time.busy = Some(Busy {
                total_s: 0.8,
                busiest_s: 0.45,
                longest_s: 0.0,
            });
        }

        let sentence = said(measurement, 2);
        assert!(
            sentence.starts_with("cannot tell yet; pool 2 is 1.44x as fast as serial ["),
            "{sentence}"
        );
        assert!(!sentence.contains("dispatch"), "{sentence}");
    }

    #[test]
    fn the_largest_number_says_whether_more_could_be_tried() {
        let time = |workers: f64| 1.0 / workers;

        assert!(
            said(measurement(&[1, 2], 12, time, 3), 2)
                .ends_with("; a third cannot be tried on 2 CPUs")
        );
        assert!(
            said(measurement(&[1, 2], 12, time, 3), 8)
                .ends_with("; more were not tried, -j sweep tries up to 8")
        );
    }

    #[test]
    fn the_longest_task_bounds_what_workers_bring() {
        // One task of 0.4 s, and 6 of 0.1 s.
        let with_longest = |longest_s: f64| {
            let mut measurement = measurement(&[2], 12, |_| 0.5, 3);
            measurement.tasks = 7;
            for round in &mut measurement.rounds {
                round.times[1].busy = Some(Busy {
                    total_s: 1.0,
                    busiest_s: 0.5,
                    longest_s,
                });
            }
            said(measurement, 2)
        };

        let sentence = with_longest(0.4);
        let bound = "; the longest task takes 400 ms of 498 ms, which bounds the gain of any number of workers at 2.4";
        assert!(sentence.contains(bound), "{sentence}");
        assert!(!with_longest(0.15).contains("longest task"));
    }

    #[test]
    fn tasks_that_wait_may_want_more_workers_than_cpus() {
        let mut measurement = measurement(&[2], 12, |_| 0.5, 3);
        for round in &mut measurement.rounds {
            round.times[0].cpu = Some(CpuUse {
                user_s: 0.02,
                system_s: 0.0,
                preemptions: None,
                waited_s: None,
            });
        }

        let sentence = said(measurement, 2);
        assert!(
            sentence.ends_with("that more workers than CPUs may pay: try -j 4,8"),
            "{sentence}"
        );
    }

    #[test]
    fn costs_are_told_beside_those_of_the_loop() {
        let measurement = measurement(&[2], 12, |_| 0.51, 3);
        let series = measurement.series();
        let recommended = series[0].recommendation().unwrap();

        assert_eq!(
            costs(&series[0], &recommended),
            "pool 2 reserves 1.02 s of core time; serial reserves 996 ms of core time; serial reserves the least"
        );
    }

    #[test]
    fn ordinals_have_their_article() {
        let words = [2, 7, 8, 11, 17, 18, 81].map(one_more);

        assert_eq!(
            words,
            [
                "a second", "a 7th", "an 8th", "an 11th", "a 17th", "an 18th", "an 81st"
            ]
        );
    }

    #[test]
    fn ordinals_are_english() {
        let words = [2, 3, 4, 6, 11, 12, 21, 22, 23, 103, 113].map(ordinal);

        assert_eq!(
            words,
            [
                "second", "third", "fourth", "6th", "11th", "12th", "21st", "22nd", "23rd",
                "103rd", "113th"
            ]
        );
    }
}
