//! Whether this is a virtual machine or a container, from the names that the system shows on its
//! own.

use serde::{Deserialize, Serialize};

use super::tree::Tree;

/// What stands between this process and the hardware; what is unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Virtualisation {
    /// Whether the CPUs are a hypervisor's.
    pub virtual_machine: Option<bool>,
    /// The hypervisor's or the cloud's name.
    pub hypervisor: Option<String>,
    /// The container's kind: `docker`, `podman`.
    pub container: Option<String>,
}

/// What the files in `tree` reveal.
#[must_use]
pub fn virtualisation(tree: &Tree) -> Virtualisation {
    let flag = hypervisor_flag(tree);
    let firmware = firmware(tree);
    let xen = tree.text("/sys/hypervisor/type");

    let has_signs = xen.is_some() || firmware.as_deref().is_some_and(is_virtual);
    let virtual_machine = flag.or(has_signs.then_some(true));
    let hypervisor = || firmware.or(xen).or_else(|| hypervisor_of_clock(tree));

    Virtualisation {
        virtual_machine,
        hypervisor: (virtual_machine == Some(true)).then(hypervisor).flatten(),
        container: container(tree),
    }
}

/// Whether x86's CPU flags have `hypervisor`; `None` where there are no such flags, as on ARM.
fn hypervisor_flag(tree: &Tree) -> Option<bool> {
    let cpuinfo = tree.text("/proc/cpuinfo")?;
    let (_, flags) = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("flags")?.split_once(':'))?;

    Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
}

/// The maker and the product that the firmware names.
fn firmware(tree: &Tree) -> Option<String> {
    let text = |name: &str| {
        tree.text(&format!("/sys/class/dmi/id/{name}"))
            .unwrap_or_default()
    };
    let name = format!("{} {}", text("sys_vendor"), text("product_name"));

    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether a firmware's maker and product are a virtual machine's, where the CPU has no flag for
/// it. Clouds that also rent whole machines are recognised by the product, not the maker.
fn is_virtual(firmware: &str) -> bool {
    let signs = [
        "QEMU",
        "KVM",
        "VMware",
        "VirtualBox",
        "Virtual Machine",
        "Xen",
        "Bochs",
        "BHYVE",
        "Parallels",
    ];
    let clouds = [
        "Google Compute Engine",
        "OpenStack",
        "DigitalOcean Droplet",
        "vServer",
        "Apple Virtualization",
    ];
    let is_shared_at_amazon = firmware.starts_with("Amazon EC2") && !firmware.contains(".metal");

    let mut names = signs.iter().chain(&clouds);
    is_shared_at_amazon || names.any(|name| firmware.contains(name))
}

/// The hypervisor whose clock the kernel can read.
fn hypervisor_of_clock(tree: &Tree) -> Option<String> {
    let clocks = tree.text("/sys/devices/system/clocksource/clocksource0/available_clocksource")?;
    let hypervisors = [
        ("kvm-clock", "KVM"),
        ("hyperv_clocksource", "Hyper-V"),
        ("xen", "Xen"),
    ];

    hypervisors
        .iter()
        .find(|(clock, _)| clocks.contains(clock))
        .map(|(_, name)| (*name).to_owned())
}

/// The kind of container that left its mark in the root folder.
fn container(tree: &Tree) -> Option<String> {
    if tree.exists("/run/.containerenv") {
        return Some("podman".to_owned());
    }

    if tree.exists("/.dockerenv") {
        return Some("docker".to_owned());
    }

    tree.text("/run/systemd/container")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    #[test]
    fn a_virtual_machine_with_its_makers_name() {
        let (_folder, tree) = planted(&[
            (
                "proc/cpuinfo",
                "processor\t: 0\nflags\t\t: fpu sse2 hypervisor lahf_lm\nbugs\t\t: none\n",
            ),
            ("sys/class/dmi/id/sys_vendor", "QEMU\n"),
            (
                "sys/class/dmi/id/product_name",
                "Standard PC (Q35 + ICH9, 2009)\n",
            ),
            ("run/.containerenv", "engine=\"podman-4.3.1\"\n"),
            (".dockerenv", ""),
        ]);
        let virtualisation = virtualisation(&tree);

        assert_eq!(virtualisation.virtual_machine, Some(true));
        assert_eq!(
            virtualisation.hypervisor.as_deref(),
            Some("QEMU Standard PC (Q35 + ICH9, 2009)")
        );
        assert_eq!(virtualisation.container.as_deref(), Some("podman"));
    }

    #[test]
    fn a_micro_vm_without_firmware_is_known_by_its_clock() {
        let (_folder, tree) = planted(&[
            ("proc/cpuinfo", "flags\t\t: fpu hypervisor\n"),
            (
                "sys/devices/system/clocksource/clocksource0/available_clocksource",
                "tsc kvm-clock \n",
            ),
            (".dockerenv", ""),
        ]);
        let virtualisation = virtualisation(&tree);

        assert_eq!(virtualisation.hypervisor.as_deref(), Some("KVM"));
        assert_eq!(virtualisation.container.as_deref(), Some("docker"));
    }

    #[test]
    fn bare_metal_has_the_flags_without_the_flag() {
        let (_folder, tree) = planted(&[
            ("proc/cpuinfo", "flags\t\t: fpu vme sse2 ht\n"),
            ("sys/class/dmi/id/sys_vendor", "LENOVO\n"),
        ]);

        let expected = Virtualisation {
            virtual_machine: Some(false),
            ..Virtualisation::default()
        };
        assert_eq!(virtualisation(&tree), expected);
    }

    /// A Raspberry Pi 4's and a rented ARM machine's: no model name, `Features` instead of flags.
    #[test]
    fn arm_has_no_flag_and_its_firmware_decides() {
        let cpuinfo = "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\n\
                       CPU implementer\t: 0x41\nCPU part\t: 0xd08\n";
        let (_folder, tree) = planted(&[("proc/cpuinfo", cpuinfo)]);
        assert_eq!(virtualisation(&tree), Virtualisation::default());

        let (_folder, tree) = planted(&[
            ("proc/cpuinfo", cpuinfo),
            ("sys/class/dmi/id/sys_vendor", "Amazon EC2"),
            ("sys/class/dmi/id/product_name", "c7g.large"),
        ]);
        assert_eq!(
            virtualisation(&tree).hypervisor.as_deref(),
            Some("Amazon EC2 c7g.large")
        );

        assert!(!is_virtual("Amazon EC2 c7g.metal"));
    }
}
