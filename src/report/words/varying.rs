//! That answers vary from pass to pass, in words.

use serde_json::Value;

use crate::results::{Arm, Measurement, Pair, masked};
use crate::units::count;

/// That the output of some tasks was another one in a second pass, so that it was not compared: of how
/// many tasks, of which one first, and on which arm where arms have answers of their own.
pub(in crate::report) fn varying(measurement: &Measurement) -> Option<String> {
    if !measurement.answer_may_vary {
        return None;
    }

    let varies = |answer: &Value| {
        let parts = answer.as_object().into_iter().flatten();
        answer.is_null() || parts.into_iter().any(|(_, part)| part.is_null())
    };

    let (answers, passes) = answers_of_arms(measurement)
        .into_iter()
        .find(|(answers, _)| answers.iter().any(|(_, answer)| varies(answer)))?;
    let mut names = answers
        .iter()
        .filter(|(_, answer)| varies(answer))
        .map(|(name, _)| name);
    let first = names.next()?;
    let all = 1 + names.count();
    Some(format!(
        "two {passes} passes gave different output for {} ({first}{}), so it is not compared",
        count(all, "task"),
        if all > 1 { " first" } else { "" }
    ))
}

/// That tasks did not end with exit code 0 and this is no failure: how many, which one first, and on
/// which arm where arms have answers of their own.
pub(in crate::report) fn ignored_failures(measurement: &Measurement) -> Option<String> {
    let end = |answer: &Value| answer.get("end")?.as_str().map(str::to_owned);
    let failed_end = |answer: &Value| end(answer).filter(|end| end != "exit code 0");
    let all = answers_of_arms(measurement);
    let is_only = all.len() == 1;

    let (answers, arm) = all.into_iter().find(|(answers, _)| {
        answers
            .iter()
            .any(|(_, answer)| failed_end(answer).is_some())
    })?;
    let mut failed = answers
        .iter()
        .filter_map(|(name, answer)| Some((name, failed_end(answer)?)));
    let (first, end) = failed.next()?;
    let all = 1 + failed.count();
    Some(format!(
        "{all} of {} failed{}, which --ignore-failure allows: {end} ({first}{})",
        count(answers.len(), "task"),
        if is_only {
            String::new()
        } else {
            format!(" on {arm}")
        },
        if all > 1 { " first" } else { "" }
    ))
}

/// The answer of each task by its name, for each arm that has answers of its own, and what that is called.
fn answers_of_arms(measurement: &Measurement) -> Vec<(Vec<(&String, &Value)>, String)> {
    let answer = &measurement.answer;
    let reference = measurement.reference_arm().label();

    if answer.get(&reference).is_none() {
        return vec![(tasks(answer), reference)];
    }
    let labels = measurement.arms.iter().map(Arm::label);
    labels
        .filter_map(|label| Some((tasks(answer.get(&label)?), label)))
        .collect()
}

fn tasks(answer: &Value) -> Vec<(&String, &Value)> {
    answer.as_object().into_iter().flatten().collect()
}

/// That a program writes something else with more workers of its own than with one, where it does.
pub(in crate::report) fn other_output(measurement: &Measurement) -> Option<String> {
    let of_arm = |label: &str| measurement.answer.get(label);
    let reference = measurement.reference_arm().label();
    let with_one = of_arm(&reference)?;

    let differs = |pair: &Pair<'_>| {
        of_arm(&pair.arm().label()).is_some_and(|answer| {
            let comparable = (masked(with_one, answer), masked(answer, with_one));
            comparable.0 != comparable.1
        })
    };
    let others: Vec<String> = measurement
        .pairs()
        .filter(differs)
        .map(|pair| pair.arm().label())
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "the output of {} differs from that of {reference}",
            others.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn tasks_with_another_output_each_time_are_counted_and_the_first_is_named() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        measurement.answer = json!({"best": null});
        assert_eq!(varying(&measurement), None);

        measurement.answer_may_vary = true;
        let mut said = |answer: Value| {
            measurement.answer = answer;
            varying(&measurement)
        };

        assert_eq!(
            said(json!({"a": {"end": "exit code 0", "output": "12"}})),
            None
        );
        assert_eq!(said(Value::Null), None);
        assert_eq!(
            said(json!({"a": {"output": "12"}, "b": {"output": null}, "c": {"output": null}}))
                .unwrap(),
            "two serial passes gave different output for 2 tasks (b first), so it is not compared"
        );
        assert_eq!(
            said(json!({"a": {"output": null}})).unwrap(),
            "two serial passes gave different output for 1 task (a), so it is not compared"
        );
    }

    #[test]
    fn failures_that_are_allowed_are_counted_and_the_first_is_named() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        let mut said = |answer: Value| {
            measurement.answer = answer;
            ignored_failures(&measurement)
        };

        assert_eq!(said(json!({"a": {"end": "exit code 0"}})), None);
        assert_eq!(said(json!({"digest": "12"})), None);
        assert_eq!(
            said(json!({"serial": {"a": {"end": "exit code 0"}}, "pool 2": {"a": {"end": "SIGTERM"}}}))
                .unwrap(),
            "1 of 1 task failed on pool 2, which --ignore-failure allows: SIGTERM (a)"
        );
        assert_eq!(
            said(json!({"a": {"end": "exit code 0"}, "b": {"end": "exit code 3"}})).unwrap(),
            "1 of 2 tasks failed, which --ignore-failure allows: exit code 3 (b)"
        );
    }

    #[test]
    fn another_output_with_more_workers_is_named() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        let mut said = |with_two: Value| {
            measurement.answer = json!({"serial": {"a": {"output": "1"}}, "pool 2": with_two});
            other_output(&measurement)
        };

        assert_eq!(said(json!({"a": {"output": "1"}})), None);
        assert_eq!(said(json!({"a": {"output": null}})), None);
        assert_eq!(
            said(json!({"a": {"output": "2"}})).unwrap(),
            "the output of pool 2 differs from that of serial"
        );
    }
}
