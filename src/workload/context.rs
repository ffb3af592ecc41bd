//! What a workload is given beside its parameters: what it may use, and which arm it works for.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::Observer;
use crate::stop::Stop;
use crate::units::Bytes;

/// Which arm of which round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmName {
    /// The round, counted from 1.
    pub round: u32,
    /// What reports call the arm, as `pool 2`.
    pub name: String,
}

/// One arm in one round.
#[derive(Clone, Copy, Debug)]
pub struct ArmOfRound {
    /// Its workers.
    pub workers: NonZeroUsize,
    /// How long a program that runs before or after it may take, if that is limited.
    pub hook_timeout: Option<Duration>,
    /// Whether it has failed, or was interrupted.
    pub has_failed: bool,
}

/// What preparing may use.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
    /// Told of the progress.
    pub observer: &'a dyn Observer,
    /// Threads to prepare with.
    pub workers: NonZeroUsize,
    /// Memory that all running tasks together may hold.
    pub memory: Bytes,
    /// How long a task may take that is a process of its own.
    pub task_timeout: Duration,
}
