//! Charts as elements of an HTML page, which may hold several of them.

use std::io;

use super::font::Font;
use super::palette::ALL;
use super::scene::Scene;
use super::{changes, figures, history, svg};
use crate::history::Account;
use crate::report::exporter::NamedRun;
use crate::results::Run;

/// The chart of the figures of `run` as an SVG element. Its ids begin with `prefix`, which has to
/// be another one for each chart of a page.
pub(in crate::report) fn inline(run: &Run, prefix: &str) -> io::Result<String> {
    element(prefix, |font| figures(run, font))
}

/// The chart of what comparing `runs` found in the same way.
pub(in crate::report) fn inline_changes(runs: &[NamedRun<'_>], prefix: &str) -> io::Result<String> {
    element(prefix, |font| changes::several(runs, font))
}

/// The chart of a history in the same way.
pub(in crate::report) fn inline_history(account: &Account, prefix: &str) -> io::Result<String> {
    element(prefix, |font| history::scene(account, font))
}

fn element(prefix: &str, draw: impl FnOnce(&Font) -> Scene) -> io::Result<String> {
    let font = Font::embedded().map_err(io::Error::other)?;

    svg::element(&draw(&font), &font, prefix).map_err(io::Error::other)
}

/// The rules of style that charts in a page rely on.
pub(in crate::report) fn chart_style() -> String {
    let (light, dark) = (ALL.map(svg::light), ALL.map(svg::dark));

    format!(
        "[class^=pb-][class$=-line] {{ fill: none; stroke-linejoin: round }}\n{}\n\
         @media screen and (prefers-color-scheme: dark) {{\n{}\n}}\n",
        light.join("\n"),
        dark.join("\n")
    )
}
