//! Single tasks in another process: the protocol, the serving end and the asking end. Which task is
//! asked for, how often and on which machine is an engine's decision.
//!
//! Both directions are JSON, one value a line. The worker's first line is a [`Hello`]; after that
//! every [`Request`] gets one [`Answer`], in the order of the requests. A worker ends when its
//! input has ended and every request is answered, and at once when nobody is left to read the
//! answers. It writes nothing else to its output. `docs/worker-protocol.md` describes all of it for
//! other programs.

mod child;
mod guard;
mod lines;
mod serve;

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::results::Work;
use crate::units::Bytes;
use crate::workload::{ArmName, Spec};

pub use child::{Child, Lost};
pub use guard::guard;
pub use serve::serve;

#[cfg(all(unix, test))]
pub(crate) use child::script;
pub(crate) use lines::lines;

/// The name of the hidden subcommand.
pub const SUBCOMMAND: &str = "worker";
/// The version of the protocol: raised when a line changes its meaning.
pub const PROTOCOL: u32 = 2;

/// What is wrong with an answer to a task that is neither its result nor an error.
pub const NO_PARTIAL: &str =
    "the worker's answer has no partial result with its seconds, a number from 0";

/// A worker's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub parbench_worker: u32,
    /// The program's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The CPU architecture it was built for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Memory that is available where it runs, if it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_available_bytes: Option<Bytes>,
    /// The model of the CPUs there, if it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Whether it accepts requests without parameters, for those of its last request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_params: bool,
}

impl Hello {
    /// Reads a worker's first line; `None` for anything but an object, which lists would pass for.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        value.as_object()?;

        serde_json::from_value(value).ok()
    }
}

/// What a worker is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The version of the protocol that it is written in, if the sender says: any but [`PROTOCOL`]
    /// is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parbench_worker: Option<u32>,
    /// Comes back with the answer.
    pub id: u64,
    /// The workload's name.
    pub workload: String,
    /// Its complete parameters. The worker keeps what it prepared for the last ones. Without them,
    /// those of the worker's last request for this workload are meant.
    #[serde(
        default,
        deserialize_with = "some",
        skip_serializing_if = "Option::is_none"
    )]
    pub params: Option<Value>,
    /// How many times as long every task takes, to show that a regression is noticed.
    #[serde(default = "unchanged")]
    pub slowdown: f64,
    /// The memory, in bytes, that all running tasks together may hold. A workload may leave out
    /// what needs more, so it must be the same wherever the workload is prepared.
    #[serde(default = "unlimited")]
    pub memory: Bytes,
    /// Seconds that a task may take that is a process of its own; no limit without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_timeout_s: Option<f64>,
    /// The task's index, from 0.
    #[serde(default)]
    pub task: usize,
    /// What to do.
    #[serde(default, rename = "do")]
    pub action: Action,
    /// The arm that the task belongs to, where the processes of tasks see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<ArmName>,
    /// The partial results of all tasks, in their order, for [`Action::Combine`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partials: Vec<Value>,
}

/// Also where the value is null, as the parameters of a workload without any are.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn unchanged() -> f64 {
    1.0
}

fn unlimited() -> Bytes {
    Bytes(u64::MAX)
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The task. Answered by [`Answer::Partial`].
    #[default]
    Task,
    /// The task, and a check of what a partial result cannot show.
    Audit,
    /// Make the workload ready, and nothing else.
    Prepare,
    /// Give up what tasks keep for the next ones.
    CoolDown,
    /// Hash the files that tasks read. Answered by [`Answer::Inputs`].
    Inputs,
    /// Describe the workload. Answered by [`Answer::Description`].
    Describe,
    /// Make the answer of the partial results. Answered by [`Answer::Combined`].
    Combine,
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// A task was done.
    Partial {
        /// The request's.
        id: u64,
        /// The partial result.
        partial: Value,
        /// The time that the task itself took, without reading, preparing and answering.
        seconds: f64,
    },
    /// The request failed; the worker goes on with the next one.
    Failed {
        /// The request's, if that could be read.
        id: Option<u64>,
        /// A line that says why.
        error: String,
    },
    /// What the workload is.
    Description {
        /// The request's.
        id: u64,
        /// The description.
        #[serde(flatten)]
        description: Description,
    },
    /// The partial results were combined.
    Combined {
        /// The request's.
        id: u64,
        /// The workload's answer.
        answer: Value,
    },
    /// The files that tasks read were hashed.
    Inputs {
        /// The request's.
        id: u64,
        /// A digest over them; null where every machine has the same.
        inputs: Value,
    },
    /// Anything else was done.
    Done {
        /// The request's.
        id: u64,
        /// The time that it took.
        #[serde(default)]
        seconds: f64,
    },
}

/// A workload as its worker describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Into how many tasks the work is cut.
    pub tasks: usize,
    /// What all tasks together get through.
    pub work: Work,
    /// The memory that a task holds while it runs.
    #[serde(default)]
    pub task_bytes: Bytes,
}

impl Request {
    /// The request to do `action` with a task of what `spec` names.
    #[must_use]
    pub fn new(spec: &Spec, action: Action, id: u64, task: usize) -> Self {
        Self {
            params: Some(spec.params.clone()),
            ..Self::without_params(spec, action, id, task)
        }
    }

    /// The same for a worker that keeps parameters, and whose last request for this workload had
    /// them.
    #[must_use]
    pub fn without_params(spec: &Spec, action: Action, id: u64, task: usize) -> Self {
        Self {
            parbench_worker: None,
            id,
            workload: spec.name.to_string(),
            params: None,
            slowdown: spec.slowdown,
            memory: spec.memory,
            task_timeout_s: Some(spec.task_timeout)
                .filter(|timeout| *timeout < Duration::MAX)
                .map(|timeout| timeout.as_secs_f64()),
            task,
            action,
            arm: None,
            partials: Vec::new(),
        }
    }

    /// How long a task may take that is a process of its own.
    #[must_use]
    pub fn task_timeout(&self) -> Duration {
        let timeout = self.task_timeout_s.map(Duration::try_from_secs_f64);

        timeout.and_then(Result::ok).unwrap_or(Duration::MAX)
    }

    /// The request for the answer that follows from `partials`, the partial results of all tasks in
    /// their order.
    #[must_use]
    pub fn combine(spec: &Spec, id: u64, partials: Vec<Value>) -> Self {
        Self {
            partials,
            ..Self::new(spec, Action::Combine, id, 0)
        }
    }
}

impl Answer {
    /// The request's number, if it could be read.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Failed { id, .. } => *id,
            Self::Partial { id, .. }
            | Self::Description { id, .. }
            | Self::Combined { id, .. }
            | Self::Inputs { id, .. }
            | Self::Done { id, .. } => Some(*id),
        }
    }

    /// What it says of a request for `action`: a task's partial result, and nothing of any other.
    pub fn result_of(self, action: Action) -> Result<Value, &'static str> {
        match self {
            Self::Partial {
                partial, seconds, ..
            } if Duration::try_from_secs_f64(seconds).is_ok() => Ok(partial),
            _ if action == Action::Task => Err(NO_PARTIAL),
            _ => Ok(Value::Null),
        }
    }

    /// The time that the work itself took; zero where that is not reported.
    #[must_use]
    pub fn time(&self) -> Duration {
        let (Self::Partial { seconds, .. } | Self::Done { seconds, .. }) = *self else {
            return Duration::ZERO;
        };

        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    fn answers() -> Vec<(Answer, Value)> {
        let description = Description {
            tasks: 2,
            work: Work {
                amount: 2000,
                unit: "samples".to_owned(),
            },
            task_bytes: Bytes(5),
        };
        vec![
            (
                Answer::Partial {
                    id: 1,
                    partial: Value::Null,
                    seconds: 0.5,
                },
                json!({"id": 1, "partial": null, "seconds": 0.5}),
            ),
            (
                Answer::Failed {
                    id: None,
                    error: "why".to_owned(),
                },
                json!({"id": null, "error": "why"}),
            ),
            (
                Answer::Description { id: 2, description },
                json!({"id": 2, "tasks": 2, "work": {"amount": 2000, "unit": "samples"}, "task_bytes": 5}),
            ),
            (
                Answer::Combined {
                    id: 3,
                    answer: json!({"inside": 7}),
                },
                json!({"id": 3, "answer": {"inside": 7}}),
            ),
            (
                Answer::Inputs {
                    id: 4,
                    inputs: Value::Null,
                },
                json!({"id": 4, "inputs": null}),
            ),
            (
                Answer::Done {
                    id: 5,
                    seconds: 0.25,
                },
                json!({"id": 5, "seconds": 0.25}),
            ),
        ]
    }

    #[test]
    fn every_answer_has_its_form_and_is_understood_again() {
        for (answer, form) in answers() {
            assert_eq!(to_value(&answer).unwrap(), form);
            assert_eq!(from_value::<Answer>(form).unwrap(), answer);
        }
    }

    #[test]
    fn a_time_below_zero_is_no_answer() {
        let answer = |seconds| Answer::Partial {
            id: 1,
            partial: Value::Null,
            seconds,
        };

        assert_eq!(answer(0.0).result_of(Action::Task), Ok(Value::Null));
        for seconds in [-1.0, f64::NAN, 1e300] {
            assert_eq!(answer(seconds).result_of(Action::Task), Err(NO_PARTIAL));
        }
    }

    #[test]
    fn a_newer_worker_may_say_more() {
        for (answer, mut form) in answers() {
            form["from_the_future"] = json!([1]);
            assert_eq!(from_value::<Answer>(form).unwrap(), answer);
        }
    }
}
