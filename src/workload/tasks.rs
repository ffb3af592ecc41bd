//! Numbers of equal tasks.

use crate::machine;
use crate::units::Bounded;

/// A number of equal tasks.
pub type Tasks = Bounded<1, 1_000_000>;

/// As many tasks as there are CPUs to use: the default where tasks are equal.
#[must_use]
pub fn default_tasks() -> Tasks {
    Tasks::clamped(machine::planned_cpus().get() as u64)
}
