//! What a reader must know: before the figures, and below them.

use super::options::Layout;
use super::text::wrapped;
use crate::report::findings::{Finding, Kind};

/// What was measured, and what every figure must be read with.
pub(super) fn warnings(findings: &[Finding], layout: Layout) -> String {
    let warnings = findings.iter().filter(|finding| finding.kind.is_warning());
    let (shapes, others): (Vec<_>, Vec<_>) =
        warnings.partition(|finding| finding.kind == Kind::Shape);
    let lines: Vec<String> = shapes
        .into_iter()
        .chain(others)
        .map(|finding| match finding.kind {
            Kind::Quick | Kind::Shape => {
                wrapped(&finding.name, finding.tone, &finding.text, layout)
            }
            _ => wrapped("warning", finding.tone, &finding.sentence(), layout),
        })
        .collect();

    lines.join("\n")
}

/// What else limits the figures.
pub(super) fn notes(findings: &[Finding], layout: Layout) -> String {
    let notes = findings.iter().map(|finding| (finding.kind, finding));
    let notes = notes.filter(|(kind, _)| kind.is_note() && !kind.is_warning());
    let lines: Vec<String> = notes
        .map(|(_, finding)| wrapped("note", finding.tone, &finding.sentence(), layout))
        .collect();

    lines.join("\n")
}
