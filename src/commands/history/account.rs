//! `history show` and `history check`: what became of the figures of a store.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Result, bail};

use super::damage::warn;
use super::files::Store;
use crate::commands::Ending;
use crate::commands::output::{Outputs, Target, spare};
use crate::commands::streams::Streams;
use crate::history::{Account, History, Question, Record, Summary};
use crate::report::{
    self, Layout, history_chart, history_levels_text, history_markdown, history_page,
    history_verdict,
};
use crate::results::{Metric, Outcome};

/// Which history, and what to make of it.
pub struct Request {
    /// Where it is.
    pub store: Store,
    /// What is shown.
    pub view: View,
    /// The change that is tolerated: 0.05 for 5 %.
    pub tolerance: f64,
    /// What the verdict depends on.
    pub deciding: Vec<Metric>,
    /// A commit, up to which changes are accepted, or a day, from which on they are not.
    pub since: Option<String>,
    /// Whether machines other than that of the latest run are judged.
    pub all_machines: bool,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// How the text is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// What is shown of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every level.
    Levels,
    /// The verdict, which decides the exit code.
    Verdict {
        /// Whether an open question is an exit code of its own.
        strict: bool,
    },
}

/// Reads the history and shows what became of it.
pub fn account(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    for path in request.store.files()? {
        spare(&request.targets, &path, "a part of the history")?;
    }
    let outputs = Outputs::open(&request.targets)?;
    let history = request.store.read_some()?;
    warn(&history, streams)?;

    let question = Question {
        tolerance: request.tolerance,
        deciding: &request.deciding,
        accepted: accepted(&history, request.since.as_deref())?,
    };
    let account = Account::of(history, &question, request.all_machines);
    let written = outputs.write_as(streams.stdout, |format, to| write(&account, format, to));
    if let Some(layout) = request.table {
        let text = match request.view {
            View::Levels => history_levels_text(&account, layout),
            View::Verdict { strict } => {
                history_verdict(&account, layout, consequence(&account, strict))
            }
        };
        streams.show(&text)?;
    }
    written?;

    Ok(ending(&account, request.view))
}

fn write(account: &Account, format: &str, to: &mut dyn Write) -> std::io::Result<()> {
    match format {
        "json" => report::pretty(&Summary::of(account), to),
        "html" => to.write_all(history_page(account)?.as_bytes()),
        "md" => to.write_all(history_markdown(account).as_bytes()),
        chart => history_chart(account, chart, to),
    }
}

/// The last run whose changes are accepted: that of a commit, or the last one before a day.
///
/// What is neither is an error, and so are the first digits of several commits: a check that
/// accepts everything by mistake never fails.
fn accepted(history: &History, since: Option<&str>) -> Result<Option<usize>> {
    let Some(since) = since else {
        return Ok(None);
    };
    if let Some(commit) = commit_of(history, since)? {
        let is_of_commit = |record: &Record| record.commit.as_deref() == Some(commit);
        return Ok(history.records.iter().rposition(is_of_commit));
    }

    let is_day = since.len() == "2026-01-31".len()
        && humantime::parse_rfc3339(&format!("{since}T00:00:00Z")).is_ok();
    if !is_day {
        bail!("--since {since}: no run is of this commit, and it is no day such as 2026-01-31");
    }
    Ok(history
        .records
        .iter()
        .rposition(|record| record.started_at.as_str() < since))
}

/// The commit of some run that `digits` are, or begin with.
fn commit_of<'a>(history: &'a History, digits: &str) -> Result<Option<&'a str>> {
    let commits: BTreeSet<&str> = history
        .records
        .iter()
        .filter_map(|record| record.commit.as_deref())
        .collect();
    if let Some(commit) = commits.get(digits) {
        return Ok(Some(commit));
    }

    let is_meant = |commit: &&&str| commit.starts_with(digits) || digits.starts_with(**commit);
    let mut meant = commits.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(first), Some(second)) => bail!(
            "--since {digits}: the commits {first} and {second} begin with it: give more digits"
        ),
        (first, _) => Ok(first.copied()),
    }
}

fn consequence(account: &Account, strict: bool) -> Option<&'static str> {
    match account.outcome() {
        Outcome::Inconclusive if strict => Some("exit 3, because the check is strict"),
        Outcome::Inconclusive => Some("passes, exit 0; a strict check exits with 3"),
        Outcome::Regressed | Outcome::Ok => None,
    }
}

fn ending(account: &Account, view: View) -> Ending {
    match (view, account.outcome()) {
        (View::Verdict { .. }, Outcome::Regressed) => Ending::Regressed,
        (View::Verdict { strict: true }, Outcome::Inconclusive) => Ending::Unsettled,
        _ => Ending::Done,
    }
}
