//! The machine that the run was measured on, and what of it mattered.

use maud::html;

use super::section::Section;
use super::words::shown;
use crate::compare::{MachineFinding, Mark, machine_findings};
use crate::report::chart;
use crate::report::words::machine::{facts, mark, sum};
use crate::results::{Environment, Run};

/// The section: what was found first, what matters most first, then what the machine is.
pub(super) fn section(environment: &Environment) -> Section {
    let mut findings = machine_findings(environment);
    findings.sort_by_key(|finding| rank(finding.mark));

    Section::new("machine", "The machine")
        .with_paragraph(&sum(&findings))
        .with(html! {
            ul.findings {
                @for finding in &findings {
                    li .(class(finding.mark)) {
                        strong { (mark(finding.mark)) } " "
                        (shown(&stated(finding)))
                        @if !finding.meaning.is_empty() { p { (shown(&finding.meaning)) } }
                    }
                }
            }
        })
        .with(html! {
            dl {
                @for (subject, value) in facts(environment) {
                    div { dt { (subject) } dd { (shown(&value)) } }
                }
            }
        })
}

/// Which program measured `run`, and on which machine.
pub(super) fn origin(run: &Run) -> Vec<String> {
    let mut facts = chart::facts(run);
    facts.reverse();
    facts.truncate(2);

    facts
}

fn stated(finding: &MachineFinding) -> String {
    format!("{}: {}", finding.subject, finding.state)
}

fn rank(mark: Mark) -> u8 {
    match mark {
        Mark::Warn => 0,
        Mark::Note => 1,
        Mark::Unknown => 2,
        Mark::Ok => 3,
    }
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Warn => "bad",
        Mark::Note => "doubtful",
        Mark::Unknown => "neutral",
        Mark::Ok => "good",
    }
}
