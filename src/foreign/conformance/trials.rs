//! How each rule of the protocol is tested.

use serde_json::{Value, json};

use super::Verdict;
use super::examinee::{Examinee, came};
use crate::worker::{Action, Answer};
use crate::workload::Tasks;

/// Tasks that are done again in another order.
const REPEATED: usize = 8;
/// Tasks that are done to have something to combine.
const COMBINED: usize = 1000;
/// Requests that are sent before an answer is read.
const AHEAD: usize = 4;

/// What came of a test: nothing, or why the rule is broken.
pub(super) type Tested = Result<(), String>;

pub(super) fn describe(examinee: &mut Examinee<'_>) -> Tested {
    let request = examinee.request(Action::Describe, 0);
    let answer = examinee.ask(&request)?;
    let expected = "tasks (1 to 1000000), work {amount (an integer), unit} and task_bytes";

    match understood(&answer) {
        Some(Answer::Description { description, .. })
            if Tasks::try_from(description.tasks as u64).is_ok() =>
        {
            examinee.tasks = description.tasks;
            Ok(())
        }
        _ => Err(came(&answer, expected)),
    }
}

/// An action that is answered by how long it took.
pub(super) fn done(examinee: &mut Examinee<'_>, action: Action) -> Tested {
    let request = examinee.request(action, 0);
    let answer = examinee.ask(&request)?;

    if is_time(&answer["seconds"]) && answer.get("error").is_none() {
        Ok(())
    } else {
        Err(came(&answer, "seconds, a number from 0"))
    }
}

/// The partial result of a task.
fn partial(examinee: &mut Examinee<'_>, task: usize) -> Result<Value, String> {
    let request = examinee.request(Action::Task, task);

    partial_of(examinee, &request)
}

/// The partial result that answers `request`.
fn partial_of(examinee: &mut Examinee<'_>, request: &Value) -> Result<Value, String> {
    let answer = examinee.ask(request)?;

    match answer.get("partial") {
        Some(partial) if is_time(&answer["seconds"]) => Ok(partial.clone()),
        _ => Err(came(&answer, "partial, and seconds as a number from 0")),
    }
}

pub(super) fn task(examinee: &mut Examinee<'_>) -> Tested {
    partial(examinee, 0).map(drop)
}

pub(super) fn same_task(examinee: &mut Examinee<'_>) -> Tested {
    let first = partial(examinee, 0)?;
    let second = partial(examinee, 0)?;

    same(0, &first, &second)
}

pub(super) fn other_order(examinee: &mut Examinee<'_>) -> Tested {
    let tasks = 0..examinee.tasks.min(REPEATED);
    let forwards: Result<Vec<Value>, String> =
        tasks.clone().map(|task| partial(examinee, task)).collect();
    let forwards = forwards?;

    examinee.restart();
    for task in tasks.rev() {
        same(task, &forwards[task], &partial(examinee, task)?)?;
    }
    Ok(())
}

fn same(task: usize, first: &Value, second: &Value) -> Tested {
    if first == second {
        Ok(())
    } else {
        Err(came(second, &format!("{first}, as task {task} had before")))
    }
}

pub(super) fn combine(examinee: &mut Examinee<'_>) -> Verdict {
    let tasks = examinee.tasks;
    if tasks > COMBINED {
        return Verdict::Untested(format!(
            "it describes {tasks} tasks: give --params with which there are at most {COMBINED}"
        ));
    }

    combine_all(examinee, tasks).into()
}

fn combine_all(examinee: &mut Examinee<'_>, tasks: usize) -> Tested {
    let partials: Result<Vec<Value>, String> =
        (0..tasks).map(|task| partial(examinee, task)).collect();
    let partials = Value::from(partials?);
    let mut combined = || -> Result<Value, String> {
        let mut request = examinee.request(Action::Combine, 0);
        request["partials"] = partials.clone();
        let answer = examinee.ask(&request)?;

        let value = answer.get("answer").cloned();
        value.ok_or_else(|| came(&answer, "answer"))
    };

    let (first, second) = (combined()?, combined()?);
    if first == second {
        Ok(())
    } else {
        Err(came(&second, &format!("{first}, as before")))
    }
}

pub(super) fn inputs(examinee: &mut Examinee<'_>) -> Tested {
    let request = examinee.request(Action::Inputs, 0);
    let answer = examinee.ask(&request)?;

    match answer.get("inputs") {
        Some(Value::Null | Value::String(_)) => Ok(()),
        _ => Err(came(
            &answer,
            "inputs, the SHA-256 of files that tasks read or null",
        )),
    }
}

pub(super) fn ahead(examinee: &mut Examinee<'_>) -> Tested {
    let requests: Vec<Value> = (0..AHEAD)
        .map(|place| match place % 2 {
            0 => examinee.request(Action::Task, 0),
            _ => examinee.request(Action::Describe, 0),
        })
        .collect();
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    examinee.send(lines.join("\n").as_bytes())?;

    requests.iter().try_for_each(|request| {
        let answer = examinee.answer_to(request)?;
        let is_answered = answer.get("partial").or(answer.get("tasks")).is_some();
        is_answered
            .then_some(())
            .ok_or_else(|| came(&answer, "no error"))
    })
}

pub(super) fn unknown_field(examinee: &mut Examinee<'_>) -> Tested {
    let mut request = examinee.request(Action::Describe, 0);
    request["from_the_future"] = json!([1]);
    let answer = examinee.ask(&request)?;

    match answer.get("tasks") {
        Some(_) => Ok(()),
        None => Err(came(&answer, "the description")),
    }
}

/// The first task, asked for without the fields `left_out` or with a slowdown.
pub(super) fn first_task(
    examinee: &mut Examinee<'_>,
    left_out: &[&str],
    slowdown: Option<u32>,
) -> Tested {
    let first = partial(examinee, 0)?;
    let mut request = examinee.request(Action::Task, 0);
    if let Some(fields) = request.as_object_mut() {
        fields.retain(|name, _| !left_out.contains(&name.as_str()));
    }
    if let Some(slowdown) = slowdown {
        request["slowdown"] = json!(slowdown);
    }

    same(0, &first, &partial_of(examinee, &request)?)
}

/// Workers that do not keep parameters get complete requests only.
pub(super) fn kept_params(examinee: &mut Examinee<'_>) -> Tested {
    if examinee.keeps_params {
        first_task(examinee, &["params"], None)
    } else {
        Ok(())
    }
}

pub(super) fn no_task(examinee: &mut Examinee<'_>) -> Tested {
    let beyond = examinee.tasks;

    refused(examinee, "task", json!(beyond))
}

/// A request whose `field` has a value that nobody knows.
pub(super) fn refused(examinee: &mut Examinee<'_>, field: &str, value: Value) -> Tested {
    let mut request = examinee.request(Action::Task, 0);
    request[field] = value;
    let answer = examinee.ask(&request)?;

    is_error(&answer)?;
    goes_on(examinee)
}

pub(super) fn not_a_request(examinee: &mut Examinee<'_>, line: &[u8]) -> Tested {
    examinee.send(line)?;
    let answer = examinee.answer()?;

    if answer.get("id") != Some(&Value::Null) {
        return Err(came(&answer, "{\"id\": null, \"error\": \"why\"}"));
    }
    is_error(&answer)?;
    goes_on(examinee)
}

fn is_error(answer: &Value) -> Tested {
    match answer.get("error").and_then(Value::as_str) {
        Some(line) if !line.contains('\n') => Ok(()),
        _ => Err(came(answer, "error, one line that says why")),
    }
}

/// Whether the next request is served.
fn goes_on(examinee: &mut Examinee<'_>) -> Tested {
    describe(examinee).map_err(|why| format!("afterwards {why}"))
}

pub(super) fn end(examinee: &mut Examinee<'_>) -> Tested {
    examinee.restart();
    let requests: Vec<Value> = (0..AHEAD)
        .map(|_| examinee.request(Action::Task, 0))
        .collect();
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    examinee.send(lines.join("\n").as_bytes())?;

    let answers = examinee.end(AHEAD)?;
    let ids = |values: &[Value]| -> Vec<Value> {
        values.iter().map(|value| value["id"].clone()).collect()
    };
    if ids(&answers) == ids(&requests) {
        Ok(())
    } else {
        let expected = format!("answers to the {AHEAD} requests before the end, and no other line");
        Err(came(&Value::from(answers), &expected))
    }
}

fn understood(answer: &Value) -> Option<Answer> {
    serde_json::from_value(answer.clone()).ok()
}

fn is_time(seconds: &Value) -> bool {
    seconds.as_f64().is_some_and(|seconds| seconds >= 0.0)
}
