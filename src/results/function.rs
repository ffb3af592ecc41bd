//! What is known of a function of another language, beside its times.

use std::collections::BTreeMap;

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
    /// Seconds of the first pass of the plain loop, with what its first calls import and compile.
    #[serde(default)]
    pub first_pass_s: f64,
    /// Seconds of all calls in it, the longest of which was called once more.
    pub total_s: f64,
    /// Seconds of the longest call, the first one or the second.
    pub longest_s: f64,
    /// Which one that was.
    pub longest: String,
    /// Bytes of all items, as they travel to other processes.
    pub sent_bytes: u64,
    /// Bytes of all results.
    pub returned_bytes: u64,
    /// Seconds of making these bytes and reading them again, once each.
    pub pickle_s: f64,
    /// The first item or result that cannot be pickled, in words: then nothing is known of what
    /// travels to other processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot_travel: Option<String>,
    /// Bytes of the function, with the arguments that are the same in every call: most engines send
    /// it with each batch.
    #[serde(default)]
    pub function_bytes: u64,
    /// Seconds of making these bytes and reading them again.
    #[serde(default)]
    pub function_pickle_s: f64,
    /// The variables by which libraries choose their number of threads, where they are set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The SHA-256 of all results, where they are the same in every pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A difference between two passes of the plain loop: results that vary by themselves are not
    /// compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub varies: Option<String>,
}
