//! Where all work runs on a cluster, the numbers of workers and of tasks that nobody chose are those of its CPUs, not of
//! this machine's. They are asked for before the flags are read: the defaults depend on them.

use std::num::NonZeroUsize;

use anyhow::Result;
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use super::engines::{ClusterArgs, EngineArgs};
use super::signals;
use crate::stop::Stop;
use crate::workload::WORKLOADS;

/// The CPUs of the cluster, where these flags leave a number to them.
pub(super) fn ask(matches: &ArgMatches) -> Result<Option<NonZeroUsize>> {
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(None);
    };
    let measures = WORKLOADS.iter().any(|workload| workload.name == name)
        || ["all", "overhead", "noise"].contains(&name)
        || (name == "check" && given(matches, "against") && !given(matches, "baseline"));
    if !measures || !leaves_a_number(name, matches) {
        return Ok(None);
    }

    let engines = EngineArgs::from_arg_matches(matches)?.engines();
    let [engine] = engines[..] else {
        return Ok(None);
    };
    let cluster = ClusterArgs::from_arg_matches(matches)?.cluster(&engines)?;
    let stop = Stop::new();
    signals::install(&stop)?;
    Ok((engine.cpus)(&cluster, &stop)?)
}

/// Whether the number of workers, or of some workload's tasks, is the usual one.
fn leaves_a_number(name: &str, matches: &ArgMatches) -> bool {
    let workers = matches
        .get_raw("workers")
        .and_then(|mut values| values.next_back());
    let workers = workers.map(|value| value.to_string_lossy().into_owned());
    let most = |text: String| {
        text.split([',', '.'])
            .any(|part| matches!(part.trim(), "max" | "0"))
    };
    if workers.is_none_or(most) {
        return true;
    }

    let of_workload = |workload: &str| {
        if name == "all" {
            format!("{workload}-tasks")
        } else {
            "tasks".to_owned()
        }
    };
    let tasks = WORKLOADS.iter().map(|workload| of_workload(workload.name));
    tasks
        .into_iter()
        .any(|id| matches.try_contains_id(&id).is_ok() && !given(matches, &id))
}

/// Whether the user set the flag, or its variable.
fn given(matches: &ArgMatches, id: &str) -> bool {
    matches.try_contains_id(id).is_ok()
        && matches!(
            matches.value_source(id),
            Some(ValueSource::CommandLine | ValueSource::EnvVariable)
        )
}
