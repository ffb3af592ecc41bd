//! The run as one HTML file for a browser: verdicts, charts, tables, every round, the machine, and
//! the stored run itself. It needs no network, and a script only for sorting and for hints. The
//! only home of maud.
//!
//! `page` is the frame and `Section` what fills it: another kind of report is another list of
//! sections.

mod comparison;
mod embedded;
mod history;
mod machine;
mod page;
mod repeat;
mod rounds;
mod run;
mod section;
mod tables;
mod verdicts;
mod words;

use super::exporter::Exporter;

pub use history::history_page;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "html",
    extension: "html",
    about: "A page for a browser: verdicts, charts, tables, every round, and the run itself.",
    write: run::write,
    write_several: Some(comparison::write_several),
};

#[cfg(test)]
mod tests;
