//! The Python programs that use Ray, each as one text.

use crate::engine::Error;
use crate::python_program;

/// What the files' modules are a part of.
const PACKAGE: &str = "parbench_ray";

/// The files, each with those above it that it imports.
const FILES: [(&str, &str); 13] = [
    ("line", include_str!("../../../assets/parbench_ray/line.py")),
    (
        "greeting",
        include_str!("../../../assets/parbench_ray/greeting.py"),
    ),
    (
        "events",
        include_str!("../../../assets/parbench_ray/events.py"),
    ),
    (
        "watch",
        include_str!("../../../assets/parbench_ray/watch.py"),
    ),
    (
        "folder",
        include_str!("../../../assets/parbench_ray/folder.py"),
    ),
    (
        "worker",
        include_str!("../../../assets/parbench_ray/worker.py"),
    ),
    (
        "cluster",
        include_str!("../../../assets/parbench_ray/cluster.py"),
    ),
    ("slot", include_str!("../../../assets/parbench_ray/slot.py")),
    (
        "slots",
        include_str!("../../../assets/parbench_ray/slots.py"),
    ),
    (
        "batch",
        include_str!("../../../assets/parbench_ray/batch.py"),
    ),
    (
        "local",
        include_str!("../../../assets/parbench_ray/local.py"),
    ),
    (
        "survey",
        include_str!("../../../assets/parbench_ray/survey.py"),
    ),
    (
        "driver",
        include_str!("../../../assets/parbench_ray/driver.py"),
    ),
];

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// Drives the tasks of a measurement.
    Driver,
    /// Holds the Ray that is started for a run.
    Local,
    /// Counts a cluster's CPUs.
    Survey,
}

/// A program for `python -c`.
pub(super) fn text(program: Program) -> Result<String, Error> {
    let name = match program {
        Program::Driver => "driver",
        Program::Local => "local",
        Program::Survey => "survey",
    };

    python_program::text(PACKAGE, &FILES, name).map_err(|error| Error::failed(error.to_string()))
}
