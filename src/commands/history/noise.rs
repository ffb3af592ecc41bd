//! `history noise`: how often `history check` is wrong, with the noise of given runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::damage::warn;
use super::files::Store;
use crate::commands::Ending;
use crate::commands::output::{Outputs, Target, spare, spare_file, try_stdout};
use crate::commands::streams::Streams;
use crate::event::Event;
use crate::history::{Account, Kind, Question, Record, Scheme, Source, family_of};
use crate::measure::Conditions;
use crate::report::{Layout, history_noise};
use crate::results::Metric;
use crate::run_file::load;
use crate::{history, printable, whole_file};

/// When the first run of a written series was, since 1970: there is one a day.
const FIRST_RUN: Duration = Duration::from_hours(24 * 365 * 54);

/// Where the noise comes from.
pub enum Origin {
    /// The rounds of stored runs.
    Runs(Vec<PathBuf>),
    /// The runs of a history.
    Store(Store),
}

impl Origin {
    /// The files that are read.
    fn files(&self) -> Result<Vec<PathBuf>> {
        match self {
            Self::Runs(paths) => Ok(paths.clone()),
            Self::Store(store) => store.files(),
        }
    }
}

/// How much to simulate of what.
pub struct Request {
    /// Where the noise comes from.
    pub origin: Origin,
    /// What is simulated; the number of metrics is that of the origin.
    pub scheme: Scheme,
    /// Where to write the series, for other programs to judge.
    pub series: Option<PathBuf>,
    /// Where to store what was found.
    pub targets: Vec<Target>,
    /// How the text is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// Simulates and reports.
pub fn noise(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    for path in request.origin.files()? {
        let what = "what the noise comes from";
        spare(&request.targets, &path, what)?;
        if let Some(series) = &request.series {
            spare_file(series, &path, what)?;
        }
    }
    try_stdout(&request.targets, request.table.is_some(), streams)?;
    let outputs = Outputs::open(&request.targets)?;
    let (sources, family) = sources(&request.origin, streams)?;
    if sources.is_empty() {
        bail!("there is no noise to draw from: give runs with at least 3 steady rounds");
    }
    let scheme = Scheme {
        family: family.max(1),
        ..request.scheme.clone()
    };
    if let Some(path) = &request.series {
        let text = table(&scheme, &sources);
        whole_file::write(path, text.as_bytes())
            .with_context(|| format!("cannot write {}", printable::path(path)))?;
    }

    let observer = conditions.observer;
    observer.observe(&Event::StepsStarted {
        what: "series",
        steps: scheme.series * Kind::ALL.len(),
    });
    let noise = history::noise(scheme, &sources, conditions.stop, &mut || {
        observer.observe(&Event::StepDone);
    });
    observer.observe(&Event::StepsFinished);
    let Ok(noise) = noise else {
        outputs.leave(streams)?;
        return Ok(conditions
            .stop
            .signal()
            .map_or(Ending::Trouble, Ending::Interrupted));
    };

    let written = outputs.write_json(&noise, streams.stdout);
    if let Some(layout) = request.table {
        streams.show(&history_noise(&noise, layout))?;
    }
    written?;
    Ok(Ending::Done)
}

/// What noise is drawn from, and how many figures are judged together there.
fn sources(origin: &Origin, streams: &mut Streams<'_>) -> Result<(Vec<Source>, usize)> {
    match origin {
        Origin::Store(store) => {
            let question = Question {
                tolerance: 0.0,
                deciding: &Metric::DECIDING,
                accepted: None,
            };
            let history = store.read_some()?;
            warn(&history, streams)?;
            let account = Account::of(history, &question, false);
            let sources = Source::of_runs(&account.judged);
            Ok((sources, account.deciding().count()))
        }
        Origin::Runs(paths) => {
            let mut sources = Vec::new();
            let mut family = 0;
            for path in paths {
                let record = Record::of(&load(path)?, None)
                    .map_err(|why| anyhow::anyhow!("{} {why}", printable::path(path)))?;
                sources.extend(Source::of_rounds(&record));
                family = family.max(family_of(&[record]));
            }
            Ok((sources, family))
        }
    }
}

/// Every series as a column, and a row for each run.
fn table(scheme: &Scheme, sources: &[Source]) -> String {
    let all = Kind::ALL
        .into_iter()
        .flat_map(|kind| (0..scheme.series).map(move |number| (kind, number)));
    let mut text = "time,commit".to_owned();
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(scheme.series * Kind::ALL.len());
    for (kind, number) in all {
        let _ = write!(text, ",{}_{number}", kind.name());
        columns.push(scheme.values(sources, kind, number));
    }
    text.push('\n');

    for run in 0..scheme.runs {
        let date = FIRST_RUN + Duration::from_hours(24 * run as u64);
        let date = humantime::format_rfc3339_seconds(UNIX_EPOCH + date);
        let _ = write!(text, "{date},{run:07x}");
        for column in &columns {
            let value = column.get(run).copied().unwrap_or_default();
            let _ = write!(text, ",{:.6}", value.exp());
        }
        text.push('\n');
    }
    text
}
