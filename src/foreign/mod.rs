//! Workloads that other programs bring: a program in any language that speaks the worker protocol
//! describes its work, does its tasks and combines their results.

mod conformance;
mod conversation;
mod definition;
mod empty;
mod params;
mod prepared;

use std::sync::Arc;

use crate::workload::Definition;

pub use conformance::{ANSWER_LIMIT, Finding, Verdict, check_protocol};
pub use params::CHECK_PROTOCOL;

/// The workload `program`.
#[must_use]
pub fn program() -> Arc<dyn Definition> {
    Arc::new(definition::Program)
}
