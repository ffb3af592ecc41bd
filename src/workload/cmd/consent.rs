//! What the user has to see of a stored command before it is run again: every word that may decide
//! what happens, and every file that is read or written.

use super::output::Output;
use super::params::Params;
use crate::printable::{printable, shell_word};
use crate::results::StoredPath;
use crate::units::count;

/// Inputs that are shown. A command such as `sh -c {}` runs what its inputs say.
const MOST_INPUTS: usize = 100;

/// The command with its inputs as one line to show, and after it what stands beside and around it,
/// each behind its flag.
pub(super) fn line(params: &Params) -> String {
    let shell = params.shell.as_ref().map(StoredPath::as_path);
    let command = params.line.shown(shell) + &inputs(params);

    let beside = [("--serial", &params.serial), ("--vs", &params.vs)];
    let beside = beside.into_iter().filter_map(|(flag, line)| {
        let line = line.as_ref()?.shown(shell);
        Some(format!("{flag} {line}"))
    });

    std::iter::once(command)
        .chain(beside)
        .chain(words(params))
        .chain(files(params))
        .chain(params.hooks.commands())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The inputs as they stand on a command line.
fn inputs(params: &Params) -> String {
    if params.inputs.is_empty() {
        return String::new();
    }

    let first_inputs = params.inputs.iter().take(MOST_INPUTS);
    let words: Vec<String> = first_inputs
        .map(|input| shell_word(input.as_path()))
        .collect();
    let more = match params.inputs.len().saturating_sub(MOST_INPUTS) {
        0 => String::new(),
        more => format!(" and {} in that file", count(more, "more input")),
    };
    format!(" ::: {}{more}", words.join(" "))
}

/// What stands for inputs, and how many of them a process gets, where that is not as usual.
fn words(params: &Params) -> impl Iterator<Item = String> {
    let placeholder = Some(&params.placeholder).filter(|placeholder| *placeholder != "{}");
    let placeholder = placeholder.map(|placeholder| format!("-I {}", printable(placeholder)));
    let batch = Some(params.batch.count()).filter(|&batch| batch > 1);
    let batch = batch.map(|batch| format!("--batch {batch}"));

    placeholder.into_iter().chain(batch)
}

/// The files that every process reads and writes.
fn files(params: &Params) -> impl Iterator<Item = String> {
    let stdin = params.stdin.as_ref().map(|file| ("--stdin", file));
    let output = match &params.output {
        Output::File(file) => Some(("--output", file)),
        Output::Pipe | Output::Null | Output::Inherit => None,
    };

    let files = stdin.into_iter().chain(output);
    files.map(|(flag, file)| format!("{flag} {}", shell_word(file.as_path())))
}
