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
}
