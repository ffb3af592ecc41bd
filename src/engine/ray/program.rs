//! The Python program that drives Ray, as one text: Python gets its files without a folder that it could see.

use serde_json::{Map, Value};

use crate::engine::Error;

/// Makes modules of the files and runs the last one.
const BOOT: &str = include_str!("../../../assets/parbench_ray/boot.py");

/// The files, each with those above it that it imports.
const FILES: [(&str, &str); 5] = [
    ("line", include_str!("../../../assets/parbench_ray/line.py")),
    ("folder", include_str!("../../../assets/parbench_ray/folder.py")),
    ("worker", include_str!("../../../assets/parbench_ray/worker.py")),
    ("cluster", include_str!("../../../assets/parbench_ray/cluster.py")),
    ("driver", include_str!("../../../assets/parbench_ray/driver.py")),
];

/// The program for `python -c`.
pub(super) fn text() -> Result<String, Error> {
    let files: Map<String, Value> =
        FILES.iter().map(|&(name, text)| (name.to_owned(), Value::from(text))).collect();

    // A JSON object of strings is a dictionary of strings to Python, too.
    let files = serde_json::to_string(&files).map_err(|error| Error::Failed(error.to_string()))?;
    Ok(format!("{BOOT}\nboot({files})\n"))
}
