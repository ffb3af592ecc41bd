//! Flags for how much is measured, and the plan that they make.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::engines::{ClusterArgs, EngineArgs};
use super::values::{duration, isa, memory, slowdown};
use crate::cli::workloads::Selection;
use crate::compare::{Pairing, rounds_alike};
use crate::engine::{Cluster, Registry};
use crate::kernel::isa::Isa;
use crate::machine;
use crate::plan::{Case, Choice, Plan, WorkerCounts};
use crate::results::{Metric, Precision, Rounds, Sampling};
use crate::units::{Bounded, Bytes, Share};

/// Unless the user asks for something else: until the speed-up is known to 2 %, but six rounds, the
/// fewest that give an interval, or more where a later comparison needs them, and half a second, so
/// that short rounds do not all fall into one moment; at most 10 seconds.
const PRECISION: Precision = Precision {
    min_rounds: 6,
    min_time: Duration::from_millis(500),
    max_time: Duration::from_secs(5),
    half_width: 0.02,
};

/// `--workers`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(in crate::cli) struct WorkersArgs {
    /// Workers, such as 4 or 1,2,4 or 1..8 (both included) or max: as many as there are usable
    /// CPUs, those of the cluster where only Ray is used [default: max]
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        env = "PARBENCH_WORKERS",
        hide_env_values = true
    )]
    workers: Option<WorkerCounts>,
}

impl WorkersArgs {
    /// The numbers of workers.
    pub(in crate::cli) fn counts(&self) -> WorkerCounts {
        self.workers.clone().unwrap_or_else(WorkerCounts::usable)
    }
}

/// How much to measure.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(in crate::cli) struct MeasureArgs {
    #[command(flatten)]
    workers: WorkersArgs,
    #[command(flatten)]
    engines: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) cluster: ClusterArgs,
    /// Rounds before those that count; the first of them is reported as the cold one
    #[arg(
        short,
        long,
        value_name = "N",
        default_value = "1",
        env = "PARBENCH_WARMUP",
        hide_env_values = true
    )]
    warmup: Bounded<0, 1000>,
    /// Exactly N rounds; figures leave the last of an odd number out; with --warmup 0 the first is
    /// the cold one
    #[arg(
        short,
        long,
        value_name = "N",
        visible_alias = "runs",
        conflicts_with_all = ["min_rounds", "max_time", "precision"]
    )]
    rounds: Option<Bounded<1, 1_000_000>>,
    /// At least N rounds; an even number is run [default: 6, or more where `compare` needs them]
    #[arg(short, long, value_name = "N")]
    min_rounds: Option<Bounded<1, 1_000_000>>,
    /// Go on until the 95 % interval of every speed-up reaches no farther than this to both sides
    /// [default: 2%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    precision: Option<Share>,
    /// But no longer than this for each arm, after the warm-up: 10s, 2m [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    pub(in crate::cli) max_time: Option<Duration>,
    /// Seed of the random order of the arms, stored with the run [default: from the clock]
    #[arg(long, value_name = "N")]
    order_seed: Option<u64>,
    /// Memory that running tasks together may hold, on each machine: 8GB, 512MiB [default: nine
    /// tenths of what is available]
    #[arg(
        long,
        value_name = "SIZE",
        env = "PARBENCH_MEMORY",
        hide_env_values = true,
        value_parser = memory
    )]
    memory: Option<Bytes>,
    /// Store when each task ran, in exports to .json
    #[arg(long)]
    store_spans: bool,
    /// Make every task FACTOR times as long, such as 1.10. To see that a regression is found
    #[arg(long, value_name = "FACTOR", hide = true, value_parser = slowdown)]
    inject_slowdown: Option<f64>,
}

/// What the kernels run on.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct KernelArgs {
    /// Instruction set of the fib and pi kernels: auto, avx512, avx2, neon or portable [default:
    /// auto]
    #[arg(
        long,
        value_name = "NAME",
        env = "PARBENCH_ISA",
        hide_env_values = true,
        value_parser = isa,
        help_heading = "Measuring"
    )]
    isa: Option<Isa>,
}

impl KernelArgs {
    /// Has all kernels use the instruction set that was asked for.
    pub(in crate::cli) fn apply(self) {
        if let Some(isa) = self.isa {
            // No kernel has run yet, and the parser refuses what this CPU cannot run.
            let _ = Isa::select(isa);
        }
    }
}

impl MeasureArgs {
    /// The number of `--rounds`, if the user gave one.
    pub(in crate::cli) fn exact_rounds(&self) -> Option<u32> {
        self.rounds.map(count)
    }

    /// The memory that running tasks together may hold.
    pub(in crate::cli) fn memory(&self) -> Bytes {
        self.memory.unwrap_or_else(default_memory)
    }

    /// The memory that was asked for, which limits every machine of a cluster, too.
    pub(in crate::cli) fn memory_limit(&self) -> Option<Bytes> {
        self.memory
    }

    /// How many times as long every task takes.
    pub(in crate::cli) fn slowdown(&self) -> f64 {
        self.inject_slowdown.unwrap_or(1.0)
    }

    /// The plan that these flags make for the workloads of `selections`, with engines that are
    /// `known`.
    pub(in crate::cli) fn plan(self, known: &Registry, selections: &[Selection]) -> Result<Plan> {
        let (memory, slowdown) = (self.memory(), self.slowdown());
        let workers = self.workers.counts();
        let engines = self.engines.engines(known);
        let cluster = Cluster {
            memory: self.memory,
            ..self.cluster.cluster(&engines)?
        };

        let choice = Choice {
            engines: &engines,
            workers: &workers,
            cluster: &cluster,
        };
        let mut cases = Vec::new();
        for selection in selections {
            cases.extend(Case::all_of(
                &selection.workload,
                &selection.params,
                choice,
            )?);
        }

        // Those that disturb others come last, so that what they start is started once.
        cases.sort_by_key(|case: &Case| case.disturbs_others(&cluster));

        let pairs = cases.iter().map(Case::pairs).sum();
        let rounds = match self.rounds {
            Some(rounds) => Rounds::Exactly(count(rounds)),
            None => Rounds::Until(Precision {
                min_rounds: self
                    .min_rounds
                    .map_or_else(|| comparable_rounds(pairs), count),
                min_time: PRECISION.min_time,
                max_time: self.max_time.unwrap_or(PRECISION.max_time),
                half_width: self.precision.map_or(PRECISION.half_width, Share::get),
            }),
        };

        Ok(Plan {
            cases,
            sampling: Sampling {
                warmup: count(self.warmup),
                rounds,
                order_seed: self.order_seed.unwrap_or_else(clock_seed),
            },
            memory,
            slowdown,
            store_spans: self.store_spans,
            cluster,
        })
    }
}

/// Rounds such that a run with `pairs` arms beside their references can be compared with another
/// one of its kind, whatever metrics decide.
fn comparable_rounds(pairs: usize) -> u32 {
    let needed = rounds_alike(pairs * Metric::ALL.len(), Pairing::Apart);

    u32::try_from(needed)
        .unwrap_or(u32::MAX)
        .max(PRECISION.min_rounds)
}

/// A number that no flag lets exceed 32 bits.
pub(in crate::cli) fn count<const MIN: u64, const MAX: u64>(number: Bounded<MIN, MAX>) -> u32 {
    u32::try_from(number.get()).unwrap_or(u32::MAX)
}

/// A seed that differs from run to run.
pub(in crate::cli) fn clock_seed() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();

    // Milliseconds: a number that people can type again.
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Most of what can be had now; the rest is for the program itself and its neighbours.
pub(in crate::cli) fn default_memory() -> Bytes {
    match machine::memory().available {
        // The system does not report it: no limit is better than no memory at all.
        Bytes(0) => Bytes(u64::MAX),
        Bytes(available) => Bytes(available / 10 * 9),
    }
}
