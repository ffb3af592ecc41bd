//! What holds for every worker process of a pass.

use std::time::Duration;

use crate::workload::{ArmName, WorkerProgram};

/// The variable by which everything is found that workers have started.
pub(super) const STARTED_BY: &str = "PARBENCH_STARTED_BY";

/// How long a worker may take to end the program that it runs, and to say so.
pub(super) const ENDING: Duration = Duration::from_secs(2);

/// What holds for every worker of a pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    /// How long a worker may take for a request.
    pub(super) timeout: Duration,
    /// How often a task is done again after its worker was lost.
    pub(super) retries: u32,
    /// Whether tasks are programs that the workers start. These may take long, so a failure ends
    /// those under way.
    pub(super) are_programs: bool,
    /// The arm that the tasks belong to, where the processes of tasks see it.
    pub(super) arm: Option<&'a ArmName>,
    /// The program of new workers, where it is not this one.
    pub(super) program: Option<&'a WorkerProgram>,
    /// The value of [`STARTED_BY`] for new workers.
    pub(super) mark: &'a str,
}
