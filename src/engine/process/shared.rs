//! What all threads of a pass share: its tasks, who takes which, and what ends it.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::terms::Terms;
use crate::peer::Killer;
use crate::results::LostWorker;
use crate::worker::Action;
use crate::workload::Spec;

/// What a pass consists of.
pub(super) enum Work {
    /// The same once on every worker.
    OnEach,
    /// Tasks: a free worker takes the next one.
    Tasks {
        /// The first task that is not taken yet.
        next: AtomicUsize,
        /// The end of the tasks.
        end: usize,
        /// How many tasks the workload has: beyond the last one the indices go on, and the work
        /// is repeated.
        of: usize,
    },
}

/// The shared state of all threads of a pass.
pub(super) struct Dispatch<'a> {
    pub(super) spec: &'a Spec,
    pub(super) action: Action,
    pub(super) work: Work,
    pub(super) terms: Terms<'a>,
    /// The number of the next request.
    pub(super) requests: &'a AtomicU64,
    pub(super) began: Instant,
    /// The workers that were lost and whose tasks were done again.
    pub(super) lost: Mutex<Vec<LostWorker>>,
    /// Set when the pass has failed: no worker takes another task.
    pub(super) is_over: AtomicBool,
    /// What kills the workers that run now, by their place.
    pub(super) killers: Mutex<Vec<Option<Killer>>>,
}

impl Work {
    /// The number of workers that have something to do.
    pub(super) fn most_workers(&self) -> usize {
        match self {
            Self::OnEach => usize::MAX,
            Self::Tasks { .. } => self.left(),
        }
    }

    /// How many tasks are not taken yet.
    pub(super) fn left(&self) -> usize {
        match self {
            Self::OnEach => 0,
            Self::Tasks { next, end, .. } => end.saturating_sub(next.load(Ordering::Relaxed)),
        }
    }

    /// These tasks, none of them taken.
    pub(super) fn tasks(indices: &Range<usize>, of: usize) -> Self {
        Self::Tasks {
            next: AtomicUsize::new(indices.start),
            end: indices.end,
            of,
        }
    }

    /// What the piece of it at place `task` is called in messages.
    pub(super) fn name_of(&self, task: usize) -> String {
        match self {
            Self::OnEach => "a request".to_owned(),
            Self::Tasks { .. } => format!("task {}", task + 1),
        }
    }

    /// The workload's task at place `task`.
    pub(super) fn index(&self, task: usize) -> usize {
        match self {
            Self::OnEach => task,
            Self::Tasks { of, .. } => task % of.max(&1),
        }
    }
}

impl Dispatch<'_> {
    /// The task for a worker's next turn.
    pub(super) fn take(&self, turn: usize) -> Option<usize> {
        if self.is_over.load(Ordering::Relaxed) {
            return None;
        }

        match &self.work {
            Work::OnEach => (turn == 0).then_some(0),
            Work::Tasks { next, end, .. } => {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| task < end)
            }
        }
    }
}
