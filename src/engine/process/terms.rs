//! What holds for every worker process of a pass.

use std::time::Duration;

use crate::workload::WorkerProgram;

/// The variable by which everything is found that workers have started.
pub(super) const STARTED_BY: &str = "PARBENCH_STARTED_BY";

/// What holds for every worker of a pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    /// How long a worker may take for a request.
    pub(super) timeout: Duration,
    /// Whether a failure ends the tasks under way: those that are programs may take long.
    pub(super) ends_others: bool,
    /// The program of new workers, where it is not this one.
    pub(super) program: Option<&'a WorkerProgram>,
    /// The value of [`STARTED_BY`] for new workers.
    pub(super) mark: &'a str,
}
