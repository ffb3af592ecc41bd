//! A history as tables: what follows for each figure, or every level that it had.

use super::table::{Block, Cell, Column, Row, Table};
use crate::history::{Account, Episode, Judged};
use crate::report::tone::Tone;
use crate::report::words::change::share;
use crate::report::words::comparison::figure;
use crate::report::words::history_names::{arm, change, commit, day, interval, name, shape};
use crate::report::words::reasons::value;

/// A row for each figure: its last level, the change that counts, and the verdict.
pub(in crate::report) fn verdicts(account: &Account) -> Table {
    let blocks = account
        .judged
        .chunk_by(|left, right| arm(account, left) == arm(account, right))
        .map(|of_arm| Block {
            name: arm(account, &of_arm[0]),
            about: String::new(),
            rows: of_arm
                .iter()
                .map(|judged| verdict(account, judged))
                .collect(),
        });

    Table {
        legends: vec![vec![
            "\"scatter\" is how far single runs are from their level.".to_owned(),
        ]],
        ..Table::new(
            "workload",
            vec![
                Column::words("metric").labelling(),
                Column::numbers("runs"),
                Column::numbers("scatter").named("scatter"),
                Column::numbers("now"),
                Column::numbers("change in %")
                    .with("[99 % interval]")
                    .named("change in %"),
                Column::words("since").named("since"),
                Column::words("verdict").named(""),
            ],
            blocks.collect(),
        )
    }
}

fn verdict(account: &Account, judged: &Judged) -> Row {
    let metric = judged.series.metric;
    let episode = judged.standing.why.episode();
    let now = judged.levels.last().map(|level| value(metric, *level));
    let change_cell = episode.as_ref().map_or_else(
        || Cell::or_absent(None::<&str>),
        |episode| Cell::new(&change(metric, episode)).with(&interval(metric, episode)),
    );
    let since = episode.map(|episode| place(account, judged, episode.from));
    let (word, tone) = if judged.informational {
        ("shown only", Tone::Faint)
    } else {
        (judged.standing.why.name(), judged.standing.outcome.into())
    };

    Row {
        label: figure(metric).to_owned(),
        cells: vec![
            Cell::new(&figure(metric)),
            Cell::new(&judged.series.points.len()),
            Cell::new(&share(rounded(judged.scatter))),
            Cell::or_absent(now),
            change_cell,
            Cell::or_absent(since),
            Cell::new(&word).toned(tone),
        ],
    }
}

/// A row for each level that each figure had, from the first to the last.
pub(in crate::report) fn levels(account: &Account) -> Table {
    let blocks = account.judged.iter().map(|judged| Block {
        name: name(account, judged),
        about: String::new(),
        rows: stretches(account, judged),
    });

    Table::new(
        "figure",
        vec![
            Column::words("from").labelling(),
            Column::words("commit").named("commit"),
            Column::numbers("runs"),
            Column::numbers("level"),
            Column::numbers("change in %")
                .with("[99 % interval]")
                .named("change in %"),
            Column::words("by").named(""),
        ],
        blocks.collect(),
    )
}

fn stretches(account: &Account, judged: &Judged) -> Vec<Row> {
    let metric = judged.series.metric;
    let row = |range: std::ops::Range<usize>| {
        let record = account.record(judged, range.start);
        let from = record.map_or_else(String::new, day);
        let begins = |episode: &&Episode| episode.from == range.start;
        let episode = judged.episodes.iter().find(begins);
        // The end of a drift is its level; a step has one level.
        let level = judged.levels.get(range.end - 1);

        Row {
            cells: vec![
                Cell::new(&from),
                Cell::or_absent(record.and_then(commit)),
                Cell::new(&range.len()),
                Cell::or_absent(level.map(|level| value(metric, *level))),
                episode.map_or_else(
                    || Cell::or_absent(None::<&str>),
                    |episode| Cell::new(&change(metric, episode)).with(&interval(metric, episode)),
                ),
                Cell::or_absent(episode.map(shape)),
            ],
            label: from,
        }
    };

    judged.stretches().into_iter().map(row).collect()
}

/// A run in few letters: its commit, or its day.
fn place(account: &Account, judged: &Judged, point: usize) -> String {
    account
        .record(judged, point)
        .map_or_else(String::new, |record| {
            commit(record).unwrap_or_else(|| day(record))
        })
}

/// A share to a tenth of a per cent.
fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}
