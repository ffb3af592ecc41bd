//! What comparing runs found: a section of a run's page, or a page of several runs.

use std::io::{self, Write};

use maud::html;

use super::embedded::{Embedded, with_runs};
use super::machine::{self, origin as origin_of};
use super::page::Page;
use super::section::Section;
use super::verdicts::{notes, outcome_headline};
use super::words::{class, sentence};
use crate::report::chart::inline_changes;
use crate::report::exporter::NamedRun;
use crate::report::figures;
use crate::report::findings::{Finding, Kind, comparison_findings, findings};
use crate::report::words::comparison::{conditions, origin, whole};
use crate::results::Outcome;

/// What comparing the run of `named` found, below a heading that begins with `start`; `None` where
/// it was compared with nothing.
pub(super) fn section(id: &str, start: &str, named: NamedRun<'_>) -> io::Result<Option<Section>> {
    let Some(comparison) = &named.run.comparison else {
        return Ok(None);
    };
    let findings = comparison_findings(comparison);
    let title = format!("{start} with {}", comparison.baseline.name);

    let judged: Vec<(&str, &Finding)> = findings
        .iter()
        .filter_map(|finding| Some((label(finding.kind)?, finding)))
        .collect();
    let section = Section::new(id, title)
        .with(html! {
            p.verdict {
                "Verdict: " strong .(class(comparison.outcome().into())) { (whole(comparison)) }
            }
        })
        .with_paragraph(&format!(
            "Compared with {}, {}.",
            origin(comparison),
            conditions(comparison)
        ))
        .with(html! {
            ul.notes {
                @for (label, finding) in judged {
                    li .(class(finding.tone)) {
                        strong { (label) ":" } " " (sentence(&finding.sentence()))
                    }
                }
            }
        })
        .with_chart(inline_changes(&[named], &format!("{id}-chart"))?)
        .with_table("Every judged figure", &figures::comparison(comparison));
    Ok(Some(section))
}

fn label(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Judged(outcome) => Some(outcome.name()),
        Kind::Comparability => Some("note"),
        _ => None,
    }
}

/// A page of `runs`, each compared with one and the same earlier run.
pub(super) fn write_several(runs: &[NamedRun<'_>], to: &mut dyn Write) -> io::Result<()> {
    let outcomes = runs.iter().filter_map(|named| {
        let comparison = named.run.comparison.as_ref()?;
        Some(comparison.outcome())
    });
    let outcome = outcomes.max().unwrap_or(Outcome::Inconclusive);

    let mut sections = Vec::new();
    let mut embedded = Vec::new();
    for (place, &named) in runs.iter().enumerate() {
        let number = place + 1;
        let id = format!("comparison-{number}");
        let compared = section(&id, &format!("{number}. {} compared", named.name), named)?;
        sections.extend(compared.map(|section| section.with(notes(&findings(named.run), false))));
        let (id, file_name) = (format!("run-{number}"), format!("run-{number}.json"));
        embedded.push(Embedded::new(&id, &file_name, named.run)?);
    }
    let last = runs.last().map(|named| named.run);
    sections.extend(last.map(|run| machine::section(&run.environment)));

    let headline = outcome_headline(outcome).to_owned();
    let page = Page {
        title: format!("{headline} - parbench"),
        headline,
        tone: outcome.into(),
        facts: last.map_or_else(Vec::new, origin_of),
        sections,
    };
    to.write_all(with_runs(page, &embedded).as_bytes())
}
