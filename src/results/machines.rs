//! Machines built by hand for the tests: a quiet one, a crowded one, and one of which nothing is
//! known.

use std::collections::BTreeMap;

use super::{Build, Cpu, Environment, MemoryDetail};
use crate::machine::OtherPrograms;
use crate::machine::topology::{Cache, Topology};
use crate::machine::virtualisation::Virtualisation;
use crate::units::Bytes;

/// A quiet virtual machine of two cores.
pub(crate) fn quiet() -> Environment {
    let cache = |level, kind: &str, bytes, instances| Cache {
        level,
        kind: kind.to_owned(),
        bytes: Bytes(bytes),
        instances,
    };
    Environment {
        os: "Debian GNU/Linux 13".to_owned(),
        kernel: "6.12.8".to_owned(),
        arch: "x86_64".to_owned(),
        cpu_model: "AMD EPYC 7B13".to_owned(),
        usable_cpus: 2,
        memory_bytes: Bytes(8_000_000_000),
        memory_available_bytes: Bytes(6_500_000_000),
        build_profile: "release".to_owned(),
        cpu: Cpu {
            topology: Topology {
                logical: Some(2),
                physical: Some(2),
                allowed: Some(2),
                allowed_cores: Some(2),
                smt: Some(false),
                caches: vec![
                    cache(1, "data", 32 << 10, 2),
                    cache(1, "instruction", 32 << 10, 2),
                    cache(2, "unified", 512 << 10, 2),
                    cache(3, "unified", 32 << 20, 1),
                ],
            },
            quota: None,
            isa: "avx2".to_owned(),
            governor: None,
            boost: None,
            load_average: Some([0.12, 0.2, 0.25]),
            other_programs: Some(OtherPrograms {
                cores: 0.03,
                cpus: 2,
            }),
        },
        memory: MemoryDetail {
            installed_bytes: Some(Bytes(8_000_000_000)),
            limit_bytes: None,
            swap_bytes: Some(Bytes(0)),
            swap_used_bytes: Some(Bytes(0)),
            huge_pages: Some("madvise".to_owned()),
        },
        virtualisation: Virtualisation {
            virtual_machine: Some(true),
            hypervisor: Some("KVM".to_owned()),
            container: None,
        },
        variables: BTreeMap::new(),
        build: Build {
            compiler: Some("rustc 1.95.0 (59807616e 2026-04-14)".to_owned()),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        },
    }
}

/// A machine with everything against measuring: SMT, a fractional quota, neighbours, little memory.
pub(crate) fn crowded() -> Environment {
    let mut environment = quiet();
    environment.build_profile = "debug".to_owned();
    environment.cpu.topology.logical = Some(8);
    environment.cpu.topology.physical = Some(4);
    environment.cpu.topology.allowed = Some(4);
    environment.cpu.topology.smt = Some(true);
    environment.cpu.quota = Some(2.5);
    environment.cpu.governor = Some("powersave".to_owned());
    environment.cpu.boost = Some(true);
    environment.cpu.load_average = Some([6.5, 5.0, 4.0]);
    environment.cpu.other_programs = Some(OtherPrograms {
        cores: 3.2,
        cpus: 4,
    });
    environment.memory_available_bytes = Bytes(400_000_000);
    environment.memory.limit_bytes = Some(Bytes(8_000_000_000));
    environment.memory.swap_bytes = Some(Bytes(2_000_000_000));
    environment.memory.swap_used_bytes = Some(Bytes(700_000_000));
    environment.memory.huge_pages = Some("never".to_owned());
    environment.virtualisation.container = Some("docker".to_owned());
    environment
        .variables
        .insert("OMP_NUM_THREADS".to_owned(), "8".to_owned());
    environment
}

/// A machine that reports as little as possible.
pub(crate) fn unknown() -> Environment {
    let mut environment = quiet();
    environment.cpu.topology = Topology::default();
    environment.cpu.load_average = None;
    environment.cpu.other_programs = None;
    environment.memory_bytes = Bytes(0);
    environment.memory_available_bytes = Bytes(0);
    environment.memory = MemoryDetail {
        installed_bytes: None,
        limit_bytes: None,
        swap_bytes: None,
        swap_used_bytes: None,
        huge_pages: None,
    };
    environment.virtualisation = Virtualisation::default();
    environment.build = Build {
        compiler: None,
        target: "riscv64gc-unknown-none".to_owned(),
        commit: None,
    };
    environment
}
