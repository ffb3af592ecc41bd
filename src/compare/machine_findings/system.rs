//! What matters about everything but the CPUs: the build, other programs, memory, variables.

use super::finding::MachineFinding;
use crate::machine::OtherPrograms;
use crate::results::Environment;
use crate::units::{Bytes, count, two_decimals};

/// A load average, divided by the CPUs, above which other programs are in the way.
const BUSY: f64 = 0.5;

/// What other programs do to figures.
const NEIGHBOURS: &str = "Other programs are running. They slow the distributed arm more than the serial one, which \
                          finds a free CPU. Stop them, or wait a minute and look again.";

/// A share of the memory below which what is available is little.
const LITTLE: f64 = 0.2;

/// Below this, even a large share is little for the image workload.
const TOO_LITTLE: Bytes = Bytes(1_000_000_000);

pub(super) fn build(environment: &Environment) -> MachineFinding {
    let profile = &environment.build_profile;
    if profile == "release" {
        return MachineFinding::fine("build", "release");
    }

    MachineFinding::warn(
        "build",
        profile,
        "Without optimisation, times are meaningless. Build with `cargo build --release` and measure with that.",
    )
}

pub(super) fn load(environment: &Environment) -> MachineFinding {
    // What happens just now says more than an average of the last minute, which holds what has
    // ended.
    if let Some(others) = environment.cpu.other_programs {
        return other_programs(others);
    }
    let Some([minute, ..]) = environment.cpu.load_average else {
        return MachineFinding::unknown("load");
    };

    let logical = environment.cpu.topology.logical;
    let cpus = logical.unwrap_or(environment.usable_cpus).max(1);
    let state = format!(
        "{} on {} over the last minute",
        two_decimals(minute),
        count(cpus, "CPU")
    );
    if minute <= BUSY * cpus as f64 {
        MachineFinding::fine("load", state)
    } else {
        MachineFinding::warn("load", state, NEIGHBOURS)
    }
}

fn other_programs(others: OtherPrograms) -> MachineFinding {
    let state = format!(
        "other programs use {:.2} of {}",
        others.cores,
        count(others.cpus, "CPU")
    );

    if others.are_in_the_way_of(others.cpus) {
        MachineFinding::warn("load", state, NEIGHBOURS)
    } else {
        MachineFinding::fine("load", state)
    }
}

pub(super) fn memory(environment: &Environment) -> MachineFinding {
    let all = environment.memory_bytes;
    let available = environment.memory_available_bytes;
    if all == Bytes(0) {
        return MachineFinding::unknown("memory");
    }

    let limit = if environment.memory.limit_bytes.is_some() {
        " (cgroup limit)"
    } else {
        ""
    };
    let state = format!("{available} of {all}{limit} available");
    let share = available.0 as f64 / all.0 as f64;
    if share >= LITTLE && available >= TOO_LITTLE {
        return MachineFinding::fine("memory", state);
    }

    MachineFinding::warn(
        "memory",
        state,
        format!(
            "Only {available} is left: tasks may have to wait for memory, and workers stand idle. Close other \
             programs, or make the tasks smaller (--help).",
        ),
    )
}

pub(super) fn swap(environment: &Environment) -> MachineFinding {
    let memory = &environment.memory;

    match (memory.swap_bytes, memory.swap_used_bytes) {
        (None, _) | (_, None) => MachineFinding::unknown("swap"),
        (Some(Bytes(0)), _) => MachineFinding::fine("swap", "none"),
        (Some(all), Some(Bytes(0))) => MachineFinding::fine("swap", format!("{all}, unused")),
        (Some(all), Some(used)) => MachineFinding::note(
            "swap",
            format!("{used} of {all} used"),
            "Memory ran short at some time. If it does while measuring, times are the disk's; make sure that \
             enough is available.",
        ),
    }
}

pub(super) fn huge_pages(environment: &Environment) -> MachineFinding {
    match environment.memory.huge_pages.as_deref() {
        None => MachineFinding::unknown("huge pages"),
        Some("never") => MachineFinding::note(
            "huge pages",
            "never",
            "Large arrays use pages of 4 KiB, and fresh memory costs more, in both arms. An administrator can \
             write `madvise` into /sys/kernel/mm/transparent_hugepage/enabled.",
        ),
        Some(other) => MachineFinding::fine("huge pages", other),
    }
}

pub(super) fn variables(environment: &Environment) -> MachineFinding {
    if environment.variables.is_empty() {
        return MachineFinding::fine("variables", "no variable sets a number of threads");
    }

    let settings: Vec<String> = environment
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    MachineFinding::note(
        "variables",
        settings.join(", "),
        "parbench goes by -j alone, but libraries in your own tasks obey these. Workers times threads \
         should not exceed the CPUs: set them to 1 while you measure.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::machine_findings::Mark;
    use crate::results::machines;

    #[test]
    fn a_load_counts_per_cpu() {
        let mut environment = machines::quiet();
        environment.cpu.other_programs = None;

        environment.cpu.load_average = Some([1.0, 0.0, 0.0]);
        assert_eq!(load(&environment).mark, Mark::Ok);
        environment.cpu.load_average = Some([1.01, 0.0, 0.0]);
        assert_eq!(load(&environment).mark, Mark::Warn);
    }

    #[test]
    fn what_runs_now_counts_more_than_the_load_average() {
        let mut environment = machines::quiet();
        environment.cpu.load_average = Some([1.01, 0.0, 0.0]);
        let with_others = |cores| {
            let mut environment = environment.clone();
            environment.cpu.other_programs = Some(OtherPrograms { cores, cpus: 2 });
            load(&environment).mark
        };

        assert_eq!(
            with_others(0.1),
            Mark::Ok,
            "what the average holds has ended"
        );
        assert_eq!(with_others(0.3), Mark::Warn);
    }
}
