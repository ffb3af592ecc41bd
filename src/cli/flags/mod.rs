//! The flags that subcommands share, as structs that each of them flattens.

mod config;
mod engines;
mod judging;
mod measuring;
mod output;
mod quick;
mod trace;
pub(super) mod values;

pub(super) use config::ConfigArgs;
pub(super) use engines::{ClusterArgs, ClusterOfVariables, EngineArgs};
pub(super) use judging::{BaselineArgs, JudgeArgs, MetricsArgs, OnlyArgs};
pub(super) use measuring::{
    KernelArgs, MeasureArgs, WorkersArgs, clock_seed, count, default_memory,
};
pub(super) use output::{ColorArgs, OutputArgs, QuietArgs, VerboseArgs};
pub(super) use quick::QuickArgs;
pub(super) use trace::TraceArgs;
