//! A speed-up is a quotient: that it fell may be good news.

use super::FEWEST;
use super::episode::Episode;
use super::judged::Judged;
use super::standing::Why;
use crate::results::{Metric, Outcome};

/// Acquits speed-ups that fell because only the loop became faster: nothing got worse.
pub(super) fn explain_speedups(judged: &mut [Judged]) {
    let explained: Vec<Option<Episode>> = judged
        .iter()
        .map(|speedup| explained_by_serial(speedup, judged))
        .collect();

    for (judged, explained) in judged.iter_mut().zip(explained) {
        if let Some(episode) = explained {
            judged.standing = Why::FasterSerial(episode).into();
        }
    }
}

fn explained_by_serial(speedup: &Judged, all: &[Judged]) -> Option<Episode> {
    let (Metric::Speedup, Why::Worse(fall) | Why::SlowerMachine(fall) | Why::Perhaps(fall)) =
        (speedup.series.metric, speedup.standing.why)
    else {
        return None;
    };
    let of_metric = |metric: Metric| {
        let beside = move |other: &&Judged| {
            other.series.is_beside(&speedup.series) && other.series.metric == metric
        };
        all.iter().filter(beside)
    };
    let run_of = |judged: &Judged, episode: &Episode| {
        judged
            .series
            .points
            .get(episode.from)
            .map(|point| point.run)
    };

    let fell_at = run_of(speedup, &fall)?;
    let has_faster_loop = of_metric(Metric::SerialTime).any(|serial| {
        serial.episodes.iter().any(|episode| {
            let is_near =
                run_of(serial, episode).is_some_and(|run| run.abs_diff(fell_at) <= FEWEST);
            is_near && episode.amount.high < 1.0
        })
    });
    let arm_is_ok = of_metric(Metric::DistributedTime)
        .filter(|arm| {
            let (arm, speedup) = (&arm.series, &speedup.series);
            (&arm.engine, arm.workers) == (&speedup.engine, speedup.workers)
        })
        .any(|arm| arm.standing.outcome == Outcome::Ok);

    (has_faster_loop && arm_is_ok).then_some(fall)
}
