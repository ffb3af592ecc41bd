//! The flags that choose engines and say where they are.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::args::duration;
use crate::engine::{self, Address, Cluster, ENGINES};

/// Where `--help` lists them. Said for each: a heading for what follows would go on behind them.
const HEADING: &str = "Engines";

/// Which engines.
#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Engines, one after another: see `parbench list` [default: pool]
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',', value_parser = names(), env = "PARBENCH_ENGINE", hide_env_values = true, hide_possible_values = true, help_heading = HEADING)]
    engine: Vec<String>,
}

/// Where engines beyond this machine are.
#[derive(Debug, Args)]
pub(super) struct ClusterArgs {
    /// Ray cluster to join: HOST:PORT, auto for this machine's, or local for one of its own [default: local]
    #[arg(long, value_name = "ADDRESS", env = "RAY_ADDRESS", hide_env_values = true, help_heading = HEADING)]
    ray_address: Option<Address>,
    /// Python that has Ray [default: python3]
    #[arg(long, value_name = "PATH", env = "PARBENCH_PYTHON", hide_env_values = true, help_heading = HEADING)]
    python: Option<String>,
    /// How long a task on Ray may take before it is done elsewhere [default: 10m]
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
        if found.is_empty() { vec![engine::default()] } else { found }
    }
}

impl ClusterArgs {
    pub(super) fn cluster(self) -> Cluster {
        let Self { ray_address, python, task_timeout, start_timeout } = self;
        Cluster {
            address: ray_address.unwrap_or_default(),
            python: python.unwrap_or_else(|| Cluster::PYTHON.to_owned()),
            task_timeout: task_timeout.unwrap_or(Cluster::TASK_TIMEOUT),
            start_timeout,
            ..Cluster::default()
        }
    }
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(ENGINES.iter().map(|engine| engine.name))
}
