//! How far two runs were measured on the same machine. There is no name to tell by: two machines that differ
//! in nothing that is stored count as one.

use crate::results::{Environment, MachineMatch};

/// One difference between two environments.
pub(super) struct Difference {
    /// What it is, for people.
    pub(super) text: String,
    /// Whether it makes it another processor, or only another set-up of the same one.
    processor: bool,
}

/// Everything in which `old` and `new` differ that can change times.
pub(super) fn differences(old: &Environment, new: &Environment) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |name: &str, old: &dyn ToString, new: &dyn ToString, processor: bool| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            differences.push(Difference { text: format!("{name}: {old}, now {new}"), processor });
        }
    };
    compare("architecture", &old.arch, &new.arch, true);
    compare("CPU model", &old.cpu_model, &new.cpu_model, true);
    compare("usable CPUs", &old.usable_cpus, &new.usable_cpus, true);
    compare("instruction set", &old.cpu.isa, &new.cpu.isa, true);
    compare("SMT", &known(old.cpu.topology.smt), &known(new.cpu.topology.smt), true);
    let hypervisor = |environment: &Environment| known(environment.virtualisation.hypervisor.as_ref());
    compare("hypervisor", &hypervisor(old), &hypervisor(new), false);
    compare("CPU quota", &known(old.cpu.quota), &known(new.cpu.quota), false);
    compare("governor", &known(old.cpu.governor.as_ref()), &known(new.cpu.governor.as_ref()), false);
    compare("kernel", &old.kernel, &new.kernel, false);
    compare("operating system", &old.os, &new.os, false);
    differences
}

/// What the differences amount to.
pub(super) fn matched(differences: &[Difference]) -> MachineMatch {
    if differences.is_empty() {
        MachineMatch::Same
    } else if differences.iter().any(|difference| difference.processor) {
        MachineMatch::Different
    } else {
        MachineMatch::SameModel
    }
}

fn known(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}
