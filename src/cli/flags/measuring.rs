//! Flags for how much is measured, and the plan that they make.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::engines::{ClusterArgs, EngineArgs};
use super::values::{duration, isa, memory, scaling, slowdown, worth};
use crate::cli::selection::Selection;
use crate::compare::{Pairing, questions, rounds_alike};
use crate::engine::{Cluster, Registry};
use crate::machine;
use crate::plan::{Case, Choice, Plan, Scaling, WorkerCounts};
use crate::results::{Metric, Precision, Rounds, Sampling};
use crate::units::{Bounded, Bytes, Share};
use parbench_kernels::isa::Isa;

/// Unless the user asks for something else: until the speed-up is known to 2 %, but six rounds, the
/// fewest that give an interval, or more where a later comparison needs them, and half a second, so
/// that short rounds do not all fall into one moment; at most 5 seconds for each arm.
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
    /// Workers, such as 4 or 1,2,4 or 1..8 (both included), max for as many as there are usable
    /// CPUs (those of the cluster where only Ray is used), sweep for 1, 2, 4 and so on up to these
    /// [default: max]
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

    /// Whether they were asked for.
    fn are_chosen(&self) -> bool {
        self.workers.is_some()
    }
}

/// How much to measure.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(in crate::cli) struct MeasureArgs {
    #[command(flatten)]
    workers: WorkersArgs,
    /// What more workers do: share the same work (strong), or N times the work on N workers (weak),
    /// beside the plain loop with the work once
    #[arg(long, value_name = "HOW", default_value = "strong", value_parser = scaling)]
    scale: Scaling,
    /// Speed-up from which going parallel is worth having; below it a gain hardly pays
    #[arg(long, value_name = "FACTOR", default_value = "1.1x", value_parser = worth)]
    worth: f64,
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
    /// Exactly N rounds, or more for --save-baseline and checks where they need them; figures leave
    /// the last of an odd number out; with --warmup 0 the first is the cold one
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
    /// Stop once the 95 % interval of every speed-up is within this much of it to both sides
    /// [default: 2%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    precision: Option<Share>,
    /// The longest time for each arm after the warm-up, such as 10s or 2m [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    pub(in crate::cli) max_time: Option<Duration>,
    /// Seed of the random order of the arms, stored with the run [default: from the clock]
    #[arg(long, value_name = "N")]
    order_seed: Option<Bounded<0, { u64::MAX }>>,
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
        let workers_are_chosen = self.workers.are_chosen();
        let engines_are_chosen =
            |selection: &Selection| self.engines.are_chosen() || !selection.engines.is_empty();
        let engines_of = |selection: &Selection| self.engines.engines_for(selection, known);
        let engines: Vec<_> = selections.iter().flat_map(engines_of).collect();
        let cluster = Cluster {
            memory: self.memory,
            ..self.cluster.clone().cluster(&engines)?
        };

        let (mut cases, mut left_out) = (Vec::new(), Vec::new());
        for selection in selections {
            if selection.workload.hosted_engines().is_empty() {
                self.cluster.has_one_python()?;
            }
            let choice = Choice {
                engines: &engines_of(selection),
                engines_are_chosen: engines_are_chosen(selection),
                workers: selection.workers.as_ref().unwrap_or(&workers),
                workers_are_chosen: workers_are_chosen || selection.workers.is_some(),
                scaling: self.scale,
                cluster: &cluster,
            };
            let (workload, params) = (&selection.workload, &selection.params);
            cases.extend(Case::all_of(workload, params, choice)?);
            let omission = choice.left_out(workload.as_ref(), params);
            left_out.extend(omission.map(|what| format!("{}: {what}", workload.name())));
        }

        // Those that disturb others come last, so that what they start is started once.
        cases.sort_by_key(|case: &Case| case.disturbs_others(&cluster));

        let comparable_rounds = comparable_rounds(&cases);
        let rounds = match self.rounds {
            Some(rounds) => Rounds::Exactly(count(rounds)),
            None => Rounds::Until(Precision {
                min_rounds: self.min_rounds.map_or(comparable_rounds, count),
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
                order_seed: self.order_seed.map_or_else(clock_seed, Bounded::get),
            },
            memory,
            worth: self.worth,
            slowdown,
            store_spans: self.store_spans,
            cluster,
            left_out,
        })
    }
}

/// Rounds such that a run of `cases` can be compared with another one of its kind, whatever metrics
/// decide.
fn comparable_rounds(cases: &[Case]) -> u32 {
    let question_count = questions(cases.iter().map(Case::pairs), &Metric::ALL);
    let needed = rounds_alike(question_count, Pairing::Apart);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::built_in;
    use crate::workload;

    /// The fewest rounds of `pi` on `workers`.
    fn least_rounds(workers: &str) -> u32 {
        let engines = [built_in().default_engine()];
        let choice = Choice {
            engines: &engines,
            engines_are_chosen: true,
            workers: &workers.parse().unwrap(),
            workers_are_chosen: true,
            scaling: Scaling::Strong,
            cluster: &Cluster::default(),
        };
        let pi = workload::built_in().find("pi").unwrap();

        comparable_rounds(&Case::all_of(&pi, &serde_json::json!({}), choice).unwrap())
    }

    #[test]
    fn the_loop_is_asked_about_once_however_many_arms_there_are() {
        let needed = |questions: usize| {
            let rounds = rounds_alike(questions, Pairing::Apart);
            u32::try_from(rounds).unwrap().max(6)
        };

        assert_eq!(least_rounds("2"), needed(1 + 3));
        assert_eq!(least_rounds("1..8"), needed(1 + 8 * 3));
        assert_eq!(least_rounds("1..64"), needed(1 + 64 * 3));
    }
}
