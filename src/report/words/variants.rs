//! What another command does beside the first one, and how cores are best cut into tasks and
//! threads, in words.

use super::command::Command;
use super::ratio::{ends, interval, ratio, spaced};
use super::run::now;
use crate::analysis::{Estimate, Series, Versus};
use crate::results::{Measurement, Pair};
use crate::units::count;

/// How the other command compares with the first one: `gzip -1 {} is 1.31x as fast as gzip -9 {}
/// [1.28, 1.36] in the plain loop: faster`. One worker of an engine is left out beside the loop.
/// Empty where there is no other command.
pub(in crate::report) fn versus(measurement: &Measurement) -> Vec<String> {
    let command = Command::of(measurement);
    let commands = command.and_then(|first| Some((first.other()?, first.line)));
    // Cut short, two long commands may read the same.
    let (other, first) = commands
        .filter(|(other, first)| other != first)
        .unwrap_or_else(|| ("the other command".to_owned(), "the first one".to_owned()));

    let sentence = |versus: Versus| {
        let gain = versus.gain;
        let own_gain = versus.over_first.map_or_else(String::new, |(first, gain)| {
            format!(
                "; it is {} as fast as {}{}",
                ratio(gain.median),
                first_place(measurement, first),
                range(gain)
            )
        });

        format!(
            "{other} is {} as fast as {first}{} {}: {}{own_gain}",
            ratio(gain.median),
            range(gain),
            place(measurement, versus.beside),
            grade(gain, measurement, versus.arm)
        )
    };
    let is_reported = |versus: &Versus| {
        let arm = &measurement.arms[versus.beside];
        arm.is_serial() || arm.workers > 1 || measurement.has_own_workers()
    };
    let all = measurement.versus().into_iter();
    all.filter(is_reported).map(sentence).collect()
}

/// Where an arm runs: `in the plain loop`, `on pool 2`, `with 2 workers`.
fn place(measurement: &Measurement, index: usize) -> String {
    let arm = &measurement.arms[index];

    if arm.is_serial() {
        "in the plain loop".to_owned()
    } else if measurement.has_own_workers() {
        format!("with {}", count(arm.workers, "worker"))
    } else {
        format!("on {}", arm.label())
    }
}

/// Where the first arm of the other command runs, `first`: `in its own plain loop`, `with 1 worker`.
fn first_place(measurement: &Measurement, first: usize) -> String {
    if measurement.has_own_workers() {
        place(measurement, first)
    } else {
        "in its own plain loop".to_owned()
    }
}

fn grade(gain: Estimate, measurement: &Measurement, arm: usize) -> String {
    let pair = Pair {
        measurement,
        index: arm,
    };
    let now = pair.summary().map_or("", |summary| now(&summary));
    let grade = match (gain.low, gain.high) {
        (Some(low), _) if low > 1.0 => "faster",
        (_, Some(high)) if high < 1.0 => "slower",
        _ => "no difference shown",
    };

    format!("{grade}{now}")
}

fn range(gain: Estimate) -> String {
    spaced(&ends(gain.low, gain.high))
}

/// The best split of the cores: `use 2 tasks at once with 1 thread each, 1.92x as fast as serial
/// [1.90, 1.94]; 1 task at once with 2 threads is 1.71x [1.70, 1.73]`. `None` where no arm is one.
pub(in crate::report) fn best_split(measurement: &Measurement) -> Option<String> {
    let splits = measurement.splits()?;
    let best = splits.recommendation()?;
    if let Some(step) = best.open_step.filter(|_| best.is_open) {
        let name = |arm: usize| {
            splits
                .pair_at(arm)
                .map_or("the plain loop".to_owned(), split)
        };
        return Some(format!(
            "cannot tell the best split yet: {} is {} as fast as {}{}",
            name(step.to),
            ratio(step.gain.median),
            name(step.from),
            range(step.gain)
        ));
    }
    let chosen = match splits.pair_at(best.arm) {
        None => "use the plain loop".to_owned(),
        Some(pair) => format!(
            "use {}, {} as fast as {}{}",
            split(pair),
            speedup(pair)?,
            measurement.reference_arm().label(),
            spaced(&pair.summary().map(|summary| interval(&summary))?)
        ),
    };

    let parts = std::iter::once(chosen).chain(others(&splits, best.arm));
    Some(parts.collect::<Vec<_>>().join("; "))
}

/// The other splits, by falling speed-up.
fn others(splits: &Series<'_>, best: usize) -> Vec<String> {
    let others = splits.pairs.iter().filter(|pair| pair.index != best);
    let mut others: Vec<_> = others
        .filter_map(|&pair| Some((pair, pair.summary()?)))
        .collect();
    others.sort_by(|a, b| b.1.speedup.total_cmp(&a.1.speedup));

    others
        .iter()
        .map(|(pair, summary)| {
            format!(
                "{} is {}{}",
                split(*pair),
                ratio(summary.speedup),
                spaced(&interval(summary))
            )
        })
        .collect()
}

fn speedup(pair: Pair<'_>) -> Option<String> {
    pair.summary().map(|summary| ratio(summary.speedup))
}

/// `2 tasks at once with 1 thread each`, and on which engine where there are several.
fn split(pair: Pair<'_>) -> String {
    let Some((tasks, threads)) = pair.arm().split() else {
        return pair.arm().label();
    };
    let suffix = if tasks == 1 { "" } else { " each" };

    let engine = pair.arm().engine_of_split();
    let is_only = pair.measurement.pairs().all(|other| {
        let other = other.arm().engine_of_split();
        other.is_none() || other == engine
    });
    let engine = engine.filter(|_| !is_only);

    format!(
        "{} at once with {}{suffix}{}",
        count(tasks, "task"),
        count(threads, "thread"),
        engine.map_or_else(String::new, |engine| format!(" on {engine}"))
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::scaled::measurement;

    #[test]
    fn commands_are_compared_engine_by_engine() {
        // The other command takes 0.5 s in its loop and 0.4 s on two workers, the first one 1 s and
        // 0.8 s.
        let time = |arm: f64| match arm {
            1.0 => 0.5,
            2.0 => 0.8,
            _ => 0.4,
        };
        let mut measurement = measurement(&[1, 2, 3], 12, time, 1);
        measurement.params = json!({"command": ["slow"], "vs": {"command": ["quick"]}});
        for (arm, (engine, workers)) in [("vs-serial", 1), ("pool", 2), ("vs-pool", 2)]
            .into_iter()
            .enumerate()
        {
            measurement.arms[arm + 1].engine = engine.to_owned();
            measurement.arms[arm + 1].workers = workers;
        }

        let sentences = versus(&measurement);
        assert_eq!(
            sentences,
            [
                "quick is 2.00x as fast as slow [2.00, 2.00] in the plain loop: faster",
                "quick is 2.00x as fast as slow [2.00, 2.00] on pool 2: faster; it is 1.25x as fast as in \
                 its own plain loop [1.25, 1.25]",
            ]
        );
        assert_eq!(measurement.series().len(), 1, "only the first one's pool");

        for (arm, (engine, workers)) in [("own", 1), ("vs-own", 1), ("own", 2), ("vs-own", 2)]
            .into_iter()
            .enumerate()
        {
            measurement.arms[arm].engine = engine.to_owned();
            measurement.arms[arm].workers = workers;
        }
        assert_eq!(
            versus(&measurement)[1],
            "quick is 2.00x as fast as slow [2.00, 2.00] with 2 workers: faster; it is 1.25x as fast as with 1 worker \
             [1.25, 1.25]"
        );
    }

    #[test]
    fn the_best_split_is_named_before_the_others() {
        let mut measurement = measurement(&[2, 4], 12, |n| if n < 3.0 { 0.6 } else { 0.3 }, 1);
        measurement.arms[1].engine = "2-thread-pool".to_owned();
        measurement.arms[2].engine = "1-thread-pool".to_owned();

        assert_eq!(
            best_split(&measurement).unwrap(),
            "use 4 tasks at once with 1 thread each, 3.33x as fast as serial [3.33, 3.34]; 1 task at once with 2 \
             threads is 1.67x [1.67, 1.67]"
        );
    }
}
