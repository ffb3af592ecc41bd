//! A workload that is to be measured, as flags or a file ask for it.

use std::sync::Arc;

use clap::ArgMatches;
use serde_json::Value;

use crate::plan::WorkerCounts;
use crate::workload::Definition;

/// A workload that is to be measured.
pub(super) struct Selection {
    pub(super) workload: Arc<dyn Definition>,
    /// Its complete parameters.
    pub(super) params: Value,
    /// Engines for it alone; empty for those of the other workloads.
    pub(super) engines: Vec<String>,
    /// Workers for it alone.
    pub(super) workers: Option<WorkerCounts>,
}

impl Selection {
    /// `workload` with `params`.
    pub(super) fn of(workload: &Arc<dyn Definition>, params: Value) -> Self {
        Self {
            workload: Arc::clone(workload),
            params,
            engines: Vec::new(),
            workers: None,
        }
    }

    /// `workload` with its parameters from the `matches` of its own subcommand.
    pub(super) fn of_matches(
        workload: &Arc<dyn Definition>,
        matches: &ArgMatches,
    ) -> Result<Self, clap::Error> {
        Ok(Self::of(workload, workload.parse(matches)?))
    }
}
