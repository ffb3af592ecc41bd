//! Programs in Python that this one embeds: Python gets their files as one text, without a folder
//! that it could see.

use serde_json::{Map, Value};

/// Makes modules of the files and runs one of them.
const BOOT: &str = include_str!("../assets/boot.py");

/// A program for `python -c`: its `files`, by the names of their modules in `package`, each behind
/// those that it imports. The module `main` is run.
pub fn text(package: &str, files: &[(&str, &str)], main: &str) -> serde_json::Result<String> {
    let files: Map<String, Value> = files
        .iter()
        .map(|&(name, text)| (name.to_owned(), Value::from(text)))
        .collect();

    // A JSON object of strings is a dictionary of strings to Python, too.
    let files = serde_json::to_string(&files)?;
    Ok(format!(
        "{BOOT}\nboot(\"{package}\", {files}, \"{main}\")\n"
    ))
}
