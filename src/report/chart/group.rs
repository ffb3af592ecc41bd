//! What stands together in the bar chart: one measurement, with a bar for each of its arms. No
//! places, no axis: those are up to the layout.

use plotters::style::RGBColor;

use super::page::{LegendEntry, SERIAL_FILL};
use crate::results::{Arm, ArmFigures, Measurement, Pair, Run, SERIAL};
use crate::units::Ratio;

/// Of Okabe and Ito's colours, for engines in the order of their first arm; more start over.
const ENGINES: [RGBColor; 4] = [
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(213, 94, 0),
];

/// The bars of one measurement.
pub(super) struct Group {
    pub(super) labels: Vec<String>,
    /// One for each arm; empty without a complete round.
    pub(super) bars: Vec<Bar>,
}

/// One arm's bar.
pub(super) struct Bar {
    pub(super) figures: ArmFigures,
    pub(super) fill: RGBColor,
    /// What the arm made of the work, unless it is the reference.
    pub(super) speedup: Option<String>,
    /// Its number of workers, where these differ within the run.
    pub(super) workers: Option<String>,
}

/// What each colour stands for: the plain loop's, then each engine's.
pub(super) fn legend(run: &Run) -> Vec<LegendEntry> {
    let engines = engines(run);
    let entry = |engine: &&str| LegendEntry {
        name: (*engine).to_owned(),
        fill: colour(&engines, engine),
    };

    let mut legend: Vec<LegendEntry> = engines.iter().map(entry).collect();
    legend.sort_by_key(|entry| entry.name != SERIAL);
    legend
}

/// The groups of `run`, in the order of its measurements.
pub(super) fn groups(run: &Run) -> Vec<Group> {
    let engines = engines(run);
    let names_workers = names_workers(run);

    run.measurements
        .iter()
        .map(|measurement| Group {
            labels: labels(run, measurement),
            bars: bars(measurement, &engines, names_workers),
        })
        .collect()
}

fn labels(run: &Run, measurement: &Measurement) -> Vec<String> {
    let workload = measurement.workload.clone();
    let remark = remark(measurement).map(str::to_owned);

    [Some(workload), run.variant(measurement), remark]
        .into_iter()
        .flatten()
        .collect()
}

/// What a reader must know of a measurement's bars.
fn remark(measurement: &Measurement) -> Option<&'static str> {
    if measurement.rounds.is_empty() {
        Some("no complete round")
    } else if measurement.steady().next().is_none() {
        Some("cold round only")
    } else {
        None
    }
}

fn bars(measurement: &Measurement, engines: &[&str], names_workers: bool) -> Vec<Bar> {
    let arms = measurement.arms.iter().enumerate();
    let bar = |(index, arm): (usize, &Arm)| {
        let pair = measurement.pairs().find(|pair| pair.index == index);
        let summary = pair.and_then(Pair::summary);
        let has_workers = names_workers && arm.engine != SERIAL;

        Some(Bar {
            figures: measurement.figures(index)?,
            fill: colour(engines, &arm.engine),
            speedup: summary.map(|summary| Ratio(summary.speedup).to_string()),
            workers: has_workers.then(|| arm.workers.to_string()),
        })
    };

    arms.filter_map(bar).collect()
}

/// The engines by their names, each once.
fn engines(run: &Run) -> Vec<&str> {
    let arms = run
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.arms);
    let mut engines: Vec<&str> = Vec::new();
    for arm in arms {
        if !engines.contains(&arm.engine.as_str()) {
            engines.push(&arm.engine);
        }
    }

    engines
}

/// Whether the numbers of workers differ between arms that have engines.
fn names_workers(run: &Run) -> bool {
    let mut workers = run
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.arms)
        .filter(|arm| arm.engine != SERIAL)
        .map(|arm| arm.workers);
    let first = workers.next();

    workers.any(|workers| Some(workers) != first)
}

fn colour(engines: &[&str], engine: &str) -> RGBColor {
    if engine == SERIAL {
        return SERIAL_FILL;
    }
    let index = engines
        .iter()
        .filter(|known| **known != SERIAL)
        .position(|known| *known == engine);

    ENGINES[index.unwrap_or_default() % ENGINES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn engines_on_the_same_work_stand_together() {
        let run = fixture::engines();
        let groups = groups(&run);
        let drawn: Vec<_> = groups
            .iter()
            .map(|group| (group.labels.join(", "), group.bars.len()))
            .collect();
        assert_eq!(
            drawn,
            [
                ("fib".to_owned(), 4),
                ("pi, on pool and process".to_owned(), 3),
                ("pi, on ray, no complete round".to_owned(), 0)
            ]
        );

        let names: Vec<_> = legend(&run).into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["serial", "pool", "process", "ray"]);
        let fills: Vec<_> = groups[0].bars.iter().map(|bar| bar.fill).collect();
        assert_eq!(fills, [SERIAL_FILL, ENGINES[0], ENGINES[1], ENGINES[2]]);
    }

    #[test]
    fn numbers_of_workers_stand_at_the_bars_where_they_differ() {
        let workers = |run: &Run| -> Vec<Option<String>> {
            groups(run)[0]
                .bars
                .iter()
                .map(|bar| bar.workers.clone())
                .collect()
        };

        assert_eq!(workers(&fixture::run()), [None, None]);
        let numbers = ["1", "2", "4"].map(|number| Some(number.to_owned()));
        assert_eq!(workers(&fixture::nine())[1..], numbers);
        assert_eq!(workers(&fixture::nine())[0], None);
    }
}
