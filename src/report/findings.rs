//! What about a machine matters for measuring, and the way out: a pure function of the stored environment. It
//! asks no machine, and what is unknown is said to be unknown.

use crate::machine::OtherPrograms;
use crate::results::Environment;
use crate::units::{Bytes, two_decimals};

use super::words::count;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// As it should be.
    Ok,
    /// The system does not say.
    Unknown,
    /// To be kept in mind when reading figures.
    Note,
    /// Figures will be off; something should be done first.
    Warn,
}

/// One property of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) mark: Mark,
    /// What is looked at.
    pub(super) subject: &'static str,
    /// How it is here, in a few words.
    pub(super) state: String,
    /// What that means for measuring and what to do; empty when it is as it should be.
    pub(super) meaning: String,
}

/// A load per CPU above which neighbours are in the way.
const BUSY: f64 = 0.5;
/// What neighbours do to figures.
const NEIGHBOURS: &str = "Other programs are running. They slow the distributed arm more than the serial one, which \
                          finds a free CPU. Stop them, or wait a minute and look again.";
/// A share of the memory below which what is available is little.
const LITTLE: f64 = 0.2;
/// Below this, even a large share is little for the image workload.
const TOO_LITTLE: Bytes = Bytes(1_000_000_000);

/// Everything that is looked at, in a fixed order.
pub(super) fn findings(environment: &Environment) -> Vec<Finding> {
    let looks = [
        build,
        cpus,
        quota,
        smt,
        virtualisation,
        load,
        governor,
        boost,
        memory,
        swap,
        huge_pages,
    ];
    looks
        .iter()
        .map(|look| look(environment))
        .chain([variables(environment)])
        .collect()
}

fn fine(subject: &'static str, state: impl Into<String>) -> Finding {
    Finding {
        mark: Mark::Ok,
        subject,
        state: state.into(),
        meaning: String::new(),
    }
}

fn unknown(subject: &'static str) -> Finding {
    unknown_but(subject, "unknown (the system does not tell)")
}

/// What is unknown in part: `state` has the rest.
fn unknown_but(subject: &'static str, state: impl Into<String>) -> Finding {
    Finding {
        mark: Mark::Unknown,
        ..fine(subject, state)
    }
}

fn note(subject: &'static str, state: impl Into<String>, meaning: impl Into<String>) -> Finding {
    Finding {
        mark: Mark::Note,
        subject,
        state: state.into(),
        meaning: meaning.into(),
    }
}

fn warn(subject: &'static str, state: impl Into<String>, meaning: impl Into<String>) -> Finding {
    Finding {
        mark: Mark::Warn,
        ..note(subject, state, meaning)
    }
}

fn build(environment: &Environment) -> Finding {
    let profile = &environment.build_profile;
    if profile == "release" {
        return fine("build", "release");
    }
    warn(
        "build",
        profile,
        "Without optimisation, times say nothing. Build with `cargo build --release` and measure with that.",
    )
}

fn cpus(environment: &Environment) -> Finding {
    let (usable, topology) = (environment.usable_cpus, &environment.cpu.topology);
    let Some(logical) = topology.logical else {
        return unknown_but("CPUs", format!("{usable} usable, of how many is unknown"));
    };
    if usable >= logical {
        return fine("CPUs", format!("all {usable} usable"));
    }
    let by = match topology.allowed {
        Some(allowed) if allowed < logical => "CPU affinity (taskset, cpuset)",
        _ if environment.cpu.quota.is_some() => "a CPU quota",
        _ => "the system",
    };
    note(
        "CPUs",
        format!("{usable} of {logical} usable"),
        format!(
            "This process is held to {} by {by}, so more workers than that only take turns. Start it without \
             the limit to measure the whole machine.",
            count(usable, "CPU")
        ),
    )
}

fn quota(environment: &Environment) -> Finding {
    let Some(quota) = environment.cpu.quota else {
        return fine("CPU quota", "none found");
    };
    let state = format!("{} CPUs' worth of time", two_decimals(quota));
    let cpus = environment
        .cpu
        .topology
        .allowed
        .or(environment.cpu.topology.logical);
    if cpus.is_some_and(|cpus| quota >= cpus as f64) {
        return fine("CPU quota", state);
    }
    let whole = if quota.fract() == 0.0 {
        ""
    } else {
        " A fraction of a CPU is lost to whole workers."
    };
    warn(
        "CPU quota",
        state,
        format!(
            "When the workers use up the quota, the system stops them all until the next period begins, and \
             times jump.{whole} Lift the quota, or give it at least one CPU more than workers (docker --cpus)."
        ),
    )
}

fn smt(environment: &Environment) -> Finding {
    let topology = &environment.cpu.topology;
    match (topology.smt, topology.allowed, topology.allowed_cores) {
        (None, ..) => unknown("SMT"),
        (Some(false), ..) if environment.virtualisation.virtual_machine == Some(true) => note(
            "SMT",
            "off, as the hypervisor shows it",
            "Two virtual CPUs may still be one core: then 1.2x to 1.4x on 2 workers can be the ceiling.",
        ),
        (Some(false), ..) => fine("SMT", "off: every CPU is a core"),
        (Some(true), Some(cpus), Some(cores)) if cpus <= cores => {
            fine("SMT", "on, but every usable CPU is a core of its own")
        }
        (Some(true), _, cores) => {
            let many = cores.map_or("the number of cores".to_owned(), |cores| {
                format!("-j {cores}")
            });
            let state = match (cores, topology.allowed) {
                (Some(cores), Some(cpus)) => {
                    format!("on: {} on {}", count(cpus, "CPU"), count(cores, "core"))
                }
                _ => "on".to_owned(),
            };
            note(
                "SMT",
                state,
                format!(
                    "CPUs that share a core share its arithmetic: workers beyond {many} may add only 20 to \
                     40 %. Compare with {many} before blaming the program."
                ),
            )
        }
    }
}

fn virtualisation(environment: &Environment) -> Finding {
    let found = &environment.virtualisation;
    let container = found
        .container
        .as_ref()
        .map(|name| format!("{name} container"));
    match found.virtual_machine {
        Some(true) => {
            let name = found
                .hypervisor
                .as_deref()
                .map_or(String::new(), |name| format!(" ({name})"));
            let inside = container.map_or(String::new(), |container| format!(", {container}"));
            note(
                "hardware",
                format!("virtual machine{name}{inside}"),
                "The host may lend the CPUs to others at any time, unseen from here. Trust the intervals, not \
                 single times, and repeat at another hour.",
            )
        }
        Some(false) => fine(
            "hardware",
            container.unwrap_or_else(|| "not virtual".to_owned()),
        ),
        None => {
            let state =
                container.map_or("unknown".to_owned(), |name| format!("{name}, else unknown"));
            unknown_but("hardware", state)
        }
    }
}

fn load(environment: &Environment) -> Finding {
    // What happens just now says more than an average of the last minute, which holds what has ended.
    if let Some(others) = environment.cpu.other_programs {
        return other_programs(others);
    }
    let Some([minute, ..]) = environment.cpu.load_average else {
        return unknown("load");
    };
    let cpus = environment
        .cpu
        .topology
        .logical
        .unwrap_or(environment.usable_cpus)
        .max(1);
    let state = format!(
        "{} on {} over the last minute",
        two_decimals(minute),
        count(cpus, "CPU")
    );
    if minute <= BUSY * cpus as f64 {
        return fine("load", state);
    }
    warn("load", state, NEIGHBOURS)
}

fn other_programs(others: OtherPrograms) -> Finding {
    let state = format!(
        "other programs use {:.2} of {}",
        others.cores,
        count(others.cpus, "CPU")
    );
    if others.are_in_the_way_of(others.cpus) {
        warn("load", state, NEIGHBOURS)
    } else {
        fine("load", state)
    }
}

fn governor(environment: &Environment) -> Finding {
    match environment.cpu.governor.as_deref() {
        None => unknown("governor"),
        Some("performance") => fine("governor", "performance"),
        Some(other) => note(
            "governor",
            other,
            "CPUs may slow down when idle and take a while to speed up, which hurts short rounds most. An \
             administrator can set `cpupower frequency-set -g performance`.",
        ),
    }
}

fn boost(environment: &Environment) -> Finding {
    match environment.cpu.boost {
        None => unknown("turbo"),
        Some(false) => fine("turbo", "off"),
        Some(true) => note(
            "turbo",
            "on",
            "One busy core may run faster than many: the serial arm gains most and the speed-up looks smaller. \
             That is what users get; turn it off (BIOS, cpupower) to compare machines.",
        ),
    }
}

fn memory(environment: &Environment) -> Finding {
    let (all, available) = (environment.memory_bytes, environment.memory_available_bytes);
    if all == Bytes(0) {
        return unknown("memory");
    }
    let limit = if environment.memory.limit_bytes.is_some() {
        " (cgroup limit)"
    } else {
        ""
    };
    let state = format!("{available} of {all}{limit} available");
    let share = available.0 as f64 / all.0 as f64;
    if share >= LITTLE && available >= TOO_LITTLE {
        return fine("memory", state);
    }
    warn(
        "memory",
        state,
        format!(
            "Only {available} is left: tasks may have to wait for memory, and workers stand idle. Close other \
             programs, or make the tasks smaller (--help).",
        ),
    )
}

fn swap(environment: &Environment) -> Finding {
    match (
        environment.memory.swap_bytes,
        environment.memory.swap_used_bytes,
    ) {
        (None, _) | (_, None) => unknown("swap"),
        (Some(Bytes(0)), _) => fine("swap", "none"),
        (Some(all), Some(Bytes(0))) => fine("swap", format!("{all}, unused")),
        (Some(all), Some(used)) => note(
            "swap",
            format!("{used} of {all} used"),
            "Memory ran short at some time. If it does while measuring, times are the disk's; make sure that \
             enough is available.",
        ),
    }
}

fn huge_pages(environment: &Environment) -> Finding {
    match environment.memory.huge_pages.as_deref() {
        None => unknown("huge pages"),
        Some("never") => note(
            "huge pages",
            "never",
            "Large arrays use pages of 4 KiB, and fresh memory costs more, in both arms. An administrator can \
             write `madvise` into /sys/kernel/mm/transparent_hugepage/enabled.",
        ),
        Some(other) => fine("huge pages", other),
    }
}

fn variables(environment: &Environment) -> Finding {
    if environment.variables.is_empty() {
        return fine("variables", "no thread count set");
    }
    let set = environment
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    note(
        "variables",
        set.collect::<Vec<_>>().join(", "),
        "parbench goes by -j alone, but libraries inside your own tasks obey these: workers times their \
         threads may exceed the CPUs. Set them to 1 there, or unset them.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn marked(environment: &Environment, mark: Mark) -> Vec<&'static str> {
        let found = findings(environment)
            .into_iter()
            .filter(|finding| finding.mark == mark);
        found.map(|finding| finding.subject).collect()
    }

    #[test]
    fn each_machine_gets_its_own_findings() {
        let quiet = fixture::environment();
        assert_eq!(marked(&quiet, Mark::Warn), [""; 0]);
        assert_eq!(marked(&quiet, Mark::Note), ["SMT", "hardware"]);
        let crowded = fixture::crowded();
        assert_eq!(
            marked(&crowded, Mark::Warn),
            ["build", "CPU quota", "load", "memory"]
        );
        let notes = [
            "CPUs",
            "SMT",
            "hardware",
            "governor",
            "turbo",
            "swap",
            "huge pages",
            "variables",
        ];
        assert_eq!(marked(&crowded, Mark::Note), notes);
        let unknown = marked(&fixture::unknown(), Mark::Unknown);
        for subject in [
            "CPUs",
            "SMT",
            "hardware",
            "load",
            "governor",
            "turbo",
            "memory",
            "swap",
            "huge pages",
        ] {
            assert!(
                unknown.contains(&subject),
                "{subject} is not known to be as it should be: {unknown:?}"
            );
        }
    }

    #[test]
    fn every_finding_that_is_not_fine_has_a_meaning() {
        for environment in [
            fixture::environment(),
            fixture::crowded(),
            fixture::unknown(),
        ] {
            for finding in findings(&environment) {
                let explained = matches!(finding.mark, Mark::Note | Mark::Warn);
                assert_eq!(explained, !finding.meaning.is_empty(), "{finding:?}");
            }
        }
    }

    #[test]
    fn a_quota_that_the_affinity_cannot_use_up_does_no_harm() {
        let mut environment = fixture::environment();
        environment.cpu.quota = Some(2.0);
        assert_eq!(quota(&environment).mark, Mark::Ok);
        environment.cpu.quota = Some(1.5);
        assert!(quota(&environment).meaning.contains("fraction"));
    }

    #[test]
    fn smt_matters_only_where_usable_cpus_share_a_core() {
        let mut environment = fixture::environment();
        environment.cpu.topology.smt = Some(true);
        assert_eq!(smt(&environment).mark, Mark::Ok);
        environment.cpu.topology.allowed_cores = Some(1);
        assert_eq!(smt(&environment).state, "on: 2 CPUs on 1 core");
    }

    #[test]
    fn a_load_counts_per_cpu() {
        let mut environment = fixture::environment();
        environment.cpu.other_programs = None;
        environment.cpu.load_average = Some([1.0, 0.0, 0.0]);
        assert_eq!(load(&environment).mark, Mark::Ok);
        environment.cpu.load_average = Some([1.01, 0.0, 0.0]);
        assert_eq!(load(&environment).mark, Mark::Warn);

        environment.cpu.other_programs = Some(OtherPrograms {
            cores: 0.1,
            cpus: 2,
        });
        assert_eq!(
            load(&environment).mark,
            Mark::Ok,
            "what the average holds has ended"
        );
        environment.cpu.other_programs = Some(OtherPrograms {
            cores: 0.3,
            cpus: 2,
        });
        assert_eq!(load(&environment).mark, Mark::Warn);
    }
}
