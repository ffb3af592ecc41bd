//! Runs and comparisons in words: how a measurement is called, what it shows, what keeps its
//! figures from being the whole truth. Plain text without layout and without a full stop; escaping
//! and colour belong to the formats.

pub(super) mod best_engine;
pub(super) mod break_even;
pub(super) mod cause;
pub(super) mod change;
pub(super) mod cold;
mod command;
pub(super) mod comparison;
mod counts;
pub(super) mod first_run;
pub(super) mod functions;
pub(super) mod history;
mod history_machine;
pub(super) mod history_names;
pub(super) mod interference;
pub(super) mod law;
pub(super) mod listed;
pub(super) mod machine;
mod more_workers;
pub(super) mod names;
pub(super) mod open;
mod ordinal;
mod percent;
pub(super) mod quick;
pub(super) mod ratio;
pub(super) mod reasons;
pub(super) mod run;
pub(super) mod scaling;
pub(super) mod shape;
mod slow_downs;
pub(super) mod spans;
pub(super) mod start_up;
pub(super) mod task_cost;
pub(super) mod unwaited;
pub(super) mod usage;
pub(super) mod variants;
pub(super) mod varying;
