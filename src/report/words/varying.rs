//! That answers vary from pass to pass, in words.

use serde_json::Value;

use super::command::Command;
use crate::results::{Arm, Measurement, OWN, Pair, TaskVariant, masked};
use crate::units::count;

/// That the output of some tasks was another one in a second pass, so that it was not compared: of
/// how many tasks, of which one first, and on which arm where arms have answers of their own.
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
    let varying: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| varies(answer))
        .collect();
    let (first, _) = varying.first()?;
    let all = varying.len();
    let what = if varying.iter().any(|(_, answer)| exit_varies(answer)) {
        "exit codes"
    } else {
        "output"
    };
    Some(format!(
        "two {passes} passes gave different {what} for {} ({first}{}), so it is not compared",
        count(all, "task"),
        if all > 1 { " first" } else { "" }
    ))
}

/// Whether a task ended in another way in a second pass.
fn exit_varies(answer: &Value) -> bool {
    answer.get("end").is_some_and(Value::is_null)
}

/// That there was one pass only of what each command does, so that it was compared with nothing.
pub(in crate::report) fn not_compared(measurement: &Measurement) -> Option<String> {
    let is_command = Command::of(measurement).is_some();
    let has_one_pass = measurement.rounds.len() == 1;

    (is_command && has_one_pass).then(|| {
        "only one round was measured, and whether output is always the same takes two: no output was compared"
            .to_owned()
    })
}

/// That tasks did not end with exit code 0 and this is no failure: how many, which one first, and
/// on which arm where arms have answers of their own.
pub(in crate::report) fn ignored_failures(measurement: &Measurement) -> Option<String> {
    let all = answers_of_arms(measurement);
    let is_only = all.len() == 1;
    let mut failures = all
        .iter()
        .filter_map(|(answers, arm)| Some((Failures::of(answers)?, arm)));

    let (first, arm) = failures.next()?;
    let place = if is_only {
        String::new()
    } else {
        format!(" on {arm}")
    };
    let beginning = format!(
        "{} of {} failed{place}, which --ignore-failure allows: {}",
        first.count,
        count(first.tasks, "task"),
        first.what
    );
    let others = failures.map(|(failures, arm)| {
        let Failures { count, tasks, what } = failures;
        format!("{count} of {tasks} on {arm}: {what}")
    });
    let sentence: Vec<String> = std::iter::once(beginning).chain(others).collect();
    Some(sentence.join("; "))
}

/// The exit code of all tasks of the arm at `index`; `None` where they ended with several, by a
/// signal, or not always in the same way. Tasks that are no processes end well or leave no figures.
pub(in crate::report) fn exit_code(measurement: &Measurement, index: usize) -> Option<i32> {
    const DONE: i32 = 0;
    if Command::of(measurement).is_none() {
        return Some(DONE);
    }

    let answer = &measurement.answer;
    let answer = if has_answers_of_arms(measurement) {
        answer.get(measurement.arms[index].label())?
    } else {
        answer
    };
    let mut codes = tasks(answer).into_iter().map(|(_, task)| code_of(task));
    let first = codes.next()??;
    codes.all(|code| code == Some(first)).then_some(first)
}

/// The exit code of a task with this answer; `None` where it ended by a signal, or varied.
fn code_of(task: &Value) -> Option<i32> {
    let end = task.get("end")?.as_str()?;

    end.strip_prefix("exit code ")?.parse().ok()
}

/// The tasks of an arm that did not end with exit code 0.
struct Failures {
    count: usize,
    tasks: usize,
    /// How the first of them ended: `exit code 3 (b)`.
    what: String,
}

impl Failures {
    /// `None` where there are none.
    fn of(answers: &[(&String, &Value)]) -> Option<Self> {
        let end = |answer: &Value| answer.get("end")?.as_str().map(str::to_owned);
        let failed_end = |answer: &Value| end(answer).filter(|end| end != "exit code 0");
        let failed: Vec<(&String, String)> = answers
            .iter()
            .filter_map(|(name, answer)| Some((*name, failed_end(answer)?)))
            .collect();

        let (first, end) = failed.first()?;
        let more = if failed.len() > 1 { " first" } else { "" };
        Some(Self {
            count: failed.len(),
            tasks: answers.len(),
            what: format!("{end} ({first}{more})"),
        })
    }
}

/// The answer of each task by its name, for each arm that has answers of its own, and what that is
/// called.
fn answers_of_arms(measurement: &Measurement) -> Vec<(Vec<(&String, &Value)>, String)> {
    let answer = &measurement.answer;

    if !has_answers_of_arms(measurement) {
        return vec![(tasks(answer), measurement.reference_arm().label())];
    }
    let labels = measurement.arms.iter().map(Arm::label);
    labels
        .filter_map(|label| Some((tasks(answer.get(&label)?), label)))
        .collect()
}

/// Whether the answer is one of each arm by its name, as it may be where programs have workers of
/// their own, threads, or another command beside them. An input may be called as an arm is.
fn has_answers_of_arms(measurement: &Measurement) -> bool {
    let may_differ = |arm: &Arm| arm.engine == OWN || TaskVariant::of_engine(&arm.engine).is_some();
    let of_reference = measurement.answer.get(measurement.reference_arm().label());
    let is_of_arm =
        |answer: &Value| answer.is_object() && !answer.get("end").is_some_and(Value::is_string);

    measurement.arms.iter().any(may_differ) && of_reference.is_some_and(is_of_arm)
}

fn tasks(answer: &Value) -> Vec<(&String, &Value)> {
    answer.as_object().into_iter().flatten().collect()
}

/// That a program writes something else with more workers of its own than with one, where it does.
pub(in crate::report) fn other_output(measurement: &Measurement) -> Option<String> {
    if !has_answers_of_arms(measurement) {
        return None;
    }
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
    let have_other_ends = others
        .iter()
        .filter_map(|arm| of_arm(arm))
        .any(|answer| ends(answer) != ends(with_one));
    let what = if have_other_ends {
        "exit code"
    } else {
        "output"
    };
    (!others.is_empty()).then(|| {
        format!(
            "the {what} of {} differs from that of {reference}",
            others.join(", ")
        )
    })
}

/// How each task of an arm ended.
fn ends(answer: &Value) -> Vec<Option<&Value>> {
    tasks(answer)
        .into_iter()
        .map(|(_, task)| task.get("end"))
        .collect()
}

/// That the results of two interpreters differ, where they do.
pub(in crate::report) fn other_results(measurement: &Measurement) -> Option<String> {
    let is_exact = measurement.compares_exactly();
    let functions = measurement.functions.iter().filter(|_| is_exact);
    let mut digests = functions.filter_map(|facts| Some((&facts.label, facts.digest.as_ref()?)));

    let (first, expected) = digests.next()?;
    let (other, _) = digests.find(|(_, digest)| *digest != expected)?;
    Some(format!(
        "the results in {other} are others than in {first}, or are pickled in another way there"
    ))
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
        let mut sentence = |answer: Value| {
            measurement.answer = answer;
            varying(&measurement)
        };

        assert_eq!(
            sentence(json!({"a": {"end": "exit code 0", "output": "12"}})),
            None
        );
        assert_eq!(sentence(Value::Null), None);
        assert_eq!(
            sentence(json!({"a": {"output": "12"}, "b": {"output": null}, "c": {"output": null}}))
                .unwrap(),
            "two serial passes gave different output for 2 tasks (b first), so it is not compared"
        );
        assert_eq!(
            sentence(json!({"a": {"output": null}})).unwrap(),
            "two serial passes gave different output for 1 task (a), so it is not compared"
        );
    }

    #[test]
    fn failures_that_are_allowed_are_counted_and_the_first_is_named() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        let mut sentence = |answer: Value| {
            measurement.answer = answer;
            ignored_failures(&measurement)
        };

        assert_eq!(sentence(json!({"a": {"end": "exit code 0"}})), None);
        assert_eq!(sentence(json!({"digest": "12"})), None);
        assert_eq!(
            sentence(json!({"a": {"end": "exit code 0"}, "b": {"end": "exit code 3"}})).unwrap(),
            "1 of 2 tasks failed, which --ignore-failure allows: exit code 3 (b)"
        );
    }

    #[test]
    fn an_arm_has_the_exit_code_that_all_of_its_tasks_share() {
        let mut measurement = measurement("cmd", 2, 0.1, 0.05);
        assert_eq!(exit_code(&measurement, 1), Some(0), "no command");

        measurement.params = json!({"command": ["true"]});
        let mut codes = |answer: Value| {
            measurement.answer = answer;
            [0, 1].map(|arm| exit_code(&measurement, arm))
        };
        let of_task = |end: &str| json!({"end": end, "output": null});
        let three = of_task("exit code 3");
        assert_eq!(codes(json!({"a": three, "b": three})), [Some(3); 2]);
        assert_eq!(
            codes(json!({"a": three, "b": of_task("SIGTERM")})),
            [None; 2]
        );
        assert_eq!(codes(json!({"a": {"end": null}})), [None; 2]);
        assert_eq!(codes(Value::Null), [None; 2]);

        measurement.arms[1].engine = "vs-pool".to_owned();
        measurement.answer =
            json!({"serial": {"a": of_task("exit code 0")}, "vs-pool 2": {"a": three}});
        assert_eq!(exit_code(&measurement, 0), Some(0));
        assert_eq!(exit_code(&measurement, 1), Some(3));
    }

    #[test]
    fn failures_of_several_arms_are_all_counted() {
        let mut measurement = measurement("cmd", 2, 0.1, 0.05);
        for arm in &mut measurement.arms {
            arm.engine = OWN.to_owned();
        }
        measurement.arms[0].workers = 1;
        measurement.answer = json!({
            "own 1": {"run 1": {"end": "exit code 1"}},
            "own 2": {"run 1": {"end": "exit code 2"}},
        });

        assert_eq!(
            ignored_failures(&measurement).unwrap(),
            "1 of 1 task failed on own 1, which --ignore-failure allows: exit code 1 (run 1); 1 of 1 on own 2: exit code 2 (run 1)"
        );
        assert_eq!(
            other_output(&measurement).unwrap(),
            "the exit code of own 2 differs from that of own 1"
        );
    }

    #[test]
    fn one_round_of_a_command_compares_nothing() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        measurement.rounds.truncate(1);
        assert_eq!(
            not_compared(&measurement),
            None,
            "each arm of pi is compared"
        );

        measurement.params = json!({"command": ["true"]});
        assert!(
            not_compared(&measurement)
                .unwrap()
                .starts_with("only one round")
        );
        let round = measurement.rounds[0].clone();
        measurement.rounds.push(round);
        assert_eq!(not_compared(&measurement), None);
    }

    #[test]
    fn an_input_may_be_called_as_an_arm_is() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        let of_task = json!({"end": "exit code 3", "output": null});
        measurement.answer_may_vary = true;
        measurement.answer = json!({"serial": of_task, "pool 2": of_task});
        let sentence =
            "2 of 2 tasks failed, which --ignore-failure allows: exit code 3 (serial first)";
        assert_eq!(ignored_failures(&measurement).unwrap(), sentence);
        assert!(
            varying(&measurement)
                .unwrap()
                .contains("for 2 tasks (serial first)")
        );
        assert_eq!(other_output(&measurement), None);

        measurement.arms[1].engine = "1-thread-pool".to_owned();
        measurement.answer = json!({"serial": of_task});
        assert!(
            ignored_failures(&measurement)
                .unwrap()
                .ends_with("exit code 3 (serial)")
        );
    }

    #[test]
    fn failures_of_one_arm_are_named_with_it() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        measurement.arms[1].engine = "vs-pool".to_owned();
        measurement.answer = json!({"serial": {"a": {"end": "exit code 0"}}, "vs-pool 2": {"a": {"end": "SIGTERM"}}});
        assert_eq!(
            ignored_failures(&measurement).unwrap(),
            "1 of 1 task failed on vs-pool 2, which --ignore-failure allows: SIGTERM (a)"
        );
    }

    #[test]
    fn another_output_with_more_workers_is_named() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        measurement.arms[1].engine = "2-thread-pool".to_owned();
        let mut sentence = |with_two: Value| {
            measurement.answer =
                json!({"serial": {"a": {"output": "1"}}, "2-thread-pool 2": with_two});
            other_output(&measurement)
        };

        assert_eq!(sentence(json!({"a": {"output": "1"}})), None);
        assert_eq!(sentence(json!({"a": {"output": null}})), None);
        assert_eq!(
            sentence(json!({"a": {"output": "2"}})).unwrap(),
            "the output of 2-thread-pool 2 differs from that of serial"
        );
    }
}
