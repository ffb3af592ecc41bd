//! What is said of a task that fails.

use std::io;

use super::Cmd;
use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::subprocess;
use crate::threads::Refused;
use crate::units::{Seconds, seconds};
use crate::workload::Error;

impl Cmd {
    /// The process of task `index` in `slot` was not run to its end.
    pub(super) fn without_end(&self, index: usize, slot: usize, error: subprocess::Error) -> Error {
        match error {
            subprocess::Error::Interrupted(interrupted) => interrupted.into(),
            subprocess::Error::TimedOut => self.time_out(index),
            subprocess::Error::Start(source) if Refused::is_meant_by(&source) => {
                self.refuse(index, slot, source)
            }
            error => self.fail(index, &self.recipe.why(&error)),
        }
    }

    /// The failure of task `index`.
    fn failure_of(&self, index: usize, message: &str) -> Failure {
        let program = printable::path(self.recipe.program());

        Failure::new(format!(
            "{program} ({}) {message}",
            self.inputs.name_of(index)
        ))
    }

    /// Task `index` has failed.
    pub(super) fn fail(&self, index: usize, message: &str) -> Error {
        self.first_failure.record(self.failure_of(index, message))
    }

    /// The system has too many processes already to start the one in `slot`.
    fn refuse(&self, index: usize, slot: usize, source: io::Error) -> Error {
        let program = printable::path(self.recipe.program());
        let process = format!("{program} ({}), process", self.inputs.name_of(index));
        let refused = Refused::new(process, slot, self.slots.most().max(slot), source);

        self.first_failure.record(Failure::new(refused.to_string()))
    }

    fn time_out(&self, index: usize) -> Error {
        let message = format!(
            "was still running after {}",
            Seconds(seconds(self.task_timeout))
        );
        let failure = self.failure_of(index, &message);

        self.first_failure
            .record(failure.or(Setting::TaskTimeout, Change::Larger))
    }
}
