//! The stored run as pretty JSON: the format that `parbench` itself reads again. It adds and drops
//! nothing.

use std::io::{self, Write};

use super::pretty::pretty;
use crate::report::exporter::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "json",
    extension: "json",
    about: "Everything, rounds included; `parbench report` reads it again.",
    write,
    write_several: None,
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(run, to)
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
