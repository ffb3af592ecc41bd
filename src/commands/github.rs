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
    if is_github() {
        annotation(run, consequence).unwrap_or_default()
    } else {
        String::new()
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
/// is fine. One line at most: GitHub drops what exceeds ten of a kind without a word. On a busy
/// machine it says so: the verdict may be the neighbours' doing.
fn annotation(run: &Run, consequence: Option<&str>) -> Option<String> {
    let comparison = run.comparison.as_ref()?;
    let outcome = comparison.outcome();
    let kind = match outcome {
        Outcome::Regressed => "error",
        Outcome::Inconclusive if is_worth_a_look(comparison) => "warning",
        Outcome::Inconclusive | Outcome::Ok => return None,
    };

    let findings = report::findings(run);
    let sentences_of = |kind: Kind| {
        findings
            .iter()
            .filter(move |finding| finding.kind == kind)
            .map(Finding::sentence)
    };
    let mut lines: Vec<String> = sentences_of(Kind::Judged(outcome)).collect();
    lines.extend(consequence.map(str::to_owned));
    lines.extend(sentences_of(Kind::OtherPrograms));
    let verdict: String = sentences_of(Kind::Whole(outcome)).collect();
    let is_busy = sentences_of(Kind::OtherPrograms).next().is_some();
    let place = if is_busy {
        ", beside other programs"
    } else {
        ""
    };
    let title = escaped_property(&format!("parbench: {verdict}{place}"));
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
    use std::path::Path;

    use super::*;
    use crate::compare::{Pairing, Question, compare};
    use crate::machine::OtherPrograms;
    use crate::results::Metric;
    use crate::run_file::load;

    /// A published run that got twice as slow, judged by itself, while others used this many cores.
    fn regressed_beside(cores: f64) -> Run {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/reference.json");
        let baseline = load(&path).unwrap();
        let mut run = baseline.clone();
        for round in run
            .measurements
            .iter_mut()
            .flat_map(|measurement| &mut measurement.rounds)
        {
            for time in &mut round.times {
                time.wall_s *= 2.0;
            }
            round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
        }

        let comparison = compare(&Question {
            baseline: &baseline,
            name: "base.json",
            current: &run,
            pairing: Pairing::Apart,
            tolerance: 0.1,
            deciding: &Metric::DECIDING,
        });
        run.comparison = Some(comparison.unwrap());
        run
    }

    #[test]
    fn an_annotation_says_that_the_machine_was_busy() {
        let quiet = annotation(&regressed_beside(0.0), None).unwrap();
        assert!(
            quiet.starts_with("::error title=parbench%3A regressed"),
            "{quiet}"
        );
        assert!(!quiet.contains("ther programs"), "{quiet}");

        let busy = annotation(&regressed_beside(1.3), None).unwrap();
        let title = busy.split("::").nth(1).unwrap();
        assert!(title.ends_with("%2C beside other programs"), "{busy}");
        assert!(
            busy.contains("%0Aother programs used 1.3 of the 2 CPUs"),
            "{busy}"
        );
        assert_eq!(busy.lines().count(), 1);
    }

    #[test]
    fn commands_cannot_be_broken_out_of() {
        assert_eq!(
            escaped("10 %\r\n::error::\u{1b}x\r"),
            "10 %25%0A::error::\\u{1b}x\\r"
        );
        assert_eq!(escaped_property("a: b, c%"), "a%3A b%2C c%25");
    }
}
