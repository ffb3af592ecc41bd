//! What stands together in the bar chart: one piece of work, the plain loop's bar and one for each engine. No
//! places, no axis: those are the layout's.

use plotters::style::RGBColor;

use super::page::{DISTRIBUTED, SERIAL};
use crate::report::words::names::{names_workers, variant};
use crate::results::{Measurement, Run, Summary};
use crate::stats::median;
use crate::units::{Ratio, count};

/// Of Okabe and Ito's colours, for engines in the order of their first measurement; more start over.
const ENGINES: [RGBColor; 4] = [
    DISTRIBUTED,
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(213, 94, 0),
];

/// The bars of one piece of work.
pub(super) struct Group {
    pub(super) labels: Vec<String>,
    /// The plain loop's, then one for each engine; none without a complete round.
    pub(super) bars: Vec<Bar>,
}

/// One arm's bar.
pub(super) struct Bar {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) fill: RGBColor,
    /// What an engine made of the work.
    pub(super) speedup: Option<String>,
}

/// The names that the legend has beside [`SERIAL`]: each engine's where there are several.
pub(super) fn legend(run: &Run) -> Vec<(String, RGBColor)> {
    let engines = engines(run);
    if engines.len() < 2 {
        return vec![("distributed".to_owned(), DISTRIBUTED)];
    }
    engines
        .iter()
        .enumerate()
        .map(|(index, engine)| ((*engine).to_owned(), colour(index)))
        .collect()
}

/// The groups of `run`, in the order of their first measurement.
pub(super) fn groups(run: &Run) -> Vec<Group> {
    let mut parts: Vec<Vec<&Measurement>> = Vec::new();
    for one in &run.measurements {
        let fits = |group: &&mut Vec<&Measurement>| {
            let first = group[0];
            let same = first.workload == one.workload && first.params == one.params;
            same && first.workers == one.workers
                && group.iter().all(|other| other.engine != one.engine)
        };
        match parts.iter_mut().find(fits) {
            Some(group) => group.push(one),
            None => parts.push(vec![one]),
        }
    }
    let engines = engines(run);
    parts
        .iter()
        .map(|part| Group::of(run, &engines, part))
        .collect()
}

/// The engines by their names, each once.
fn engines(run: &Run) -> Vec<&str> {
    let mut engines: Vec<&str> = Vec::new();
    for one in &run.measurements {
        if !engines.contains(&one.engine.as_str()) {
            engines.push(&one.engine);
        }
    }
    engines
}

fn colour(index: usize) -> RGBColor {
    ENGINES[index % ENGINES.len()]
}

impl Group {
    fn of(run: &Run, engines: &[&str], part: &[&Measurement]) -> Self {
        let several = engines.len() > 1;
        let summaries: Vec<(&Measurement, Summary)> = part
            .iter()
            .filter_map(|one| Some((*one, one.summary()?)))
            .collect();
        let variant = match (several, names_workers(run)) {
            (false, _) => variant(run, part[0]),
            (true, true) => count(part[0].workers, "worker"),
            (true, false) => String::new(),
        };
        let mut labels = vec![part[0].workload.clone(), variant];
        labels.extend(part.iter().map(|one| remark(one, several)));
        labels.retain(|label| !label.is_empty());
        let engine = |(one, summary): &(&Measurement, Summary)| {
            let index = engines
                .iter()
                .position(|engine| *engine == one.engine)
                .unwrap_or_default();
            Bar {
                median: summary.distributed_median_s,
                min: summary.distributed_min_s,
                max: summary.distributed_max_s,
                fill: colour(index),
                speedup: Some(Ratio(summary.speedup).to_string()),
            }
        };
        let bars = serial(&summaries)
            .into_iter()
            .chain(summaries.iter().map(engine))
            .collect();
        Self { labels, bars }
    }
}

/// The plain loop beside all engines.
fn serial(summaries: &[(&Measurement, Summary)]) -> Option<Bar> {
    let over = |of: fn(&Summary) -> f64| summaries.iter().map(move |(_, summary)| of(summary));
    let medians: Vec<f64> = over(|summary| summary.serial_median_s).collect();
    Some(Bar {
        median: median(&medians)?,
        min: over(|summary| summary.serial_min_s).fold(f64::INFINITY, f64::min),
        max: over(|summary| summary.serial_max_s).fold(0.0, f64::max),
        fill: SERIAL,
        speedup: None,
    })
}

/// What a reader must know of one measurement's bar.
fn remark(one: &Measurement, several: bool) -> String {
    let remark = match one.summary() {
        None => "no complete round",
        Some(summary) if !summary.steady => "cold round only",
        Some(_) => return String::new(),
    };
    if several {
        format!("{}: {remark}", one.engine)
    } else {
        remark.to_owned()
    }
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
                ("pi, ray: no complete round".to_owned(), 3)
            ]
        );
        let names: Vec<_> = legend(&run).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["pool", "process", "ray"]);
        let fills: Vec<_> = groups[0].bars.iter().map(|bar| bar.fill).collect();
        assert_eq!(fills, [SERIAL, ENGINES[0], ENGINES[1], ENGINES[2]]);
    }

    #[test]
    fn one_engine_has_a_group_for_each_measurement() {
        assert_eq!(groups(&fixture::nine()).len(), 9);
        assert_eq!(
            legend(&fixture::nine()),
            [("distributed".to_owned(), DISTRIBUTED)]
        );
    }
}
