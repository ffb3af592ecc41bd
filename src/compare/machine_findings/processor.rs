//! What matters about the CPUs: how many of them this process has, what they share, and what
//! changes their pace.

use super::finding::MachineFinding;
use crate::results::Environment;
use crate::units::{count, two_decimals};

pub(super) fn cpus(environment: &Environment) -> MachineFinding {
    let usable = environment.usable_cpus;
    let topology = &environment.cpu.topology;
    let Some(logical) = topology.logical else {
        return MachineFinding::unknown_but(
            "CPUs",
            format!("{usable} usable, of how many is unknown"),
        );
    };
    if usable >= logical {
        return MachineFinding::fine("CPUs", format!("all {usable} usable"));
    }

    let limit = match topology.allowed {
        Some(allowed) if allowed < logical => "CPU affinity (taskset, cpuset)",
        _ if environment.cpu.quota.is_some() => "a CPU quota",
        _ => "the system",
    };
    MachineFinding::note(
        "CPUs",
        format!("{usable} of {logical} usable"),
        format!(
            "This process is held to {} by {limit}, so more workers than that only take turns. Start it without \
             the limit to measure the whole machine.",
            count(usable, "CPU")
        ),
    )
}

pub(super) fn quota(environment: &Environment) -> MachineFinding {
    let Some(quota) = environment.cpu.quota else {
        return MachineFinding::fine("CPU quota", "none found");
    };
    let state = format!("{} CPUs' worth of time", two_decimals(quota));

    let topology = &environment.cpu.topology;
    let cpus = topology.allowed.or(topology.logical);
    if cpus.is_some_and(|cpus| quota >= cpus as f64) {
        return MachineFinding::fine("CPU quota", state);
    }

    let fraction = if quota.fract() == 0.0 {
        ""
    } else {
        " A fraction of a CPU is lost to whole workers."
    };
    MachineFinding::warn(
        "CPU quota",
        state,
        format!(
            "When the workers use up the quota, the system stops them all until the next period begins, and \
             times jump.{fraction} Lift the quota, or give it at least one CPU more than workers (docker --cpus)."
        ),
    )
}

pub(super) fn smt(environment: &Environment) -> MachineFinding {
    let topology = &environment.cpu.topology;

    match (topology.smt, topology.allowed, topology.allowed_cores) {
        (None, ..) => MachineFinding::unknown("SMT"),
        (Some(false), ..) if environment.virtualisation.virtual_machine == Some(true) => {
            MachineFinding::note(
                "SMT",
                "off, as the hypervisor shows it",
                "Two virtual CPUs may still be one core: then 1.2x to 1.4x on 2 workers can be the ceiling.",
            )
        }
        (Some(false), ..) => MachineFinding::fine("SMT", "off: every CPU is a core"),
        (Some(true), Some(cpus), Some(cores)) if cpus <= cores => {
            MachineFinding::fine("SMT", "on, but every usable CPU is a core of its own")
        }
        (Some(true), cpus, cores) => shared_cores(cpus, cores),
    }
}

/// Where `cpus` usable CPUs stand on fewer `cores`, as far as both are known.
fn shared_cores(cpus: Option<usize>, cores: Option<usize>) -> MachineFinding {
    let state = match (cpus, cores) {
        (Some(cpus), Some(cores)) => {
            format!("on: {} on {}", count(cpus, "CPU"), count(cores, "core"))
        }
        _ => "on".to_owned(),
    };
    let most = cores.map_or("the number of cores".to_owned(), |cores| {
        format!("-j {cores}")
    });

    MachineFinding::note(
        "SMT",
        state,
        format!(
            "CPUs that share a core share its arithmetic: workers beyond {most} may add only 20 to \
             40 %. Compare with {most} before blaming the program."
        ),
    )
}

pub(super) fn virtualisation(environment: &Environment) -> MachineFinding {
    let virtualisation = &environment.virtualisation;
    let container = virtualisation
        .container
        .as_ref()
        .map(|name| format!("{name} container"));

    match virtualisation.virtual_machine {
        Some(true) => {
            let hypervisor = virtualisation
                .hypervisor
                .as_deref()
                .map_or(String::new(), |name| format!(" ({name})"));
            let inside = container.map_or(String::new(), |container| format!(", {container}"));

            MachineFinding::note(
                "hardware",
                format!("virtual machine{hypervisor}{inside}"),
                "The host may lend the CPUs to others at any time, unseen from here. Trust the intervals, not \
                 single times, and repeat at another hour.",
            )
        }
        Some(false) => {
            let state = container.unwrap_or_else(|| "not virtual".to_owned());
            MachineFinding::fine("hardware", state)
        }
        None => {
            let state =
                container.map_or("unknown".to_owned(), |name| format!("{name}, else unknown"));
            MachineFinding::unknown_but("hardware", state)
        }
    }
}

pub(super) fn governor(environment: &Environment) -> MachineFinding {
    match environment.cpu.governor.as_deref() {
        None => MachineFinding::unknown("governor"),
        Some("performance") => MachineFinding::fine("governor", "performance"),
        Some(other) => MachineFinding::note(
            "governor",
            other,
            "CPUs may slow down when idle and take a while to speed up, which hurts short rounds most. An \
             administrator can set `cpupower frequency-set -g performance`.",
        ),
    }
}

pub(super) fn boost(environment: &Environment) -> MachineFinding {
    match environment.cpu.boost {
        None => MachineFinding::unknown("turbo"),
        Some(false) => MachineFinding::fine("turbo", "off"),
        Some(true) => MachineFinding::note(
            "turbo",
            "on",
            "One busy core may run faster than many: the serial arm gains most and the speed-up looks smaller. \
             That is what users get; turn it off (BIOS, cpupower) to compare machines.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::machine_findings::Mark;
    use crate::results::machines;

    #[test]
    fn a_quota_that_the_affinity_cannot_use_up_does_no_harm() {
        let mut environment = machines::quiet();

        environment.cpu.quota = Some(2.0);
        assert_eq!(quota(&environment).mark, Mark::Ok);

        environment.cpu.quota = Some(1.5);
        assert!(quota(&environment).meaning.contains("fraction"));
    }

    #[test]
    fn smt_matters_only_where_usable_cpus_share_a_core() {
        let mut environment = machines::quiet();

        environment.cpu.topology.smt = Some(true);
        assert_eq!(smt(&environment).mark, Mark::Ok);

        environment.cpu.topology.allowed_cores = Some(1);
        assert_eq!(smt(&environment).state, "on: 2 CPUs on 1 core");
    }
}
