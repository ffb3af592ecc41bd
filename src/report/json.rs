//! The stored run as pretty JSON: the format that `parbench` itself reads again. It adds and drops nothing.

use std::io::{self, Write};

use serde::Serialize;

use super::Exporter;
use crate::results::{Overhead, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "json",
    extension: "json",
    about: "Everything, rounds included; `parbench report` reads it again.",
    write,
};

pub(super) const OVERHEAD: Exporter<Overhead> = Exporter {
    name: "json",
    extension: "json",
    about: "Everything, rounds included.",
    write: |overhead, to| pretty(overhead, to),
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(run, to)
}

/// Writes `value` indented, with a line end after it, as every JSON of ours is written.
pub(super) fn pretty(value: &impl Serialize, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, value)?;
    writeln!(to)
}

#[cfg(test)]
mod tests {
    use crate::report::fixture;
    use crate::results::Run;

    #[test]
    fn what_is_written_is_read_back_equal() {
        for run in fixture::every_run() {
            let mut bytes = Vec::new();
            super::write(&run, &mut bytes).unwrap();
            assert!(bytes.ends_with(b"}\n"));
            assert_eq!(serde_json::from_slice::<Run>(&bytes).unwrap(), run);
        }
    }
}
