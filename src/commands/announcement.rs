//! What is about to be measured, in words for those who wait for it.

use crate::event::{Event, Observer};
use crate::measure::longest;
use crate::plan::{Case, Plan};
use crate::results::{Rounds, Sampling};
use crate::units::Seconds;

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

    observer.observe(&Event::Announced(format!(
        "measuring {}; Ctrl-C keeps the rounds that are complete",
        cases.join(", ")
    )));
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

/// `fib (4 arms, up to 40 s)`.
fn described(case: &Case, sampling: Sampling) -> String {
    let (name, arms) = (case.workload.name(), case.arms.len());

    match (sampling.rounds, longest(sampling, arms)) {
        (_, Some(longest)) => format!("{name} ({arms} arms, up to {})", Seconds::from(longest)),
        (Rounds::Exactly(1), None) => format!("{name} ({arms} arms, 1 round)"),
        (Rounds::Exactly(rounds), None) => format!("{name} ({arms} arms, {rounds} rounds)"),
        (Rounds::Until(_), None) => format!("{name} ({arms} arms)"),
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
