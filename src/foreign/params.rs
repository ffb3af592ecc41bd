//! The complete parameters of `program`, as they are typed and stored: which program, and what each
//! request to it says of the work.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::results::StoredPath;
use crate::workload::{WorkerProgram, usual_name};

/// The flag that has the program tested and not measured.
pub const CHECK_PROTOCOL: &str = "check_protocol";

/// The flags.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// The program, whose own flags follow it. It speaks the worker protocol:
    /// docs/worker-protocol.md
    #[arg(value_name = "PROGRAM", required = true, num_args = 1.., trailing_var_arg = true)]
    worker: Vec<OsString>,
    /// Parameters of the work, which each request to the program has: any JSON
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = json)]
    params: Value,
    /// The workload that each request names [default: the program's file name without extension]
    #[arg(long, value_name = "NAME")]
    workload: Option<String>,
    /// Measure nothing: test whether the program speaks the worker protocol, a line for each rule
    #[arg(long, id = CHECK_PROTOCOL)]
    check_protocol: bool,
}

/// Everything that decides what is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parameters {
    /// The program and its arguments.
    worker: Vec<StoredPath>,
    /// The workload that requests name.
    pub(super) workload: String,
    /// The parameters that requests have.
    pub(super) params: Value,
}

impl Parameters {
    pub(super) fn new(flags: Flags) -> Self {
        let words = flags.worker.into_iter();
        let worker: Vec<StoredPath> = words.map(|word| PathBuf::from(word).into()).collect();

        Self {
            workload: flags.workload.unwrap_or_else(|| usual_name(&worker)),
            worker,
            params: flags.params,
        }
    }

    /// The program; `None` where a stored run names none.
    pub(super) fn program(&self) -> Option<WorkerProgram> {
        WorkerProgram::new(&self.worker)
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("must be JSON, such as {{\"n\": 3}}: {error}"))
}
