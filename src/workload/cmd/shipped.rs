//! A copy of the program that an engine has put on this machine, where it is not installed.

use std::env;
use std::path::PathBuf;

/// Where the copy is. `worker.py` sets these variables for the worker processes of a node.
const COPY: &str = "PARBENCH_SHIPPED";
/// Where the program is on the machine that it was copied from.
const ORIGINAL: &str = "PARBENCH_SHIPPED_FROM";

/// A program and its copy.
pub(super) struct Shipped {
    pub(super) original: PathBuf,
    pub(super) copy: PathBuf,
}

impl Shipped {
    /// The one that this process was given, if it was.
    pub(super) fn here() -> Option<Self> {
        Some(Self {
            original: env::var_os(ORIGINAL)?.into(),
            copy: env::var_os(COPY)?.into(),
        })
    }
}
