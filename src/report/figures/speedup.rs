//! A speed-up with its interval and its verdict in one cell, as matrices have them.

use super::results::{PairFigures, arm_rows, measured};
use super::table::Cell;
use crate::analysis::{Summary, Verdict};
use crate::report::tone::Tone;
use crate::report::words::ratio::{interval, ratio};
use crate::report::words::run::grade;
use crate::results::Run;

pub(super) fn cell(PairFigures { summary, .. }: &PairFigures<'_>) -> Cell {
    let beside = format!("{} {}", interval(summary), mark(summary));

    Cell::new(&ratio(summary.speedup))
        .with(&beside.trim_start())
        .toned(Tone::of_verdict(summary))
}

/// The verdict in a sign or two, for where there is no colour.
fn mark(summary: &Summary) -> String {
    let sign = match summary.verdict {
        Verdict::Pays => "+",
        Verdict::HardlyPays => "~",
        Verdict::DoesNotPay => "-",
        Verdict::NotResolved => "?",
    };
    let now = if summary.busy_machine { "!" } else { "" };

    format!("{sign}{now}")
}

/// What the cells hold and what their marks mean, as far as there are any.
pub(super) fn legend(run: &Run) -> Vec<String> {
    let mut meanings: Vec<(u8, String)> = Vec::new();
    for row in measured(run).flat_map(arm_rows) {
        if let Some(PairFigures { pair, summary }) = row.pair {
            let meaning = format!("{} {}", mark(&summary), grade(pair, &summary));
            let rank = 2 * rank(summary.verdict) + u8::from(summary.busy_machine);
            meanings.push((rank, meaning));
        }
    }
    meanings.sort();
    meanings.dedup();

    let meanings = meanings.into_iter().map(|(_, meaning)| meaning);
    meanings
        .enumerate()
        .map(|(place, meaning)| match place {
            0 => format!("speed-up [95 % interval]: {meaning}"),
            _ => meaning,
        })
        .collect()
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pays => 0,
        Verdict::HardlyPays => 1,
        Verdict::DoesNotPay => 2,
        Verdict::NotResolved => 3,
    }
}
