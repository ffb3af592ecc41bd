//! A stored run may hold commands, and may come from anybody: they are run only where the user
//! agrees.

use anyhow::{Result, bail};

use crate::plan::Plan;

/// Refuses to measure `plan`, which is that of the stored run called `name`, where that runs
/// commands; all of them are shown.
pub(super) fn refuse_commands(plan: &Plan, name: &str) -> Result<()> {
    let cases = plan.cases.iter();
    let mut commands: Vec<String> = cases
        .filter_map(|case| case.workload.command(&case.params))
        .map(|command| format!("`{command}`"))
        .collect();
    commands.dedup();

    let (noun, verb) = match commands.len() {
        0 => return Ok(()),
        1 => ("command", "is"),
        _ => ("commands", "are"),
    };
    bail!(
        "{name} holds the {noun} {}, which {verb} run as written there: use --allow-commands if you want that",
        commands.join(" and ")
    );
}
