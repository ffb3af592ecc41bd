//! `program --check-protocol`, which measures nothing.

use std::time::Duration;

use anyhow::Result;
use clap::ArgMatches;

use crate::cli::running::Setup;
use crate::cli::signals;
use crate::commands::Ending;
use crate::commands::protocol::protocol;
use crate::foreign::{ANSWER_LIMIT, CHECK_PROTOCOL};
use crate::stop::Stop;

/// The test that a command line asks for.
pub(in crate::cli) struct ProtocolArgs {
    /// How long an answer may take.
    limit: Duration,
}

impl ProtocolArgs {
    /// The test that the flags of a workload ask for, if it has such a flag and they do.
    pub(in crate::cli) fn of(matches: &ArgMatches) -> Option<Self> {
        let asks = matches.try_get_one::<bool>(CHECK_PROTOCOL).ok()?;
        if asks != Some(&true) {
            return None;
        }

        let limit = matches.get_one::<Duration>("task_timeout");
        Some(Self {
            limit: limit.copied().unwrap_or(ANSWER_LIMIT),
        })
    }

    pub(in crate::cli) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let stop = Stop::new();
        signals::install(&stop)?;

        let params = setup.selections.iter().map(|selection| &selection.params);
        params.take(1).try_fold(Ending::Done, |_, params| {
            protocol(params, self.limit, &stop, setup.stdout)
        })
    }
}
