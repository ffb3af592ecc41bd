//! The machine and the build of a run, as far as times depend on them. What another processor did
//! is another series; what the same one did with another set-up belongs to the series and is named.

use serde::{Deserialize, Serialize};

use crate::results::Environment;

/// What a run was measured on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint {
    /// What cuts a series.
    pub processor: Processor,
    /// What does not.
    pub set_up: SetUp,
}

/// What makes times of two runs incomparable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Processor {
    /// The architecture.
    pub arch: String,
    /// The processor's model.
    pub cpu_model: String,
    /// The CPUs that could be used.
    pub usable_cpus: usize,
    /// The instruction set of the kernels.
    pub isa: String,
    /// Whether cores have several threads, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smt: Option<bool>,
    /// `release` or `debug`.
    pub build_profile: String,
}

/// What may change times of the same processor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SetUp {
    /// The operating system.
    pub os: String,
    /// Its kernel.
    pub kernel: String,
    /// The hypervisor, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypervisor: Option<String>,
    /// The CPUs' worth of time that cgroups allow, where there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// The frequency governor, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
}

impl From<&Environment> for Fingerprint {
    fn from(environment: &Environment) -> Self {
        let Environment { cpu, .. } = environment;

        Self {
            processor: Processor {
                arch: environment.arch.clone(),
                cpu_model: environment.cpu_model.clone(),
                usable_cpus: environment.usable_cpus,
                isa: cpu.isa.clone(),
                smt: cpu.topology.smt,
                build_profile: environment.build_profile.clone(),
            },
            set_up: SetUp {
                os: environment.os.clone(),
                kernel: environment.kernel.clone(),
                hypervisor: environment.virtualisation.hypervisor.clone(),
                quota: cpu.quota.map(|quota| quota.to_string()),
                governor: cpu.governor.clone(),
            },
        }
    }
}

impl SetUp {
    /// What is not the same in `later`, as `kernel: 6.12.7, then 6.12.8`.
    #[must_use]
    pub fn differences(&self, later: &Self) -> Vec<String> {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        let facts = |set_up: &Self| {
            [
                ("operating system", set_up.os.clone()),
                ("kernel", set_up.kernel.clone()),
                ("hypervisor", known(&set_up.hypervisor)),
                ("CPU quota", known(&set_up.quota)),
                ("governor", known(&set_up.governor)),
            ]
        };

        std::iter::zip(facts(self), facts(later))
            .filter(|(old, new)| old != new)
            .map(|((name, old), (_, new))| format!("{name}: {old}, then {new}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::machines;

    #[test]
    fn another_kernel_is_named_and_the_same_processor() {
        let old = Fingerprint::from(&machines::quiet());
        let mut environment = machines::quiet();
        environment.kernel = "9.9.9".to_owned();
        let new = Fingerprint::from(&environment);

        assert_eq!(old.processor, new.processor);
        let differences = old.set_up.differences(&new.set_up);
        assert_eq!(differences.len(), 1);
        assert!(differences[0].ends_with(", then 9.9.9"), "{differences:?}");
    }
}
