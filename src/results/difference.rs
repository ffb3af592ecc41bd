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
