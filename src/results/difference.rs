//! Compares answers or parameters and names the first place where two differ.

use serde_json::Value;

/// The first place at or below `path` where `left` and `right` differ, as `path is left and right`;
/// `None` when they are equal.
#[must_use]
pub fn first_difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        _ if left == right => None,
        (Value::Object(a), Value::Object(b))
            if a.len() == b.len() && a.keys().all(|key| b.contains_key(key)) =>
        {
            a.iter()
                .find_map(|(key, value)| first_difference(&format!("{path}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (a, b))| first_difference(&format!("{path}[{index}]"), a, b)),
        _ => Some(format!("{path} is {left} and {right}")),
    }
}

/// The first difference of two answers: of commands in words, as `the output of a.txt (SHA-256) is
/// 12 and 34`; of other workloads as the place below `answer`.
#[must_use]
pub fn answer_difference(left: &Value, right: &Value) -> Option<String> {
    task_difference(left, right).or_else(|| first_difference("answer", left, right))
}

/// The same of the first task of a command that differs, by its name.
fn task_difference(left: &Value, right: &Value) -> Option<String> {
    let (left, right) = (left.as_object()?, right.as_object()?);
    let mut different = left
        .iter()
        .filter_map(|(name, task)| Some((name, task, right.get(name)?)))
        .filter(|(_, left, right)| left != right);

    different.find_map(|(name, left, right)| {
        if !(is_of_task(left) && is_of_task(right)) {
            return task_difference(left, right);
        }
        let both = |key: &str| Some((left.get(key)?, right.get(key)?));
        if let Some((left, right)) = both("end").filter(|(left, right)| left != right) {
            let (left, right) = (text(left), text(right));
            return Some(format!("{name} ended with {left} and with {right}"));
        }
        let (left, right) = both("output")?;
        let (left, right) = (text(left), text(right));
        Some(format!(
            "the output of {name} (SHA-256) is {left} and {right}"
        ))
    })
}

/// Whether `answer` is that of a process: how it ended, and maybe what it wrote.
fn is_of_task(answer: &Value) -> bool {
    let known = |key: &str| key == "end" || key == "output";

    answer
        .as_object()
        .is_some_and(|answer| answer.contains_key("end") && answer.keys().all(|key| known(key)))
}

/// A value to read: a text without its quotes.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What `left` and `right` have in common: `null` in every place where they differ.
#[must_use]
pub fn common(left: &Value, right: &Value) -> Value {
    match (left, right) {
        _ if left == right => left.clone(),
        (Value::Object(a), Value::Object(b))
            if a.len() == b.len() && a.keys().all(|key| b.contains_key(key)) =>
        {
            let both = a
                .iter()
                .map(|(key, value)| (key.clone(), common(value, &b[key])));
            Value::Object(both.collect())
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            Value::Array(a.iter().zip(b).map(|(a, b)| common(a, b)).collect())
        }
        _ => Value::Null,
    }
}

/// `value` with `null` in every place where `mask` has it.
#[must_use]
pub fn masked(value: &Value, mask: &Value) -> Value {
    match (value, mask) {
        (_, Value::Null) => Value::Null,
        (Value::Object(a), Value::Object(b)) => {
            let inside = a.iter().map(|(key, value)| {
                let mask = b.get(key).unwrap_or(value);
                (key.clone(), masked(value, mask))
            });
            Value::Object(inside.collect())
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            Value::Array(a.iter().zip(b).map(|(a, b)| masked(a, b)).collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let left = json!({"total": 3, "inside": [1, 2]});
        assert_eq!(first_difference("answer", &left, &left.clone()), None);
        let difference = |right: Value| first_difference("answer", &left, &right).unwrap();
        assert_eq!(
            difference(json!({"total": 3, "inside": [1, 5]})),
            "answer.inside[1] is 2 and 5"
        );
        assert_eq!(
            difference(json!({"total": 3, "inside": [1]})),
            "answer.inside is [1,2] and [1]"
        );
        assert!(difference(json!({"other": 3, "inside": [1, 2]})).starts_with("answer is {"));
    }

    #[test]
    fn what_tasks_of_commands_did_is_named_by_their_inputs() {
        let task = |end: &str, output: &str| json!({"end": end, "output": output});
        let left =
            json!({"a.b": task("exit code 0", "12"), "c and 1 more": task("exit code 0", "56")});
        let difference = |right: Value| answer_difference(&left, &right);

        assert_eq!(difference(left.clone()), None);
        let mut other = left.clone();
        other["a.b"]["output"] = json!("34");
        assert_eq!(
            difference(other.clone()).unwrap(),
            "the output of a.b (SHA-256) is 12 and 34"
        );
        other["a.b"]["end"] = json!("SIGTERM");
        assert_eq!(
            difference(other.clone()).unwrap(),
            "a.b ended with exit code 0 and with SIGTERM"
        );
        let (left, right) = (json!({"own 2": left}), json!({"own 2": other}));
        assert_eq!(
            answer_difference(&left, &right).unwrap(),
            "a.b ended with exit code 0 and with SIGTERM"
        );

        assert_eq!(
            answer_difference(&json!({"inside": 1}), &json!({"inside": 2})).unwrap(),
            "answer.inside is 1 and 2"
        );
        let fewer = json!({"own 2": {"c and 1 more": task("exit code 0", "56")}});
        let place = answer_difference(&left, &fewer).unwrap();
        assert!(place.starts_with("answer.own 2 is {"), "{place}");
    }

    #[test]
    fn what_two_answers_have_in_common_masks_a_third() {
        let (left, right) = (
            json!({"a": {"end": 0, "output": "x"}, "b": [1, 2]}),
            json!({"a": {"end": 0, "output": "y"}, "b": [1, 3]}),
        );
        let both = common(&left, &right);
        assert_eq!(
            both,
            json!({"a": {"end": 0, "output": null}, "b": [1, null]})
        );
        assert_eq!(common(&left, &left), left);
        assert_eq!(common(&json!([1]), &json!([1, 2])), Value::Null);

        let third = json!({"a": {"end": 0, "output": "z"}, "b": [1, 4]});
        assert_eq!(masked(&third, &both), both);
        let wrong = json!({"a": {"end": 1, "output": "z"}, "b": [1, 4]});
        assert_eq!(
            first_difference("answer", &both, &masked(&wrong, &both)).unwrap(),
            "answer.a.end is 0 and 1"
        );
        let shorter = json!({"b": [1, 4]});
        assert!(first_difference("answer", &both, &masked(&shorter, &both)).is_some());
    }
}
