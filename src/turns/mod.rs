//! Two programs in turns on this machine: the best way to compare them, because whatever the
//! machine does, it does to both. Each runs in a process of its own and runs rounds when it is
//! asked to.
//!
//! `pair` asks both programs for rounds, `partner` is one of them as a process, `serve` is the
//! other end of the conversation, and `protocol` is what both ends say.

mod pair;
mod partner;
mod protocol;
mod serve;

use std::path::PathBuf;
use std::time::Duration;

use crate::results::Problem;

pub use pair::{Both, measure};
pub use protocol::SUBCOMMAND;
pub use serve::{ServeError, Served, serve};

/// The program to take turns with.
#[derive(Clone, Debug)]
pub struct Other {
    /// The binary.
    pub path: PathBuf,
    /// The most time that it may take for one step.
    pub timeout: Duration,
}

/// Why two programs cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// One of them failed, or is something else than a parbench. The workload is empty where it has
    /// nothing to do with that.
    #[error("{}", _0.failure)]
    Trouble(Problem),
    /// One of them took too long.
    #[error("{name} took more than {} s to {step}", limit.as_secs_f64())]
    TimedOut {
        /// The program.
        name: String,
        /// What it was to do: `run a round`.
        step: &'static str,
        /// The most time that it may take.
        limit: Duration,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}
