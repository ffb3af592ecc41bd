//! How far two runs were measured on the same machine. There is no name to tell by: two machines
//! that differ in nothing that is stored count as one.

use super::cluster;
use super::matching::Matched;
use crate::results::{Environment, MachineMatch, Run};

/// One difference between two environments.
pub(super) struct Difference {
    /// What it is, for people.
    pub(super) text: String,
    /// What it makes of the machine.
    effect: MachineMatch,
}

/// Everything in which `old` and `new` differ that can change times.
pub(super) fn differences(old: &Environment, new: &Environment) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |name: &str, old: &dyn ToString, new: &dyn ToString, effect: MachineMatch| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            differences.push(Difference {
                text: format!("{name}: {old}, now {new}"),
                effect,
            });
        }
    };
    let (processor, set_up) = (MachineMatch::Different, MachineMatch::SameModel);

    compare("architecture", &old.arch, &new.arch, processor);
    compare("CPU model", &old.cpu_model, &new.cpu_model, processor);
    compare("usable CPUs", &old.usable_cpus, &new.usable_cpus, processor);
    compare(
        "instruction set",
        &old.cpu.isa,
        &new.cpu.isa,
        MachineMatch::OtherInstructions,
    );
    compare(
        "SMT",
        &known(old.cpu.topology.smt),
        &known(new.cpu.topology.smt),
        processor,
    );
    let hypervisor =
        |environment: &Environment| known(environment.virtualisation.hypervisor.as_ref());
    compare("hypervisor", &hypervisor(old), &hypervisor(new), set_up);
    compare(
        "CPU quota",
        &known(old.cpu.quota),
        &known(new.cpu.quota),
        set_up,
    );
    compare(
        "governor",
        &known(old.cpu.governor.as_ref()),
        &known(new.cpu.governor.as_ref()),
        set_up,
    );
    compare("kernel", &old.kernel, &new.kernel, set_up);
    compare("operating system", &old.os, &new.os, set_up);
    differences
}

/// Everything in which two runs' machines and builds differ, for people: `kernel: 6.1.0, now 6.5.0`.
#[must_use]
pub fn set_up_differences(old: &Run, new: &Run) -> Vec<String> {
    let machines = differences(&old.environment, &new.environment);
    let mut texts: Vec<String> = machines
        .into_iter()
        .map(|difference| difference.text)
        .collect();

    let versions = (&old.parbench_version, &new.parbench_version);
    let builds = (&old.environment.build, &new.environment.build);
    if versions.0 != versions.1 {
        texts.push(format!("parbench: {}, now {}", versions.0, versions.1));
    } else if builds.0 != builds.1 {
        texts.push("another build of parbench".to_owned());
    }
    texts
}

/// Everything in which the clusters of the pairs differ, each once. Nodes are other processors, or
/// other ones work.
pub(super) fn differences_of_clusters(pairs: &[Matched<'_>]) -> Vec<Difference> {
    let mut texts: Vec<String> = Vec::new();
    let differences = pairs
        .iter()
        .flat_map(|pair| cluster::differences(pair.old, pair.new));
    for text in differences {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
        .into_iter()
        .map(|text| Difference {
            text,
            effect: MachineMatch::Different,
        })
        .collect()
}

/// What the differences amount to.
pub(super) fn matched(differences: &[Difference]) -> MachineMatch {
    let has = |effect: MachineMatch| {
        differences
            .iter()
            .any(|difference| difference.effect == effect)
    };

    let gravest = [
        MachineMatch::Different,
        MachineMatch::OtherInstructions,
        MachineMatch::SameModel,
    ];
    gravest
        .into_iter()
        .find(|&effect| has(effect))
        .unwrap_or(MachineMatch::Same)
}

fn known(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}
