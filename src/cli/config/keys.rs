//! Which flags may stand in the file. docs/config.md has each; a test compares.

use crate::cli::parts::Parts;

/// The file.
pub(super) const NAME: &str = "parbench.toml";

/// The fixed subcommands that it is for, beside those of the workloads that belong to `all`.
pub(super) const VERBS: [&str; 6] = ["all", "check", "noise", "overhead", "compare", "history"];

/// Those that measure the workloads that the file lists.
pub(super) const LISTED_BY: [&str; 3] = ["all", "check", "noise"];

/// Flags that may stand outside of tables, for every subcommand that has them, and in the table of
/// one subcommand.
pub(super) const SETTINGS: [&str; 24] = [
    "baseline",
    "store",
    "tolerance",
    "metrics",
    "strict",
    "no-confirm",
    "timeout",
    "workers",
    "engine",
    "scale",
    "worth",
    "warmup",
    "rounds",
    "min-rounds",
    "precision",
    "max-time",
    "memory",
    "isa",
    "python",
    "ray-address",
    "task-timeout",
    "start-timeout",
    "checks",
    "slowdowns",
];

/// What only the table of a subcommand sets for it: a history tolerates less than a check.
pub(super) const NOT_SHARED: [(&str, &str); 1] = [("history", "tolerance")];

/// Flags that may stand in the table of a workload, beside its parameters.
pub(super) const OF_A_WORKLOAD: [&str; 2] = ["engine", "workers"];

/// A flag that may stand in the table of a workload which brings its engines along: their
/// interpreters.
pub(super) const OF_HOSTED_ENGINES: &str = "python";

/// Parameters that measure nothing.
pub(super) const NOT_MEASURED: [&str; 1] = ["check-protocol"];

/// What the file says of the first is left out when the second one is typed.
pub(super) const GIVES_WAY: [(&str, &str); 1] = [("baseline", "against")];

/// Whether the file is read for `subcommand`.
pub(in crate::cli) fn applies_to(subcommand: &str, parts: &Parts) -> bool {
    let is_in_all = || {
        let mut workloads = parts.workloads.in_all();
        workloads.any(|workload| workload.name() == subcommand)
    };

    VERBS.contains(&subcommand) || is_in_all()
}
