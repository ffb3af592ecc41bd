//! How the system is set to run CPUs and to give out pages.
//!
//! Sources: the kernel's `Documentation/admin-guide/pm/cpufreq.rst`, `pm/intel_pstate.rst` and
//! `mm/transhuge.rst`.

use std::collections::BTreeSet;

use super::tree::Tree;

/// The frequency governor, or all of them where CPUs differ.
#[must_use]
pub fn governor(tree: &Tree) -> Option<String> {
    let folder = "/sys/devices/system/cpu/cpufreq";
    let policies = tree.names(folder, "policy");

    let governors: BTreeSet<String> = policies
        .iter()
        .filter_map(|policy| tree.text(&format!("{folder}/{policy}/scaling_governor")))
        .collect();
    let distinct: Vec<String> = governors.into_iter().collect();

    (!distinct.is_empty()).then(|| distinct.join(", "))
}

/// Whether CPUs may run above their nominal rate while few of them are busy.
#[must_use]
pub fn boost(tree: &Tree) -> Option<bool> {
    let is = |path: &str, digit: &str| tree.text(path).map(|text| text == digit);

    is("/sys/devices/system/cpu/intel_pstate/no_turbo", "0")
        .or_else(|| is("/sys/devices/system/cpu/cpufreq/boost", "1"))
}

/// When programs get huge pages: `always`, `madvise` or `never`.
#[must_use]
pub fn huge_pages(tree: &Tree) -> Option<String> {
    bracketed(&tree.text("/sys/kernel/mm/transparent_hugepage/enabled")?)
}

/// The choice among several that the kernel puts in brackets.
fn bracketed(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    let (choice, _) = rest.split_once(']')?;

    Some(choice.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    #[test]
    fn a_laptop_with_intel_pstate() {
        let (_folder, tree) = planted(&[
            (
                "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                "powersave\n",
            ),
            (
                "sys/devices/system/cpu/cpufreq/policy1/scaling_governor",
                "powersave\n",
            ),
            ("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n"),
            (
                "sys/kernel/mm/transparent_hugepage/enabled",
                "always [madvise] never\n",
            ),
        ]);

        assert_eq!(governor(&tree).as_deref(), Some("powersave"));
        assert_eq!(boost(&tree), Some(true));
        assert_eq!(huge_pages(&tree).as_deref(), Some("madvise"));
    }

    #[test]
    fn little_and_big_cores_may_differ() {
        let (_folder, tree) = planted(&[
            (
                "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                "schedutil\n",
            ),
            (
                "sys/devices/system/cpu/cpufreq/policy4/scaling_governor",
                "performance\n",
            ),
            ("sys/devices/system/cpu/cpufreq/boost", "0\n"),
        ]);

        assert_eq!(governor(&tree).as_deref(), Some("performance, schedutil"));
        assert_eq!(boost(&tree), Some(false));
    }

    #[test]
    fn a_system_without_these_files_leaves_the_settings_unknown() {
        let (_folder, tree) = planted(&[]);

        assert_eq!(governor(&tree), None);
        assert_eq!(boost(&tree), None);
        assert_eq!(huge_pages(&tree), None);
        assert_eq!(bracketed("always"), None);
    }
}
