//! The parameters of `python`: which function, over which items, and in which interpreters.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde::{Deserialize, Serialize};

use crate::printable;
use crate::results::StoredPath;
use crate::units::Bounded;
use crate::workload::Tasks;

/// The interpreter unless another is named.
const PYTHON: &str = "python3";
/// The flag that names interpreters, which all workloads have.
const PYTHON_FLAG: &str = "python";

/// The word in place of a number of threads that leaves them to the environment.
pub(super) const KEEP: &str = "keep";

/// The flags.
#[derive(Debug, Args)]
struct Flags {
    /// The function, as FILE.py:FUNCTION; it is called with one item at a time
    #[arg(value_name = "FILE.py:FUNCTION")]
    function: PathBuf,
    /// The items, as a Python expression that may use what the file defines: 'range(1000)'
    #[arg(long, value_name = "EXPR")]
    items: Option<String>,
    /// The items, as a list in a JSON file
    #[arg(long, value_name = "FILE.json", conflicts_with = "items")]
    items_file: Option<PathBuf>,
    /// Call the function N times without an item; the last argument of --args takes its place
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["items", "items_file"]
    )]
    repeat: Option<Tasks>,
    /// Further arguments, the same in every call: a JSON list, or an object by their names
    #[arg(long, value_name = "JSON", value_parser = arguments)]
    args: Option<String>,
    /// Items that go to a worker together: a number, or auto for four chunks for each worker
    /// [default: 1, or the own rule of joblib and dask]
    #[arg(long, value_name = "N", value_parser = chunk)]
    chunk: Option<String>,
    /// What has to be the same in every arm: exact, approx:1e-9 for a relative difference, or none
    #[arg(long, value_name = "HOW", default_value = "exact", value_parser = compare)]
    compare: String,
    /// How worker processes start: fork, forkserver or spawn [default: that of the Python]
    #[arg(long, value_name = "METHOD", value_parser = ["fork", "forkserver", "spawn"])]
    start_method: Option<String>,
    /// On Ray, have actors call the function, not tasks
    #[arg(long)]
    ray_actors: bool,
    /// Threads that libraries such as numpy may start in each worker, also in the plain loop: a
    /// number, or keep for what the environment says
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads_per_task)]
    threads_per_task: String,
    /// Measure a function that prints, too
    #[arg(long)]
    may_print: bool,
}

/// Everything that decides what is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::workload) struct Params {
    /// `FILE.py:FUNCTION`.
    pub(super) function: StoredPath,
    /// The items as an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<String>,
    /// The file that has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) items_file: Option<StoredPath>,
    /// Calls without items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repeat: Option<Tasks>,
    /// Further arguments, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) args: Option<String>,
    /// Items that go together, where the user has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chunk: Option<String>,
    /// What has to be the same.
    pub(super) compare: String,
    /// How processes start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) start_method: Option<String>,
    /// Whether Ray has actors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) ray_actors: bool,
    /// Threads of libraries.
    pub(super) threads_per_task: String,
    /// Whether the function may print.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) may_print: bool,
    /// The interpreters.
    pub(super) pythons: Vec<StoredPath>,
    /// What arms call each of them, where there are several.
    pub(super) labels: Vec<String>,
}

/// A whole number up to `MOST`, or `word`.
fn number_or<const MOST: u64>(text: &str, word: &str) -> Result<String, String> {
    if text == word {
        return Ok(text.to_owned());
    }

    let number: Result<Bounded<1, MOST>, _> = text.parse();
    number
        .map(|number| number.to_string())
        .map_err(|error| format!("{error}, or {word}"))
}

fn chunk(text: &str) -> Result<String, String> {
    number_or::<1_000_000>(text, "auto")
}

fn threads_per_task(text: &str) -> Result<String, String> {
    number_or::<65_536>(text, KEEP)
}

/// Refuses arguments that are neither a list nor an object.
fn arguments(text: &str) -> Result<String, String> {
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Array(_) | serde_json::Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err("must be a JSON list, as [200000], or an object, as {\"size\": 3}".to_owned()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}

fn compare(text: &str) -> Result<String, String> {
    let is_tolerance = |text: &str| {
        text.parse()
            .is_ok_and(|number: f64| (0.0..1.0).contains(&number))
    };

    match text.split_once(':') {
        None if text == "exact" || text == "none" => Ok(text.to_owned()),
        Some(("approx", tolerance)) if is_tolerance(tolerance) => Ok(text.to_owned()),
        _ => {
            Err("must be exact, none, or approx: with a number below 1, as approx:1e-9".to_owned())
        }
    }
}

/// What arms call each of `pythons`: by its file's name, or by its whole path where two have the
/// same.
fn labels(pythons: &[PathBuf]) -> Vec<String> {
    let names: BTreeSet<_> = pythons.iter().map(|python| python.file_name()).collect();
    let are_clear = pythons.len() > 1 && names.len() == pythons.len();

    let label = |python: &PathBuf| match python.file_name() {
        Some(name) if are_clear => printable::path(name.as_ref()),
        _ => printable::path(python),
    };
    pythons.iter().map(label).collect()
}

impl Params {
    fn new(flags: Flags, pythons: Vec<PathBuf>, labels: Vec<String>) -> Self {
        let Flags {
            function,
            items,
            items_file,
            repeat,
            args,
            chunk,
            compare,
            start_method,
            ray_actors,
            threads_per_task,
            may_print,
        } = flags;

        Self {
            function: function.into(),
            items,
            items_file: items_file.map(StoredPath::from),
            repeat,
            args,
            chunk,
            compare,
            start_method,
            ray_actors,
            threads_per_task,
            may_print,
            pythons: pythons.into_iter().map(StoredPath::from).collect(),
            labels,
        }
    }
}

impl Args for Params {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for Params {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags = Flags::from_arg_matches(matches)?;
        // The line break is clap's own way to end a message.
        let refusal =
            |message: String| clap::Error::raw(ErrorKind::ValueValidation, message + "\n");
        if flags.items.is_none() && flags.items_file.is_none() && flags.repeat.is_none() {
            let message = "there is nothing to call the function with: give --items EXPR, --items-file FILE.json or \
                           --repeat N";
            return Err(refusal(message.to_owned()));
        }
        let named = matches.try_get_many::<PathBuf>(PYTHON_FLAG).ok().flatten();

        let mut pythons: Vec<PathBuf> = Vec::new();
        for python in named.into_iter().flatten() {
            if !pythons.contains(python) {
                pythons.push(python.clone());
            }
        }
        if pythons.is_empty() {
            pythons.push(PYTHON.into());
        }

        let labels = labels(&pythons);
        Ok(Self::new(flags, pythons, labels))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
