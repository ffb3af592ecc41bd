//! How busy the system is.
//!
//! Source: proc(5) on `/proc/loadavg`.

use super::tree::Tree;

/// CPUs' worth of runnable tasks, averaged over 1, 5 and 15 minutes.
#[must_use]
pub fn load_average(tree: &Tree) -> Option<[f64; 3]> {
    averages(&tree.text("/proc/loadavg")?)
}

fn averages(text: &str) -> Option<[f64; 3]> {
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
    fn three_averages_come_first() {
        let (_folder, tree) = planted(&[("proc/loadavg", "0.52 0.58 0.59 1/467 12345\n")]);
        assert_eq!(load_average(&tree), Some([0.52, 0.58, 0.59]));

        assert_eq!(averages("0.1 x 0.3"), None);
        assert_eq!(averages("nan 1 1"), None);
    }
}
