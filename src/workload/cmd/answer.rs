//! What all tasks of a command say together: how each process ended, and a digest of its output.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::status::Status;
use crate::descendants::Left;
use crate::digest::Digest;
use crate::results::{CpuUse, Peak, ProcessUse};
use crate::subprocess::Finished;
use crate::units::{Bytes, count};

/// What a process did.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::workload) struct TaskResult {
    /// How it ended.
    pub(super) status: Status,
    /// Its output, where that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<OutputDigest>,
    /// Seconds of CPU time in its own code.
    pub(super) user_s: f64,
    /// Seconds of CPU time in the kernel on its behalf.
    pub(super) system_s: f64,
    /// The most memory that it held.
    pub(super) peak: Peak,
    /// Whether it ended without waiting for a process that it had started.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) left_others: bool,
}

impl TaskResult {
    /// What came of `finished`, whose output was this.
    pub(super) fn new(status: Status, output: Option<OutputDigest>, finished: &Finished) -> Self {
        let usage = &finished.usage;

        Self {
            status,
            output,
            user_s: usage.user_s,
            system_s: usage.system_s,
            peak: Peak {
                bytes: usage.peak,
                at_most: usage.peak_is_bound,
            },
            left_others: finished.left_others,
        }
    }

    /// How it ended, what it wrote and what it used.
    pub(super) fn in_words(&self) -> String {
        let read = self.output.as_ref().map_or_else(String::new, |output| {
            format!(
                ", {} of output",
                count(usize::try_from(output.bytes).unwrap_or(usize::MAX), "byte")
            )
        });

        format!(
            "{}{read}, {:.3} s of CPU time",
            self.status,
            self.user_s + self.system_s
        )
    }

    /// What it used.
    pub(super) fn process_use(&self) -> ProcessUse {
        ProcessUse {
            cpu: CpuUse {
                user_s: self.user_s,
                system_s: self.system_s,
                preemptions: None,
                waited_s: None,
            },
            peak: self.peak,
            unwaited: usize::from(self.left_others),
            output_bytes: self.output.as_ref().map(|output| output.bytes),
        }
    }
}

/// What processes used that have outlived their tasks.
pub(super) fn use_of_left(left: Left) -> ProcessUse {
    ProcessUse {
        cpu: CpuUse {
            user_s: left.user_s,
            system_s: left.system_s,
            preemptions: None,
            waited_s: None,
        },
        peak: Peak {
            bytes: Bytes(0),
            at_most: false,
        },
        unwaited: left.count,
        output_bytes: None,
    }
}

/// An output that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OutputDigest {
    /// How long it was.
    pub(super) bytes: u64,
    /// Its SHA-256.
    pub(super) digest: Digest,
}

/// The answer of tasks with their names. Of two tasks with one name the second has its number
/// behind it.
pub(super) fn answer<'a>(tasks: impl Iterator<Item = (String, &'a TaskResult)>) -> Value {
    let mut answer = Map::new();

    for (index, (name, done)) in tasks.enumerate() {
        let name = if answer.contains_key(&name) {
            format!("{name} (task {})", index + 1)
        } else {
            name
        };
        answer.insert(name, of_task(done));
    }
    Value::Object(answer)
}

fn of_task(done: &TaskResult) -> Value {
    match &done.output {
        Some(output) => json!({
            "end": done.status.to_string(),
            "output": output.digest,
        }),
        None => json!({ "end": done.status.to_string() }),
    }
}
