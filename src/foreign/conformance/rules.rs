//! The rules of the protocol and how each is tested, in an order in which each finds what it needs.

use serde_json::json;

use super::Verdict;
use super::examinee::Examinee;
use super::trials::{
    Tested, ahead, combine, describe, done, end, first_task, inputs, kept_params, no_task,
    not_a_request, other_order, refused, same_task, task, unknown_field,
};
use crate::worker::{Action, PROTOCOL};

/// A rule and its test.
pub(super) struct Rule {
    /// The rule, as a statement about a worker.
    pub(super) text: &'static str,
    /// Whether the tests below need it.
    pub(super) is_needed: bool,
    pub(super) test: fn(&mut Examinee<'_>) -> Verdict,
}

macro_rules! rules {
    ($($need:ident $text:literal => $test:expr,)*) => {
        /// All of them.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            text: $text,
            is_needed: rules!(@ $need),
            test: |examinee| $test(examinee).into(),
        }),*];
    };
    (@ needed) => { true };
    (@ useful) => { false };
}

rules! {
    needed "its first line is a hello of this version of the protocol" => Examinee::start,
    needed "describe is answered by tasks, work and task_bytes" => describe,
    useful "prepare is answered by seconds" => |it: &mut _| done(it, Action::Prepare),
    needed "a task is answered by its partial result and seconds" => task,
    useful "the same task has the same partial result again" => same_task,
    useful "another process and another order give the same partial results" => other_order,
    useful "combine makes the same answer of the same partial results" => combine,
    useful "audit is answered by seconds" => |it: &mut _| done(it, Action::Audit),
    useful "cool-down is answered by seconds" => |it: &mut _| done(it, Action::CoolDown),
    useful "inputs is answered by a digest or null" => inputs,
    useful "several requests may be sent at once; answers come in their order" => ahead,
    useful "unknown fields of a request are ignored" => unknown_field,
    useful "a request without do and task is for the first task" => |it: &mut _| first_task(it, &["do", "task"], None),
    useful "with a slowdown a task has the same partial result" => |it: &mut _| first_task(it, &[], Some(2)),
    useful "a worker that keeps parameters uses those of its last request" => kept_params,
    useful "a task that does not exist is an error, and the worker goes on" => no_task,
    useful "an unknown workload is an error, and the worker goes on"
        => |it: &mut _| refused(it, "workload", json!("no-such-workload")),
    useful "an unknown action is an error, and the worker goes on"
        => |it: &mut _| refused(it, "do", json!("no-such-action")),
    useful "a request of another version is an error, and the worker goes on"
        => |it: &mut _| refused(it, "parbench_worker", json!(PROTOCOL - 1)),
    useful "a line that is no JSON is an error with the id null, and the worker goes on"
        => |it: &mut _| not_a_request(it, b"this is not JSON"),
    useful "a line that is not UTF-8 is an error with the id null, and the worker goes on"
        => |it: &mut _| not_a_request(it, b"\xff"),
    useful "JSON that is no request is an error with the id null, and the worker goes on"
        => |it: &mut _| not_a_request(it, b"[]"),
    useful "the end of its input ends it once every request is answered, and nothing else is written" => end,
}

impl From<Tested> for Verdict {
    fn from(tested: Tested) -> Self {
        match tested {
            Ok(()) => Self::Kept,
            Err(why) => Self::Broken(why),
        }
    }
}
