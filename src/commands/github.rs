//! What GitHub Actions shows of a check: one annotation for each kind of verdict, and the step's summary. It
//! does nothing anywhere else.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::printable::printable;
use crate::report;
use crate::results::{Comparison, Outcome, Run};

/// Annotates through `print` and appends to the step summary, when the environment says that this is GitHub.
pub(super) fn report(run: &Run, print: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    if set("GITHUB_ACTIONS").is_none() {
        return Ok(());
    }
    let Some(comparison) = &run.comparison else { return Ok(()) };
    print(&annotations(comparison))?;
    let Some(path) = set("GITHUB_STEP_SUMMARY").map(PathBuf::from) else { return Ok(()) };
    let cannot = || format!("cannot append to the step summary {}", path.display());
    let mut summary = OpenOptions::new().append(true).create(true).open(&path).with_context(cannot)?;
    summary.write_all(report::markdown(run).as_bytes()).with_context(cannot)
}

/// One line for each outcome that there is: GitHub drops what exceeds ten of a kind, and says nothing.
fn annotations(comparison: &Comparison) -> String {
    let sentences = report::sentences(comparison);
    let kinds = [(Outcome::Regressed, "error"), (Outcome::Inconclusive, "warning"), (Outcome::Ok, "notice")];
    let line = |(outcome, kind): (Outcome, &str)| {
        let own = sentences.iter().filter(|(of, _)| *of == outcome).map(|(_, text)| text.as_str());
        let text = own.collect::<Vec<_>>().join("\n");
        let title = escaped_property(&format!("parbench: {}", outcome.name()));
        (!text.is_empty()).then(|| format!("::{kind} title={title}::{}\n", escaped(&text)))
    };
    kinds.into_iter().filter_map(line).collect()
}

/// A message's lines, as workflow commands want them.
fn escaped(text: &str) -> String {
    text.lines().map(|line| printable(line).replace('%', "%25")).collect::<Vec<_>>().join("%0A")
}

/// A property's value, likewise.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_cannot_be_broken_out_of() {
        assert_eq!(escaped("10 %\r\n::error::\u{1b}x\r"), "10 %25%0A::error::\\u{1b}x\\r");
        assert_eq!(escaped_property("a: b, c%"), "a%3A b%2C c%25");
    }
}
