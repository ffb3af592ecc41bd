//! What is drawn of a run: the bars of its arms, or the changes of a run that was compared.

use super::font::Font;
use super::scene::Scene;
use super::{changes, layout};
use crate::results::Run;

/// The scene that shows `run`, with texts as wide as `font` makes them.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    match &run.comparison {
        Some(comparison) => changes::scene(run, comparison, font),
        None => layout::scene(run, font),
    }
}
