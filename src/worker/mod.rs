//! This program in a process of its own that does single tasks on demand: the protocol, the serving end and
//! the asking end. Who asks for which task, how often and on which machine is an engine's business.
//!
//! Both directions are JSON, one value a line. The worker's first line is a [`Hello`]; after that every
//! [`Request`] gets one [`Answer`], in the order of the requests. The end of its input ends the worker, also in the
//! middle of a task. It writes nothing else to its output, whatever happens.

mod child;
mod serve;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::units::Bytes;
use crate::workload::Spec;

pub use child::{Child, Lost};
pub use serve::serve;

pub(crate) use serve::lines;

/// The name of the hidden subcommand.
pub const SUBCOMMAND: &str = "worker";
/// Raised when a line changes its meaning.
pub const PROTOCOL: u32 = 1;

/// A worker's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub parbench_worker: u32,
    /// The program's version.
    pub version: String,
    /// The CPU architecture it was built for.
    pub arch: String,
    /// Memory that can be had where it runs, if the system says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_available_bytes: Option<Bytes>,
    /// The model of the CPUs there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
}

/// What a worker is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u64,
    /// The workload's name.
    pub workload: String,
    /// Its complete parameters. The worker keeps what it prepared for the last ones.
    pub params: Value,
    /// How many times as long every task takes: to see that a regression is found.
    #[serde(default = "unchanged")]
    pub slowdown: f64,
    /// What all running tasks together may hold: what the workload was prepared with where its tasks were counted.
    #[serde(default = "unlimited")]
    pub memory: Bytes,
    /// The task's index.
    #[serde(default)]
    pub task: usize,
    /// What to do with it.
    #[serde(default, rename = "do")]
    pub action: Action,
}

fn unchanged() -> f64 {
    1.0
}

fn unlimited() -> Bytes {
    Bytes(u64::MAX)
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The task, for its partial result.
    #[default]
    Task,
    /// The task, and a check of what a partial result cannot show.
    Audit,
    /// Nothing but to make the workload ready.
    Prepare,
    /// Give up what tasks keep for the next ones.
    CoolDown,
    /// A digest of the files that tasks read, or null where every machine has the same.
    Inputs,
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// It did what it was asked.
    Done {
        /// The request's.
        id: u64,
        /// The partial result; null where there is none.
        partial: Value,
        /// Seconds that the work itself took, without reading, preparing and answering.
        seconds: f64,
    },
    /// It could not; it goes on with the next request.
    Failed {
        /// The request's, if that could be read.
        id: Option<u64>,
        /// A line that says why.
        error: String,
    },
}

impl Request {
    /// The request to do `action` with a task of what `spec` names.
    #[must_use]
    pub fn new(spec: &Spec, action: Action, id: u64, task: usize) -> Self {
        let &Spec {
            name,
            ref params,
            slowdown,
            memory,
        } = spec;
        Self {
            id,
            workload: name.to_owned(),
            params: params.clone(),
            slowdown,
            memory,
            task,
            action,
        }
    }
}

impl Answer {
    /// The request's number, if it could be read.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Done { id, .. } => Some(*id),
            Self::Failed { id, .. } => *id,
        }
    }
}
