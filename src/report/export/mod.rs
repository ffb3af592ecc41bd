//! The formats that a run is exported to. A new format is one new file with an [`Exporter`], and
//! two adjacent lines here: its `mod` and its entry in [`EXPORTERS`].

mod bmf;
mod csv;
mod gab_entry;
mod gab_speedup;
mod gab_time;
mod hyperfine;
mod json;
mod junit;
mod markdown;
mod markdown_history;
mod pretty;
mod tracked;

use super::exporter::Exporter;
use super::html;

pub use markdown::document as markdown;
pub use markdown_history::history_markdown;
pub use pretty::pretty;

/// The stored run, which can be loaded again.
pub static STORED: Exporter = json::EXPORTER;

/// Every format for figures.
///
/// A file's extension alone means the first format that has it: `FILE.json` is the stored run.
pub static EXPORTERS: &[Exporter] = &[
    json::EXPORTER,
    csv::EXPORTER,
    markdown::EXPORTER,
    html::EXPORTER,
    hyperfine::EXPORTER,
    bmf::EXPORTER,
    gab_time::EXPORTER,
    gab_speedup::EXPORTER,
    junit::EXPORTER,
];
