//! `--quick`: a first answer.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::cli::selection::Selection;
use crate::plan::Plan;
use crate::results::{Precision, Quick, Rounds, SmallerWork};

/// As precise as usual if that takes no longer: the fewest rounds that give an interval, in about a
/// second for the loop and one other arm.
const PRECISION: Precision = Precision {
    min_rounds: 6,
    min_time: Duration::from_millis(250),
    max_time: Duration::from_millis(500),
    half_width: 0.02,
};

/// `--quick`.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(in crate::cli) struct QuickArgs {
    // Which work is smaller is for the program's registry to say.
    /// A first answer in about two seconds a workload, from few rounds
    #[arg(
        long,
        conflicts_with_all = ["rounds", "min_rounds", "max_time", "precision", "save_baseline"]
    )]
    quick: bool,
}

impl QuickArgs {
    /// Makes `plan`, which measures the workloads of `selections`, one of a first answer, if that
    /// is asked for.
    pub(in crate::cli) fn shorten(
        self,
        plan: &mut Plan,
        selections: &[Selection],
    ) -> Option<Quick> {
        if !self.quick {
            return None;
        }

        plan.sampling.rounds = Rounds::Until(PRECISION);
        Some(Quick {
            smaller: selections.iter().flat_map(smaller_work).collect(),
        })
    }
}

/// The parameters of `selection` that have a first answer's values.
fn smaller_work(selection: &Selection) -> Vec<SmallerWork> {
    let Selection {
        workload, params, ..
    } = selection;
    let is_used = |parameter: &str, value: &str| {
        let typed = match &params[parameter.replace('-', "_")] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        typed == value
    };

    workload
        .quick()
        .iter()
        .filter(|quick| is_used(quick.parameter, quick.value))
        .map(|quick| SmallerWork {
            workload: workload.name().to_owned(),
            parameter: quick.parameter.to_owned(),
            value: quick.value.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::definition;
    use crate::cli::parts::Parts;
    use crate::cli::workloads::EveryParameter;

    /// What is smaller than usual in `line`, as `workload parameter value`.
    fn smaller(line: &str) -> Vec<String> {
        let parts = Parts::built_in();
        let matches = definition::command(&parts)
            .try_get_matches_from(line.split(' '))
            .unwrap();
        let (name, matches) = matches.subcommand().unwrap();
        let selections = match parts.workloads.find(name) {
            Some(workload) => vec![Selection::of_matches(&workload, matches).unwrap()],
            None => EveryParameter::selections(&parts.workloads, matches).unwrap(),
        };

        let smaller = selections.iter().flat_map(smaller_work);
        smaller
            .map(|work| format!("{} {} {}", work.workload, work.parameter, work.value))
            .collect()
    }

    #[test]
    fn a_first_answer_has_less_work_where_the_usual_work_is_long() {
        assert_eq!(smaller("parbench fib --quick"), ["fib size 50000"]);
        assert_eq!(
            smaller("parbench all --quick"),
            ["fib size 50000", "image side 1000"]
        );
        assert_eq!(smaller("parbench fib"), [""; 0]);
        assert_eq!(smaller("parbench pi --quick"), [""; 0]);
    }

    #[test]
    fn what_the_user_gives_stays() {
        assert_eq!(smaller("parbench fib --quick --size 9"), [""; 0]);
        assert_eq!(
            smaller("parbench all --image-count 9 --quick"),
            ["fib size 50000", "image side 1000"]
        );
        assert_eq!(smaller("parbench image --quick --input x"), [""; 0]);
    }
}
