//! What commands run with: the program's parts, the process's streams, the real clock and machine,
//! and signals that ask them to stop.

use anyhow::Result;
use clap::Command;

use super::parts::Parts;
use super::selection::Selection;
use super::signals;
use super::stdout::Stdout;
use super::wording::Flags;
use crate::commands::Ending;
use crate::commands::streams::{Destination, Streams};
use crate::event::Observer;
use crate::measure::{Conditions, Machine, Monotonic};
use crate::stop::{Interrupted, Stop};

/// What every subcommand is run with.
pub(super) struct Setup<'a> {
    pub(super) parts: &'a Parts,
    /// What the whole command line is made of these.
    pub(super) definition: fn(&Parts) -> Command,
    /// What the user types for this program.
    pub(super) binary: &'a str,
    /// The workloads that the invocation is about.
    pub(super) selections: &'a [Selection],
    /// What the user types for settings.
    pub(super) flags: &'a Flags,
    pub(super) stdout: &'a mut Stdout,
}

impl Setup<'_> {
    /// Runs `command` on the process's streams.
    pub(super) fn on_streams(
        &mut self,
        destination: Destination,
        command: impl FnOnce(&mut Streams<'_>) -> Result<Ending>,
    ) -> Result<Ending> {
        command(&mut Streams {
            stdout: self.stdout,
            stderr: &mut std::io::stderr(),
            destination,
            wording: self.flags,
        })
    }
}

/// Runs `work` with the real clock and machine, and with signals that ask it to stop.
pub(super) fn measuring(
    observer: &dyn Observer,
    work: impl FnOnce(Conditions<'_>) -> Result<Ending>,
) -> Result<Ending> {
    let stop = Stop::new();
    signals::install(&stop)?;

    let ending = work(Conditions {
        clock: &Monotonic::start(),
        gauges: &Machine::new(),
        stop: &stop,
        observer,
    });
    match (ending, stop.signal()) {
        (Err(error), Some(signal)) if error.is::<Interrupted>() => Ok(Ending::Interrupted(signal)),
        (ending, _) => ending,
    }
}
