//! The command line: definitions, what they mean as requests, streams, signals, exit codes. The
//! only module that knows the terminal.

mod advice;
mod cluster_cpus;
mod config;
mod definition;
mod error;
mod exit;
mod flags;
mod generated;
mod history_formats;
mod invocation;
mod parts;
mod progress;
mod running;
mod selection;
mod short_help;
mod signals;
mod stdout;
mod terminal;
mod value_completions;
mod variables;
mod verb;
mod wording;
mod workloads;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use parbench_pool::panic_message;

use self::cluster_cpus::AskedToStop;
use self::invocation::Invocation;
use self::stdout::Stdout;
use crate::commands::Ending;

pub use self::parts::Parts;

/// Runs a program with these `parts` on the process's arguments.
#[must_use]
pub fn main(parts: &Parts) -> ExitCode {
    error::silence_panics();
    let arguments: Vec<OsString> = std::env::args_os().collect();

    // Nothing is looked at after a panic.
    let run = AssertUnwindSafe(|| run(parts, &arguments));
    let code = catch_unwind(run).unwrap_or_else(|payload| {
        let message = panic_message(payload);
        error::print(&format!("internal failure, please report it: {message}"));
        exit::TROUBLE
    });
    ExitCode::from(code)
}

fn run(parts: &Parts, arguments: &[OsString]) -> u8 {
    signals::outlive_file_limits();
    let mut stdout = Stdout::new();

    let error = match ending(parts, arguments, &mut stdout) {
        Ok(ending) => return exit::code(ending),
        Err(error) => error,
    };
    let Some(answer) = error.downcast_ref::<clap::Error>() else {
        error::print(&format!("{error:#}"));
        return exit::TROUBLE;
    };

    let named = named_subcommand(arguments);
    if answer.kind() == ErrorKind::DisplayHelp && short_help::is_meant(arguments, named) {
        let short = definition::with_short_help(parts).try_get_matches_from(arguments);
        return error::usage(short.as_ref().err().unwrap_or(answer), None, &mut stdout);
    }

    let command = definition::command(parts);
    let subcommand =
        named.and_then(|name| command.find_subcommand(name.to_string_lossy().as_ref()));
    error::usage(answer, subcommand, &mut stdout)
}

fn ending(parts: &Parts, arguments: &[OsString], stdout: &mut Stdout) -> Result<Ending> {
    let invocation = match Invocation::parse(parts, arguments) {
        Ok(invocation) => invocation,
        Err(error) => {
            let AskedToStop(signal) = error.downcast()?;
            return Ok(Ending::Interrupted(signal));
        }
    };
    let ending = invocation.run(parts, stdout)?;

    stdout.finish()?;
    Ok(ending)
}

/// The first word after the program's name that is not a flag.
fn named_subcommand(arguments: &[OsString]) -> Option<&OsString> {
    let is_flag = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");

    arguments.iter().skip(1).find(|argument| !is_flag(argument))
}
