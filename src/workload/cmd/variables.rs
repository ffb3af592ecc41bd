//! The variables that processes get, and those that are kept from them.

use std::process::Command;

use crate::environment::THREAD_VARIABLES;
use crate::units::Bounded;
use crate::workload::ArmName;

/// Variables by which a `make` around this program would share its jobs with every program below
/// it, against what these are told on their command lines.
const JOBSERVER: [&str; 4] = ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"];
/// The number of the task, from 1, as its process sees it.
pub(super) const TASK: &str = "PARBENCH_TASK";
/// The number of its slot, from 1.
pub(super) const SLOT: &str = "PARBENCH_SLOT";
/// The recipe that it was made by: what a process leaves behind is found by this.
pub(super) const RECIPE: &str = "PARBENCH_RECIPE";
/// The round, from 1.
const ROUND: &str = "PARBENCH_ROUND";
/// What reports call the arm.
const ARM: &str = "PARBENCH_ARM";
/// A variable of another length in every round. Where the environment ends decides where the stack
/// begins, and that alone can change times by some per cent.
///
/// Source: T. Mytkowicz, A. Diwan, M. Hauswirth and P. F. Sweeney, Producing wrong data without
/// doing anything obviously wrong, ASPLOS 2009.
const PADDING: &str = "PARBENCH_PADDING";
/// Its greatest length: a page.
const LONGEST_PADDING: u32 = 4096;

/// Variables that say which arm of which round tasks belong to.
#[derive(Debug)]
pub(super) struct CurrentArm([(&'static str, String); 3]);

impl CurrentArm {
    pub(super) fn of(arm: &ArmName) -> Self {
        // The arms of a round share the length. Multiples of an odd number pass through every
        // length of the page.
        let length = arm.round.wrapping_mul(1021) % LONGEST_PADDING;

        Self([
            (ROUND, arm.round.to_string()),
            (ARM, arm.name.clone()),
            (PADDING, "x".repeat(length as usize)),
        ])
    }

    /// Their names and values.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let Self(variables) = self;

        variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }
}

/// Keeps the jobs of an outer `make` from `command`.
pub(super) fn without_jobserver(command: &mut Command) {
    for variable in JOBSERVER {
        command.env_remove(variable);
    }
}

/// A number of threads.
pub(super) type Threads = Bounded<1, 65_536>;

/// Has the libraries of `command` use this many threads.
pub(super) fn limit_threads(command: &mut Command, threads: Threads) {
    for variable in THREAD_VARIABLES {
        command.env(variable, threads.to_string());
    }
}
