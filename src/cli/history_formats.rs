//! The formats that a history is exported to.

use crate::report::{EXPORTERS, Exporter};

/// Those of all formats that show more than one run.
pub(super) fn history_exporters() -> Vec<&'static Exporter> {
    let known = EXPORTERS.iter();

    known
        .filter(|exporter| ["json", "md", "html"].contains(&exporter.name))
        .collect()
}
