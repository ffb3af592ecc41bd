//! With how many workers, in words: the recommended number, what it costs, and what a further
//! worker adds.

use super::law::notable_fraction;
use super::more_workers::{further, longest_task, open, untried};
use super::percent::percent;
use super::ratio::{ends, interval, ratio, spaced};
use super::run::{busy, now, price};
use crate::analysis::{Cost, Recommendation, Series, Step, Summary};
use crate::results::{Pair, Run};
use crate::units::{Seconds, count};

/// The recommended number of workers, with what it brings and what more would add: `use 2 workers,
/// 1.95x as fast as serial [1.94, 1.98] for 1.02x the CPU time; a third cannot be tried on 2 CPUs`.
pub(in crate::report) fn recommendation(
    run: &Run,
    series: &Series<'_>,
    recommended: &Recommendation,
) -> String {
    let more = match (recommended.open_step, recommended.to_more) {
        (Some(step), _) if recommended.is_open => return undecided(series, step),
        (Some(step), _) => Some(open(series, step)),
        (None, Some(step)) => Some(further(run, series, step)),
        (None, None) => untried(run, series, recommended),
    };

    let pair = series.pair_at(recommended.arm);
    let details = [
        recommended.from_fewer.and_then(|step| added(series, step)),
        pair.and_then(|pair| notable_fraction(series, pair.workers())),
    ];
    let choice: Vec<String> = std::iter::once(choice(series, recommended))
        .chain(details.into_iter().flatten())
        .collect();
    let parts = std::iter::once(choice.join(", "))
        .chain(longest_task(series, recommended))
        .chain(more);

    parts.collect::<Vec<_>>().join("; ")
}

/// That the rounds cannot tell whether an arm is worth its workers: `cannot tell yet; pool 2 is
/// 1.14x as fast as serial [0.97, 1.31]`, or that it is faster, and maybe by too little.
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

/// What the last of the workers added, where fewer of them are no reference: `90 % [88, 93] faster
/// than with 2`.
fn added(series: &Series<'_>, step: Step) -> Option<String> {
    let measurement = series.measurement;

    (step.from != measurement.reference).then(|| {
        let fewer = measurement.arms[step.from].workers;
        format!("{} faster than with {fewer}", percent(step.gain))
    })
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

/// What the work costs on the recommended arm and in the plain loop: `pool 2 reserves 3.06 s of
/// core time and uses 2.97 s of CPU time; serial reserves 2.92 s of core time ...; serial reserves
/// the least`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;
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
    fn another_program_is_no_second_worker() {
        let mut slower = measurement(&[1, 2], 12, |_| 1.3, 3);
        for arm in slower.arms.iter_mut().skip(1) {
            arm.engine = crate::results::OWN.to_owned();
        }

        let sentence = said(slower, 2);
        assert!(
            sentence.starts_with("use the serial program; own 1 takes 30 % [30, 30] longer"),
            "{sentence}"
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

    /// Two workers whose tasks wait, one of which takes long.
    fn waiting() -> Measurement {
        let mut measurement = measurement(&[2], 12, |_| 0.5, 3);
        measurement.tasks = 7;
        for round in &mut measurement.rounds {
            round.times[0].cpu = Some(CpuUse {
                user_s: 0.3,
                system_s: 0.0,
                preemptions: None,
                waited_s: Some(0.0),
            });
            round.times[1].busy = Some(Busy {
                total_s: 1.0,
                busiest_s: 0.5,
                longest_s: 0.4,
            });
        }

        measurement
    }

    #[test]
    fn beside_other_programs_no_cause_is_named() {
        let quiet = said(waiting(), 2);
        assert!(quiet.contains("wait most of the time"), "{quiet}");
        assert!(quiet.contains("longest task"), "{quiet}");

        let mut measurement = waiting();
        for round in &mut measurement.rounds {
            round.machine.other_programs = Some(OtherPrograms {
                cores: 1.0,
                cpus: 2,
            });
        }
        let busy = said(measurement, 2);
        assert!(busy.starts_with("use 2 workers now, "), "{busy}");
        assert!(
            !busy.contains("wait most") && !busy.contains("longest task"),
            "{busy}"
        );
    }

    #[test]
    fn tasks_that_wait_for_a_cpu_want_no_more_workers() {
        let mut measurement = waiting();
        for round in &mut measurement.rounds {
            let cpu = round.times[0].cpu.as_mut().unwrap();
            cpu.waited_s = Some(0.5);
        }

        let sentence = said(measurement, 2);
        assert!(!sentence.contains("wait most"), "{sentence}");
    }

    #[test]
    fn what_the_last_workers_added_is_said() {
        let sentence = said(measurement(&[2, 4], 12, |workers| 1.0 / workers, 3), 8);

        assert!(
            sentence.contains(" times the cores, 100 % [100, 100] faster than with 2; more were"),
            "{sentence}"
        );
    }

    #[test]
    fn workers_that_are_open_follow_those_that_are_certain() {
        let mut measurement = measurement(&[2, 4], 12, |_| 0.5, 3);
        for (number, round) in measurement.rounds.iter_mut().enumerate() {
            round.times[2].wall_s *= if number % 2 == 0 { 0.7 } else { 1.05 };
        }

        let sentence = said(measurement, 8);
        assert!(sentence.starts_with("use 2 workers, 2.0"), "{sentence}");
        assert!(
            sentence.contains("; whether 4 are worth it is open ("),
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
}
