//! What a program is put together from, as values that the whole command line is built on.

use crate::plan::Known;
use crate::report::{CHARTS, EXPORTERS, Exporter};
use crate::{engine, foreign, workload};

/// A program's workloads, engines and formats.
#[derive(Clone)]
pub struct Parts {
    /// Each workload is a subcommand; those that belong to `all` are measured by `all`, `check` and
    /// `noise`, too.
    pub workloads: workload::Registry,
    /// What `--engine` can name.
    pub engines: engine::Registry,
    /// What `--export` can write.
    pub exporters: Vec<&'static Exporter>,
    /// What `--chart` can draw.
    pub charts: Vec<&'static Exporter>,
}

impl Parts {
    /// What comes with parbench.
    #[must_use]
    pub fn built_in() -> Self {
        let mut workloads = workload::built_in();
        workloads.add(foreign::program());

        Self {
            workloads,
            engines: engine::built_in(),
            exporters: EXPORTERS.iter().collect(),
            charts: CHARTS.iter().collect(),
        }
    }

    /// What a stored run may name.
    #[must_use]
    pub fn known(&self) -> Known<'_> {
        Known {
            workloads: &self.workloads,
            engines: &self.engines,
        }
    }
}
