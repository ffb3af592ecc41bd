//! What GitHub Actions shows of a check: an annotation where somebody should look, and the step's
//! summary. Nothing anywhere else.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::printable::printable;
use crate::report::{self, Finding, Kind};
use crate::results::{Comparison, Judgement, Outcome, Run};

/// The annotations of a check, when the environment says that this is GitHub: workflow commands for
/// stdout.
pub(super) fn annotations(run: &Run, consequence: Option<&str>) -> String {
    match &run.comparison {
        Some(comparison) if is_github() => annotation(comparison, consequence).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Appends the comparison to the step's summary, when the environment says that this is GitHub and
/// where it is.
pub(super) fn summarise(run: &Run, consequence: Option<&str>) -> Result<()> {
    let Some(path) = variable("GITHUB_STEP_SUMMARY").map(PathBuf::from) else {
        return Ok(());
    };
    if !is_github() || run.comparison.is_none() {
        return Ok(());
    }

    let cannot = || format!("cannot append to the step summary {}", path.display());
    let consequence = consequence.map_or_else(String::new, |consequence| {
        format!("\nVerdict: {consequence}.\n")
    });
    let text = report::markdown(run) + &consequence;
    let mut summary = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .with_context(cannot)?;
    summary.write_all(text.as_bytes()).with_context(cannot)
}

fn is_github() -> bool {
    variable("GITHUB_ACTIONS").is_some()
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// An error for regressions, or a warning for what should have been decided; nothing for a run that
/// is fine. One line at most: GitHub drops what exceeds ten of a kind without a word.
fn annotation(comparison: &Comparison, consequence: Option<&str>) -> Option<String> {
    let outcome = comparison.outcome();
    let kind = match outcome {
        Outcome::Regressed => "error",
        Outcome::Inconclusive if is_worth_a_look(comparison) => "warning",
        Outcome::Inconclusive | Outcome::Ok => return None,
    };

    let findings = report::comparison_findings(comparison);
    let sentences_of = |kind: Kind| {
        findings
            .iter()
            .filter(move |finding| finding.kind == kind)
            .map(Finding::sentence)
    };
    let mut lines: Vec<String> = sentences_of(Kind::Judged(outcome)).collect();
    lines.extend(consequence.map(str::to_owned));
    let verdict: String = sentences_of(Kind::Whole(outcome)).collect();
    let title = escaped_property(&format!("parbench: {verdict}"));
    Some(format!(
        "::{kind} title={title}::{}\n",
        escaped(&lines.join("\n"))
    ))
}

/// Whether what stayed open matters: most of it did, or something looks worse than is tolerated.
fn is_worth_a_look(comparison: &Comparison) -> bool {
    let suspected = |judgement: &Judgement| judgement.change > 1.0 + judgement.tolerance;

    2 * comparison.decided() < comparison.deciding().count()
        || comparison.deciding().next().is_none()
        || comparison.with(Outcome::Inconclusive).any(suspected)
}

/// A message's lines, as workflow commands want them.
fn escaped(text: &str) -> String {
    text.lines()
        .map(|line| printable(line).replace('%', "%25"))
        .collect::<Vec<_>>()
        .join("%0A")
}

/// A property's value, as workflow commands want it.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_cannot_be_broken_out_of() {
        assert_eq!(
            escaped("10 %\r\n::error::\u{1b}x\r"),
            "10 %25%0A::error::\\u{1b}x\\r"
        );
        assert_eq!(escaped_property("a: b, c%"), "a%3A b%2C c%25");
    }
}
