//! Flags for engines: which ones, and where they are.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;

use super::values::time_limit;
use crate::cli::selection::Selection;
use crate::cli::variables;
use crate::engine::{Address, Cluster, Definition, Registry};
use crate::printable::{self, printable};

/// Where `--help` lists them. Given for each flag: a heading for what follows would go on behind
/// them.
const HEADING: &str = "Engines";

/// Ray's own variable. It is set for other programs, too, so that it is looked at only when Ray is
/// asked for.
const ADDRESS_VARIABLE: &str = "RAY_ADDRESS";

const ADDRESS_HELP: &str = "Ray cluster to join: HOST:PORT, auto for this machine's, or local for one of its own [env: RAY_ADDRESS] [default: local]";

/// Which engines.
#[derive(Debug, Args)]
pub(in crate::cli) struct EngineArgs {
    // Which names there are is for the program's registry to say.
    /// Engines, measured beside one another: see `parbench list` [default: pool]
    #[arg(
        short,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        env = "PARBENCH_ENGINE",
        hide_env_values = true,
        hide_possible_values = true,
        help_heading = HEADING
    )]
    engine: Vec<String>,
}

/// Where engines beyond this machine are.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct ClusterArgs {
    #[arg(long, value_name = "ADDRESS", help = ADDRESS_HELP, help_heading = HEADING)]
    ray_address: Option<Address>,
    /// Python that has Ray, or that runs the function of `python`: several, to compare them
    /// [default: python3]
    #[arg(
        long,
        value_name = "PATH",
        value_delimiter = ',',
        env = "PARBENCH_PYTHON",
        hide_env_values = true,
        help_heading = HEADING
    )]
    python: Vec<PathBuf>,
    /// How long a task in another process may take: after that it is given up and done again, or
    /// has failed where it is a command [default: 10m]
    #[arg(
        long,
        value_name = "TIME",
        value_parser = time_limit,
        allow_hyphen_values = true,
        env = "PARBENCH_TASK_TIMEOUT",
        hide_env_values = true,
        help_heading = HEADING
    )]
    task_timeout: Option<Duration>,
    /// How long each step of starting Ray may take, such as waiting for CPUs [default: 20s on a
    /// cluster and 1m on a local Ray, and 1s more for each worker, for CPUs]
    #[arg(
        long,
        value_name = "TIME",
        value_parser = time_limit,
        allow_hyphen_values = true,
        env = "PARBENCH_START_TIMEOUT",
        hide_env_values = true,
        help_heading = HEADING
    )]
    start_timeout: Option<Duration>,
}

/// A cluster as flags and variables describe it.
pub(in crate::cli) struct ClusterOfVariables {
    pub(in crate::cli) cluster: Cluster,
    /// What is wrong with [`ADDRESS_VARIABLE`], which matters only to an engine that uses the
    /// cluster.
    pub(in crate::cli) trouble: Option<String>,
}

impl EngineArgs {
    /// Whether any was asked for.
    pub(in crate::cli) fn are_chosen(&self) -> bool {
        !self.engine.is_empty()
    }

    /// The engines asked for, each once, or the usual one of the workload of `selection`: of those
    /// that it brings along, or else of `known`.
    pub(in crate::cli) fn engines_for(
        &self,
        selection: &Selection,
        known: &Registry,
    ) -> Vec<Arc<dyn Definition>> {
        let workload = selection.workload.as_ref();
        let known = known.of(workload);

        if !selection.engines.is_empty() {
            found(&selection.engines, &known)
        } else if self.are_chosen() {
            self.engines(&known)
        } else {
            vec![known.default_for(workload)]
        }
    }

    /// The engines asked for, each once, or the default one of `known`.
    pub(in crate::cli) fn engines(&self, known: &Registry) -> Vec<Arc<dyn Definition>> {
        found(&self.engine, known)
    }
}

/// The engines of these `names`, each once, or the default one of `known`.
fn found(names: &[String], known: &Registry) -> Vec<Arc<dyn Definition>> {
    let mut engines: Vec<Arc<dyn Definition>> = Vec::new();

    for engine in names.iter().filter_map(|name| known.find(name)) {
        if engines.iter().all(|other| other.name() != engine.name()) {
            engines.push(engine);
        }
    }

    if engines.is_empty() {
        engines.push(known.default_engine());
    }
    engines
}

impl ClusterArgs {
    /// The cluster for `engines`.
    pub(in crate::cli) fn cluster(self, engines: &[Arc<dyn Definition>]) -> Result<Cluster> {
        let ClusterOfVariables { cluster, trouble } = self.cluster_of_variables();
        let is_needed = engines.iter().any(|engine| engine.uses_cluster());

        match trouble {
            Some(trouble) if is_needed => Err(anyhow!(trouble)),
            _ => Ok(cluster),
        }
    }

    /// Refuses several interpreters, where nothing is there to compare.
    pub(in crate::cli) fn has_one_python(&self) -> Result<()> {
        if let [_, second, ..] = &self.python[..] {
            return Err(anyhow!(
                "--python names several interpreters, up to {}: only the workload `python` compares them",
                printable::path(second)
            ));
        }
        Ok(())
    }

    /// The cluster, for engines that are not known yet.
    pub(in crate::cli) fn cluster_of_variables(self) -> ClusterOfVariables {
        let (address, trouble) = match self.ray_address.map_or_else(address_of_variable, Ok) {
            Ok(address) => (address, None),
            Err(trouble) => (Address::default(), Some(trouble)),
        };
        let python = self.python.into_iter().next();
        let python = python.unwrap_or_else(|| PathBuf::from(Cluster::PYTHON));

        ClusterOfVariables {
            cluster: Cluster {
                address,
                python: python.into(),
                task_timeout: self.task_timeout,
                start_timeout: self.start_timeout,
                ..Cluster::default()
            },
            trouble,
        }
    }
}

fn address_of_variable() -> Result<Address, String> {
    let Some(value) = variables::set(ADDRESS_VARIABLE) else {
        return Ok(Address::default());
    };
    let value = value.to_string_lossy();

    value.parse().map_err(|why: String| {
        format!(
            "invalid value '{}' for '{ADDRESS_VARIABLE}': {why}",
            printable(&value)
        )
    })
}
