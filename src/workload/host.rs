//! Engines that a workload brings along: its tasks are functions of another language, and what runs
//! them side by side are that language's own pools, in a process that the workload has started.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::Error;
use crate::results::CpuUse;
use crate::stop::Stop;

/// An engine that a workload brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostedEngine {
    /// Its name on the command line, in tables and in stored runs.
    pub name: &'static str,
    /// One sentence for `parbench list`.
    pub about: &'static str,
    /// Whether it works on a cluster.
    pub uses_cluster: bool,
}

/// The process that runs tasks on such engines.
pub trait Host: Send + Sync {
    /// Makes `engine` ready with this many workers, once.
    fn start(
        &self,
        engine: HostedPlace<'_>,
        terms: &HostTerms<'_>,
        stop: &Stop,
    ) -> Result<HostedStart, Error>;

    /// Runs all tasks once on `engine`, or as many calls that do nothing as
    /// [`empty_tasks`](super::empty_tasks) has tasks. Fails where results are not those that were
    /// expected.
    fn run(
        &self,
        engine: HostedPlace<'_>,
        pass: HostedPass,
        stop: &Stop,
    ) -> Result<HostedTime, Error>;
}

/// Which engine, with how many workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostedPlace<'a> {
    /// The engine's name.
    pub engine: &'a str,
    /// Which of the workload's processes has it, where there are several: their labels.
    pub host: Option<&'a str>,
    /// Its workers.
    pub workers: NonZeroUsize,
}

/// Where an engine finds its cluster, and how long starting it may take.
#[derive(Clone, Copy, Debug)]
pub struct HostTerms<'a> {
    /// The cluster's address, for engines that work on one.
    pub address: Option<&'a str>,
    /// What opens it, where this run has started it.
    pub token: Option<&'a str>,
    /// How long starting may take; what is usual where it is not given.
    pub start_timeout: Option<Duration>,
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostedPass {
    /// All tasks.
    Tasks,
    /// Calls that do nothing.
    Empty,
}

/// An engine that is ready.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostedStart {
    /// Seconds that it took to start.
    pub seconds: f64,
    /// How its workers run, for reports; empty where there is nothing to say.
    pub detail: String,
}

/// What a pass took, by the clock beside the tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostedTime {
    /// From the first task's start to the last result.
    pub wall: Duration,
    /// CPU time of the process and of everything that it has started.
    pub cpu: Option<CpuUse>,
}
