//! The lines between this program and the Python that calls the function, each a JSON value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A line of the Python.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    /// Its first line.
    Hello {
        python: String,
        implementation: String,
    },
    /// A sign of life.
    Alive(serde::de::IgnoredAny),
    /// It is about to call the function for the first time with this item, or with one of several.
    Item(String),
    /// It cannot do what it was asked for: a line for the user.
    Trouble(String),
    /// The function is imported, and every item was done once.
    Load(Loaded),
    /// An engine is ready.
    Start { seconds: f64, detail: String },
    /// A pass is over.
    Run(Ran),
    /// What all passes found.
    Found {
        digest: Option<String>,
        varies: Option<String>,
    },
}

/// What the first pass of the plain loop showed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Loaded {
    pub(super) items: usize,
    pub(super) import_s: f64,
    pub(super) first_pass_s: f64,
    pub(super) total_s: f64,
    pub(super) longest_s: f64,
    pub(super) longest: String,
    pub(super) sent_bytes: u64,
    pub(super) returned_bytes: u64,
    pub(super) pickle_s: f64,
    /// The first item or result that cannot be pickled.
    pub(super) cannot_travel: Option<String>,
    pub(super) function_bytes: u64,
    pub(super) function_pickle_s: f64,
    pub(super) gil: bool,
    /// Those of the variables that it was asked about which are set.
    pub(super) variables: BTreeMap<String, String>,
}

/// What a pass took.
#[derive(Debug, Deserialize)]
pub(super) struct Ran {
    pub(super) seconds: f64,
    pub(super) cpu: Option<Cpu>,
}

/// CPU time in its own code and in the kernel on its behalf, of the Python and all that it has
/// started.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Cpu {
    pub(super) user_s: f64,
    pub(super) system_s: f64,
}

/// A line to the Python.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Command<'a> {
    /// Import the function, make the items, and do each once.
    Load(Load<'a>),
    /// Make an engine ready.
    Start {
        engine: &'a str,
        workers: usize,
        address: Option<&'a str>,
        token: Option<&'a str>,
    },
    /// One pass over all items, or over calls that do nothing.
    Run {
        engine: &'a str,
        workers: usize,
        empty: bool,
    },
    /// What all passes found.
    Found {},
}

/// What to import, and how to use it.
#[derive(Debug, Serialize)]
pub(super) struct Load<'a> {
    pub(super) expression: Option<&'a str>,
    pub(super) repeat: Option<usize>,
    pub(super) args: Option<&'a str>,
    pub(super) chunk: Option<&'a str>,
    pub(super) compare: &'a str,
    pub(super) may_print: bool,
    pub(super) start_method: Option<&'a str>,
    pub(super) ray_actors: bool,
    /// The names of the variables that other processes must have, too.
    pub(super) variables: &'a [&'a str],
}
