//! What can go wrong: each error names the task and how to fix it.

use std::io;

use thiserror::Error;

/// Why a pool could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The system gave no threads.
    #[error("cannot start thread {number} of {threads}: ask for fewer workers or a smaller stack")]
    Threads {
        /// Which one the system refused, from 1.
        number: usize,
        /// How many the pool asked for.
        threads: usize,
        /// The system's own error.
        source: io::Error,
    },
}

/// Why a task was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The pool has been shut down.
    #[error("{task} came after the pool was shut down: submit it earlier, or to another pool")]
    ShutDown {
        /// The task's name.
        task: String,
    },
    /// The task declares more memory than the pool may ever use, so it could never start.
    #[error(
        "{task} needs {needs} bytes, but the pool's memory budget is {budget}: \
         raise the budget, or split the task"
    )]
    TooLarge {
        /// The task's name.
        task: String,
        /// The bytes that the task declared.
        needs: u64,
        /// The pool's whole budget in bytes.
        budget: u64,
    },
}

/// Why a task has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked.
    #[error("{task} panicked: {message}")]
    Panicked {
        /// The task's name.
        task: String,
        /// The panic's message, or a note that it was neither `&str` nor `String`.
        message: String,
    },
    /// The task was cancelled before it started.
    #[error("{task} was cancelled before it started")]
    Cancelled {
        /// The task's name.
        task: String,
    },
}
