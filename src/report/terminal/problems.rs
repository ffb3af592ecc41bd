//! What failed in a run, for a reader who was not there.

use super::text::{Paint, wrapped};
use crate::report::findings::{Kind, findings};
use crate::results::Run;

/// A line for each problem, as text of at most 80 columns with ANSI styles if `color`; empty when
/// nothing failed.
#[must_use]
pub fn problems(run: &Run, color: bool) -> String {
    let paint = Paint { color };

    findings(run)
        .iter()
        .filter(|finding| finding.kind == Kind::Problem)
        .map(|finding| wrapped("problem", finding.tone, &finding.sentence(), paint) + "\n")
        .collect()
}
