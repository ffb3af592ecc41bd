//! What about a machine matters for measuring, and how to fix it: a pure function of the stored
//! environment. What the system did not report is an unknown, not a finding that all is well.

mod finding;
mod processor;
mod system;

use crate::results::Environment;

pub use finding::{MachineFinding, Mark};

/// Everything that is looked at, in a fixed order.
#[must_use]
pub fn machine_findings(environment: &Environment) -> Vec<MachineFinding> {
    let looks = [
        system::build,
        processor::cpus,
        processor::quota,
        processor::smt,
        processor::virtualisation,
        system::load,
        processor::governor,
        processor::boost,
        system::memory,
        system::swap,
        system::huge_pages,
        system::variables,
    ];

    looks.iter().map(|look| look(environment)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::machines;

    fn subjects(environment: &Environment, mark: Mark) -> Vec<&'static str> {
        machine_findings(environment)
            .into_iter()
            .filter(|finding| finding.mark == mark)
            .map(|finding| finding.subject)
            .collect()
    }

    #[test]
    fn a_quiet_machine_has_notes_and_a_crowded_one_has_warnings() {
        let quiet = machines::quiet();
        assert_eq!(subjects(&quiet, Mark::Warn), [""; 0]);
        assert_eq!(subjects(&quiet, Mark::Note), ["SMT", "hardware"]);

        let crowded = machines::crowded();
        assert_eq!(
            subjects(&crowded, Mark::Warn),
            ["build", "CPU quota", "load", "memory"]
        );
        assert_eq!(
            subjects(&crowded, Mark::Note),
            [
                "CPUs",
                "SMT",
                "hardware",
                "governor",
                "turbo",
                "swap",
                "huge pages",
                "variables",
            ]
        );
    }

    #[test]
    fn what_is_unknown_is_not_taken_to_be_fine() {
        assert_eq!(
            subjects(&machines::unknown(), Mark::Unknown),
            [
                "CPUs",
                "SMT",
                "hardware",
                "load",
                "governor",
                "turbo",
                "memory",
                "swap",
                "huge pages",
            ]
        );
    }

    #[test]
    fn every_finding_that_is_not_fine_has_a_meaning() {
        for environment in [machines::quiet(), machines::crowded(), machines::unknown()] {
            for finding in machine_findings(&environment) {
                let is_explained = matches!(finding.mark, Mark::Note | Mark::Warn);
                assert_eq!(is_explained, !finding.meaning.is_empty(), "{finding:?}");
            }
        }
    }
}
