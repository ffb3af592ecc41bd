//! What the parameters of a stored `cmd` say, read in one place: other workloads have parameters of
//! other names, and those of no report's concern.

use serde_json::Value;

use crate::printable::printable;
use crate::results::Measurement;

/// Characters of a command that are shown.
const LONGEST: usize = 60;

/// The command of a measurement.
pub(super) struct Command<'a> {
    params: &'a Value,
    /// Its words as they are shown.
    pub(super) line: String,
    /// The numbers of threads in each process, where several are tried.
    pub(super) threads: Vec<u64>,
    /// Inputs in all.
    pub(super) inputs: usize,
    /// Inputs of one process.
    pub(super) batch: usize,
}

impl<'a> Command<'a> {
    /// That of `measurement`; `None` where its workload is no command.
    pub(super) fn of(measurement: &'a Measurement) -> Option<Self> {
        let params = &measurement.params;
        let line = line(params)?;
        let list = |name: &str| params.get(name).and_then(Value::as_array);
        let batch = params.get("batch").and_then(Value::as_u64);

        Some(Self {
            params,
            line,
            threads: list("threads")
                .into_iter()
                .flatten()
                .filter_map(Value::as_u64)
                .collect(),
            inputs: list("inputs").map_or(0, Vec::len),
            batch: batch
                .and_then(|batch| usize::try_from(batch).ok())
                .unwrap_or(1),
        })
    }

    /// The truly serial program beside it, as it is shown.
    pub(super) fn serial(&self) -> Option<String> {
        line(self.params.get("serial")?)
    }

    /// The command that it is compared with, as it is shown.
    pub(super) fn other(&self) -> Option<String> {
        line(self.params.get("vs")?)
    }

    /// Whether a shell runs it.
    pub(super) fn has_shell(&self) -> bool {
        self.params.get("shell").is_some()
    }

    /// Whether something is run around each arm, which may undo what the command did.
    pub(super) fn is_undone(&self) -> bool {
        let hooks = self.params.get("hooks");

        hooks.is_some_and(|hooks| hooks.get("prepare").is_some() || hooks.get("conclude").is_some())
    }
}

/// The command in `params`, or in a part of them, as it is shown.
fn line(params: &Value) -> Option<String> {
    let words = params.get("command")?.as_array()?;
    let variables = params.get("variables").and_then(Value::as_array);
    let variables = variables.into_iter().flatten().filter_map(|variable| {
        let [name, value] = variable.as_array()?.as_slice() else {
            return None;
        };
        Some(format!("{}={}", name.as_str()?, word(value)))
    });
    let words: Vec<String> = variables.chain(words.iter().map(word)).collect();

    Some(shortened(&printable(&words.join(" "))))
}

/// A stored word: text, or bytes in percent-encoding.
fn word(word: &Value) -> String {
    let encoded = || word.get("percent_encoded").and_then(Value::as_str);

    word.as_str()
        .or_else(encoded)
        .unwrap_or_default()
        .to_owned()
}

fn shortened(command: &str) -> String {
    if command.chars().count() <= LONGEST {
        return command.to_owned();
    }

    let beginning: String = command.chars().take(LONGEST - 1).collect();
    beginning + "…"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn a_command_is_read_with_what_is_usual_where_nothing_is_stored() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        assert!(Command::of(&measurement).is_none());

        measurement.params = json!({"command": ["wc", {"percent_encoded": "caf%E9"}]});
        let plain = Command::of(&measurement).unwrap();
        assert_eq!((plain.line.as_str(), plain.batch), ("wc caf%E9", 1));
        assert_eq!((plain.inputs, plain.threads.len()), (0, 0));
        assert!(!plain.has_shell() && !plain.is_undone());
        assert_eq!((plain.serial(), plain.other()), (None, None));

        measurement.params = json!({
            "command": ["wc"],
            "variables": [["LANG", "C"]],
            "inputs": ["a", "b"],
            "batch": 2,
            "threads": [1, 4],
            "shell": "sh",
            "hooks": {"prepare": "make clean"},
            "serial": {"command": ["cat"]},
            "vs": {"command": ["nl"]},
        });
        let full = Command::of(&measurement).unwrap();
        assert_eq!((full.line.as_str(), full.batch), ("LANG=C wc", 2));
        assert_eq!((full.inputs, full.threads.as_slice()), (2, &[1, 4][..]));
        assert!(full.has_shell() && full.is_undone());
        assert_eq!(full.serial().as_deref(), Some("cat"));
        assert_eq!(full.other().as_deref(), Some("nl"));
    }
}
