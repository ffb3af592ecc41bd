//! How the system sets clock rates and pages, and how busy it is. It reads the settings and never changes one.
//!
//! Sources: the kernel's `Documentation/admin-guide/pm/cpufreq.rst`, `pm/intel_pstate.rst` and
//! `mm/transhuge.rst`.

use std::collections::BTreeSet;

use super::tree::Tree;

/// The frequency governor, or all of them where CPUs differ.
#[must_use]
pub fn governor(tree: &Tree) -> Option<String> {
    let folder = "/sys/devices/system/cpu/cpufreq";
    let policies = tree.names(folder, "policy").into_iter();
    let told =
        policies.filter_map(|policy| tree.text(&format!("{folder}/{policy}/scaling_governor")));
    let distinct = told
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>();
    (!distinct.is_empty()).then(|| distinct.join(", "))
}

/// Whether CPUs may run above their nominal rate while few of them are busy.
#[must_use]
pub fn boost(tree: &Tree) -> Option<bool> {
    let digit = |path: &str, on: &str| tree.text(path).map(|text| text == on);
    digit("/sys/devices/system/cpu/intel_pstate/no_turbo", "0")
        .or_else(|| digit("/sys/devices/system/cpu/cpufreq/boost", "1"))
}

/// When programs get huge pages: `always`, `madvise` or `never`.
#[must_use]
pub fn huge_pages(tree: &Tree) -> Option<String> {
    bracketed(&tree.text("/sys/kernel/mm/transparent_hugepage/enabled")?)
}

/// CPUs' worth of runnable tasks, averaged over 1, 5 and 15 minutes.
#[must_use]
pub fn load_average(tree: &Tree) -> Option<[f64; 3]> {
    loads(&tree.text("/proc/loadavg")?)
}

/// The choice among several that the kernel puts in brackets.
fn bracketed(text: &str) -> Option<String> {
    Some(text.split_once('[')?.1.split_once(']')?.0.to_owned())
}

fn loads(text: &str) -> Option<[f64; 3]> {
    let mut numbers = text
        .split(' ')
        .map(|number| number.parse().ok().filter(|load: &f64| load.is_finite()));
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
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
            ("proc/loadavg", "0.52 0.58 0.59 1/467 12345\n"),
        ]);
        assert_eq!(
            (governor(&tree).as_deref(), boost(&tree)),
            (Some("powersave"), Some(true))
        );
        assert_eq!(huge_pages(&tree).as_deref(), Some("madvise"));
        assert_eq!(load_average(&tree), Some([0.52, 0.58, 0.59]));
    }

    #[test]
    fn little_and_big_cores_may_differ_and_nothing_is_nothing() {
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
        assert_eq!(
            (governor(&tree).as_deref(), boost(&tree)),
            (Some("performance, schedutil"), Some(false))
        );
        let (_folder, tree) = planted(&[]);
        assert_eq!(
            (governor(&tree), boost(&tree), huge_pages(&tree)),
            (None, None, None)
        );
        assert_eq!(
            (loads("0.1 x 0.3"), loads("nan 1 1"), bracketed("always")),
            (None, None, None)
        );
    }
}
