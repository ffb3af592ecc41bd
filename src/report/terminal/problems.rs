//! What failed in a run, for a reader who was not there.

use super::options::Layout;
use super::text::wrapped;
use crate::report::findings::{Kind, findings};
use crate::results::Run;

/// A line for each problem; empty when nothing failed.
#[must_use]
pub fn problems(run: &Run, layout: Layout) -> String {
    findings(run)
        .iter()
        .filter(|finding| finding.kind == Kind::Problem)
        .map(|finding| wrapped("problem", finding.tone, &finding.sentence(), layout) + "\n")
        .collect()
}
