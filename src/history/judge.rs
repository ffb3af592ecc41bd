//! What of all changes counts: those that are more than chance, as large as is not tolerated, for
//! the worse, and not taken back since.
//!
//! Each series is tested once for being exchangeable; Holm corrects for all that decide. Whether
//! what is found is a step or a drift is a question of fit, not another test. "Large" is the rule
//! of `check`: the whole 99 % interval beyond the tolerance.

use super::ALPHA;
use super::found::Found;
use super::judged::{Judged, Question};
use super::order::{Order, Testing, order};
use super::record::Record;
use super::series::Series;
use super::speedups::explain_speedups;
use crate::machine::usable_cpus;
use crate::stats::{holm, least_step_p};
use crate::threads::side_by_side;

/// Points of all series from which judging them takes longer than starting threads for it.
const MANY_POINTS: usize = 10_000;

/// The seed of the permutations: the same history has the same verdict everywhere.
const SEED: u64 = 1;

/// Judges each of `series`, of these records, which are one machine's or several machines'.
#[must_use]
pub fn judge(records: &[Record], series: Vec<Series>, question: &Question<'_>) -> Vec<Judged> {
    let decides: Vec<bool> = series
        .iter()
        .map(|candidate| {
            question.deciding.contains(&candidate.metric) && goes_on(candidate, &series)
        })
        .collect();
    let is_long = |series: &Series| least_step_p(series.points.len()) <= ALPHA;
    let deciding = || {
        let all = series.iter().zip(&decides);
        all.filter_map(|(series, decides)| decides.then_some(series))
    };
    let family = match deciding().filter(|series| is_long(series)).count() {
        // None can be tested yet: then all of them will be.
        0 => deciding().count(),
        long => long,
    };
    let testing = Testing::of(family, ALPHA, SEED);

    let values: Vec<Vec<f64>> = series.iter().map(Series::worseness).collect();
    let pairs: Vec<(&Series, &Vec<f64>)> = series.iter().zip(&values).collect();
    let threads = threads_for(&values);
    let orders: Vec<Option<Order>> = side_by_side(&pairs, threads, |(series, values)| {
        order(values, testing).filter(|_| is_long(series))
    });
    let raw = |place: usize| orders[place].as_ref().map(|order| order.p_value);
    let members: Vec<usize> = (0..series.len())
        .filter(|&place| decides[place] && raw(place).is_some())
        .collect();
    let corrected = holm(
        &members
            .iter()
            .filter_map(|&place| raw(place))
            .collect::<Vec<_>>(),
    );

    let p_value = |place: usize| {
        let in_family = members.iter().position(|&member| member == place);
        in_family.map_or_else(|| raw(place), |position| Some(corrected[position]))
    };
    let places: Vec<usize> = (0..series.len()).collect();
    let analyses = side_by_side(&places, threads, |&place| {
        let (values, order) = (&values[place], orders[place].as_ref());
        Found::of(values, order, p_value(place), testing, question.tolerance)
    });

    let mut judged = Vec::with_capacity(series.len());
    for ((place, series), analysis) in series.into_iter().enumerate().zip(analyses) {
        let p_value = p_value(place);
        let informational = !decides[place];
        judged.push(Judged::new(
            analysis,
            records,
            series,
            informational,
            p_value,
            family,
            question,
        ));
    }

    explain_speedups(&mut judged);
    judged
}

/// As many threads as there are CPUs where the series are long, or else this one.
fn threads_for(series: &[Vec<f64>]) -> usize {
    let points: usize = series.iter().map(Vec::len).sum();

    if points >= MANY_POINTS {
        usable_cpus().get()
    } else {
        1
    }
}

/// Whether the latest run of the machine has a point in `one`. What is not measured any more cannot
/// get better, and would be held against every later run.
fn goes_on(one: &Series, series: &[Series]) -> bool {
    let latest = |series: &Series| series.points.last().map(|point| point.run);
    let on_its_machine = series.iter().filter(|other| other.machine == one.machine);

    latest(one) == on_its_machine.filter_map(latest).max()
}

#[cfg(test)]
mod tests;
