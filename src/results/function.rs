//! What is known of a function of another language, beside its times.

use serde::{Deserialize, Serialize};

/// A function in the interpreter that ran it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionFacts {
    /// What arms call the interpreter, where there are several.
    pub label: String,
    /// The interpreter and its version, as `CPython 3.11.7`.
    pub interpreter: String,
    /// Whether its threads take turns, as they do under a global interpreter lock.
    pub takes_turns: bool,
    /// Seconds that importing the function took.
    pub import_s: f64,
    /// Seconds of the first pass of the plain loop, which was looked at call by call.
    pub total_s: f64,
    /// Seconds of the longest call in it.
    pub longest_s: f64,
    /// Which one that was.
    pub longest: String,
    /// Bytes of all items, as they travel to other processes.
    pub sent_bytes: u64,
    /// Bytes of all results.
    pub returned_bytes: u64,
    /// Seconds of making these bytes and reading them again, once each.
    pub pickle_s: f64,
    /// The SHA-256 of all results, where they are the same in every pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A difference between two passes of the plain loop: results that vary by themselves are not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub varies: Option<String>,
}
