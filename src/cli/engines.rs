//! The flags that choose engines and say where they are.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::values::duration;
use super::variables;
use crate::engine::{self, Address, Cluster, ENGINES};
use crate::printable::printable;

/// Where `--help` lists them. Said for each: a heading for what follows would go on behind them.
const HEADING: &str = "Engines";

/// Ray's own variable. It is set for other programs, too, so that it is looked at only when Ray is asked for.
const ADDRESS_VARIABLE: &str = "RAY_ADDRESS";

const ADDRESS_HELP: &str = "Ray cluster to join: HOST:PORT, auto for this machine's, or local for one of its own [env: RAY_ADDRESS] [default: local]";

/// Which engines.
#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Engines, one after another: see `parbench list` [default: pool]
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',', value_parser = names(), env = "PARBENCH_ENGINE", hide_env_values = true, hide_possible_values = true, help_heading = HEADING)]
    engine: Vec<String>,
}

/// Where engines beyond this machine are.
#[derive(Clone, Debug, Args)]
pub(super) struct ClusterArgs {
    #[arg(long, value_name = "ADDRESS", help = ADDRESS_HELP, help_heading = HEADING)]
    ray_address: Option<Address>,
    /// Python that has Ray [default: python3]
    #[arg(long, value_name = "PATH", env = "PARBENCH_PYTHON", hide_env_values = true, help_heading = HEADING)]
    python: Option<PathBuf>,
    /// How long a task in another process may take before it is given up and done again [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true, env = "PARBENCH_TASK_TIMEOUT", hide_env_values = true, help_heading = HEADING)]
    task_timeout: Option<Duration>,
    /// How long each step of starting Ray may take, such as waiting for CPUs [default: 20s and 1s a worker for CPUs]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true, env = "PARBENCH_START_TIMEOUT", hide_env_values = true, help_heading = HEADING)]
    start_timeout: Option<Duration>,
}

impl EngineArgs {
    /// The engines asked for, each once, or the default one.
    pub(super) fn engines(&self) -> Vec<&'static engine::Definition> {
        let mut found: Vec<&'static engine::Definition> = Vec::new();
        for engine in self.engine.iter().filter_map(|name| engine::find(name)) {
            if found.iter().all(|known| known.name != engine.name) {
                found.push(engine);
            }
        }
        if found.is_empty() {
            vec![engine::default()]
        } else {
            found
        }
    }
}

impl ClusterArgs {
    /// The cluster for `engines`.
    pub(super) fn cluster(self, engines: &[&engine::Definition]) -> Result<Cluster> {
        let (cluster, trouble) = self.cluster_of_variables();
        let is_needed = engines.iter().any(|engine| engine.uses_cluster());

        match trouble {
            Some(trouble) if is_needed => Err(anyhow!(trouble)),
            _ => Ok(cluster),
        }
    }

    /// The cluster, and what is wrong with [`ADDRESS_VARIABLE`]: that matters only to an engine that uses it.
    pub(super) fn cluster_of_variables(self) -> (Cluster, Option<String>) {
        let Self {
            ray_address,
            python,
            task_timeout,
            start_timeout,
        } = self;
        let (address, trouble) = match ray_address.map_or_else(address_of_variable, Ok) {
            Ok(address) => (address, None),
            Err(trouble) => (Address::default(), Some(trouble)),
        };
        let cluster = Cluster {
            address,
            python: python
                .unwrap_or_else(|| PathBuf::from(Cluster::PYTHON))
                .into(),
            task_timeout: task_timeout.unwrap_or(Cluster::TASK_TIMEOUT),
            start_timeout,
            ..Cluster::default()
        };

        (cluster, trouble)
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

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(ENGINES.iter().map(|engine| engine.name))
}
