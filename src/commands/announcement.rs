//! What is about to be measured, in words for those who wait for it.

use crate::event::{Event, Observer};
use crate::measure::longest;
use crate::plan::{Case, Plan};
use crate::results::{Precision, Rounds, Sampling};
use crate::units::{Seconds, count};

/// Announces all of `plan`.
pub(super) fn announce_plan(plan: &Plan, observer: &dyn Observer) {
    let alike = plan
        .cases
        .chunk_by(|case, next| described(case, plan.sampling) == described(next, plan.sampling));
    let cases: Vec<String> = alike
        .map(
            |cases| match (described(&cases[0], plan.sampling), cases.len()) {
                (case, 1) => case,
                (case, count) => format!("{count} times {case}"),
            },
        )
        .collect();

    observer.observe(&Event::Announced(format!("measuring {}", cases.join(", "))));
}

/// Announces that suspects are measured again by `plan`, in pass `number` of at most `most`.
pub(super) fn announce_pass(plan: &Plan, number: usize, most: usize, observer: &dyn Observer) {
    let mut workloads: Vec<&str> = plan.cases.iter().map(|case| case.workload.name()).collect();
    workloads.dedup();

    observer.observe(&Event::PassStarted {
        what: format!(
            "measuring {} again: {} of at most {most} passes",
            workloads.join(", "),
            ordinal(number)
        ),
    });
}

/// `fib (4 arms, at least 6 rounds, more for up to 20 s)`.
fn described(case: &Case, sampling: Sampling) -> String {
    let (name, arms) = (case.workload.name(), count(case.arms.len(), "arm"));

    match sampling.rounds {
        Rounds::Exactly(rounds) => {
            let rounds = count(rounds as usize, "round");
            format!("{name} ({arms}, {rounds})")
        }
        Rounds::Until(Precision { min_rounds, .. }) => {
            let time = longest(sampling, case.arms.len()).map(Seconds::from);
            let time = time.map_or_else(String::new, |time| format!(", more for up to {time}"));
            format!("{name} ({arms}, at least {min_rounds} rounds{time})")
        }
    }
}

fn ordinal(number: usize) -> String {
    match number {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        number => format!("{number}th"),
    }
}
