//! The page of one run.

use std::io::{self, Write};

use super::comparison;
use super::embedded::{Embedded, FILE_NAME, with_runs};
use super::machine::origin;
use super::page::Page;
use super::section::Section;
use super::{machine, repeat, rounds, verdicts};
use crate::report::chart::{facts, inline};
use crate::report::cost_figures;
use crate::report::exporter::NamedRun;
use crate::report::figures;
use crate::report::findings::{Finding, Kind, findings};
use crate::results::Run;

pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(document(run)?.as_bytes())
}

fn document(run: &Run) -> io::Result<String> {
    let findings = findings(run);
    let (headline, tone) = verdicts::headline(run, &findings);
    let mut sections = Vec::new();
    if run.comparison.is_some() {
        let named = NamedRun { name: "", run };
        sections.extend(comparison::section("comparison", "Compared", named)?);
    }
    sections.push(verdicts::section(run, &findings));
    if run
        .measurements
        .iter()
        .any(|measurement| !measurement.rounds.is_empty())
    {
        let chart = inline(run, "chart")?;
        sections.push(Section::new("charts", "Chart").with_chart(chart));
    }
    sections.extend(tables(run, &findings));
    sections.extend(rounds::section(run));
    sections.push(machine::section(&run.environment));
    sections.extend(repeat::section(run));

    let page = Page {
        title: format!("{headline} - parbench"),
        headline,
        tone,
        facts: origin(run),
        sections,
    };
    Ok(with_runs(page, &[Embedded::new("run", FILE_NAME, run)?]))
}

/// The tables that a terminal and Markdown have, too.
fn tables(run: &Run, findings: &[Finding]) -> Option<Section> {
    let results = figures::full_results(run);
    let costs = run.task_costs();
    if results.is_empty() && costs.is_empty() {
        return None;
    }

    let costs_and_laws: Vec<String> = findings
        .iter()
        .filter(|finding| matches!(finding.kind, Kind::Cost | Kind::Law))
        .map(Finding::sentence)
        .collect();
    // Those of the machine and the program stand above the headline.
    let mut parameters = facts(run);
    parameters.truncate(parameters.len().saturating_sub(2));
    let mut section = Section::new("figures", "Figures").with_sentences(&parameters);
    if !costs.is_empty() {
        section = section.with_table("What a task costs", &cost_figures::costs(&costs));
    }
    if costs.iter().any(|cost| !cost.curve.is_empty()) {
        let curves = cost_figures::curves(&costs);
        section = section.with_table("Efficiency against work", &curves);
    }
    if !results.is_empty() {
        section = section
            .with_table("Steady rounds", &results)
            .with_paragraph(
                "Times are medians; the speed-up is the median of the rounds' own ratios.",
            )
            .with_details("What the work costs, and how it scales", &costs_and_laws)
            .with_table("Spread, cold round and start-up", &figures::spreads(run))
            .with_table(
                "What tasks cost and the machine gave",
                &figures::conditions(run),
            );
    }
    Some(section)
}
