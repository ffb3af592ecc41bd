//! The lines between this program and a Python program that uses Ray, each a JSON value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::results::Span;
use crate::units::Bytes;
use crate::worker::Answer;
use crate::workload::ArmName;

/// A line of the Python program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    /// Its first line.
    Hello {
        python: String,
        executable: String,
        ray: Option<String>,
        why: Option<String>,
    },
    /// The Ray of this run can be joined.
    Running { address: String, token: String },
    /// The CPUs of the cluster's nodes.
    Surveyed { cpus: usize },
    /// A sign of life.
    Alive(serde::de::IgnoredAny),
    /// It is a part of the cluster.
    Joined { nodes: usize, cpus: usize },
    /// A node is used from now on.
    Node(Node),
    /// Every slot has its worker process: their number on each node, by the node's number.
    Ready {
        slots: BTreeMap<usize, usize>,
        seconds: Seconds,
    },
    /// It cannot go on.
    Trouble { kind: String, message: String },
    /// A task's answer.
    Done(Done),
    /// A task was lost, and is done again.
    Rerun { why: String },
    /// A slot was lost, or its worker process; it is replaced.
    Lost { why: String },
    /// The command has failed.
    Failed { kind: String, message: String },
    /// The command is over.
    Finished(Finished),
    /// Its input has ended, and so does it.
    Closing(serde::de::IgnoredAny),
}

/// A task's answer, and when and where it was found.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    pub(super) task: usize,
    pub(super) slot: usize,
    /// The number of the node that has the slot.
    pub(super) node: usize,
    /// When the slot began with the task and when its answer had come, in seconds since the driver
    /// began with the batch. Both are times of the driver's own clock: the nodes' clocks may
    /// differ, so the start is the end less the seconds that the worker process took.
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) answer: Answer,
}

impl Done {
    /// The span of the task on its slot.
    pub(super) fn span(&self) -> Span {
        Span {
            task: self.task,
            worker: self.slot,
            node: Some(self.node),
            start_s: self.start,
            end_s: self.end,
        }
    }
}

/// How a command went.
#[derive(Debug, Deserialize)]
pub(super) struct Finished {
    /// The fewest slots that were ready at any moment, of those that might be used.
    pub(super) slots: usize,
    /// Seconds for which the driver, or the cluster's control service, did not go on.
    pub(super) held: f64,
    /// The number of slots that each node has, by its number; absent where that is as before.
    pub(super) placed: Option<BTreeMap<usize, usize>>,
}

/// A node as the driver names it.
#[derive(Debug, Deserialize)]
pub(super) struct Node {
    pub(super) number: usize,
    pub(super) name: String,
    /// Whether it is this machine.
    pub(super) here: bool,
    /// The model of its CPUs.
    pub(super) model: Option<String>,
}

/// What its start took.
#[derive(Debug, Deserialize)]
pub(super) struct Seconds {
    pub(super) cluster: f64,
    pub(super) slots: f64,
}

/// A line to the Python program that drives tasks.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Command {
    /// Do a batch.
    Batch(Batch),
    /// Start the slots again, on nodes that have a copy of this file.
    Ship(PathBuf),
    /// Wait until every slot is ready again.
    Restore,
    /// Give the slots back until they are needed.
    Release,
}

/// A batch of tasks.
#[derive(Serialize)]
pub(super) struct Batch {
    /// The worker's request for every task, without its number.
    pub(super) request: Value,
    /// The arm that the tasks belong to, where the processes of tasks see it. It is no part of the
    /// request, which workers keep from arm to arm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arm: Option<ArmName>,
    /// The index of the first task, and the number of tasks.
    pub(super) first: usize,
    pub(super) tasks: usize,
    /// How many tasks the workload has: beyond the last one the indices go on, and the work is
    /// repeated.
    pub(super) of: usize,
    pub(super) scope: Scope,
    /// How many of the slots may be used: those with the lowest numbers are.
    pub(super) slots: usize,
    /// Whether a worker process does the work itself: if not, it limits the time of what it starts.
    pub(super) in_process: bool,
    /// The memory that a task holds while it runs.
    pub(super) task_bytes: Bytes,
    /// The memory that all tasks together may hold on one machine. Without it, that is what the
    /// machine has available.
    pub(super) memory: Option<Bytes>,
}

/// Who does a batch.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// Each task is done by any slot.
    Any,
    /// The same on every slot.
    Slots,
    /// The same on one slot of every node.
    Nodes,
}
