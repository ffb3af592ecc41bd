//! Flags for the file that stands in for flags.

use std::path::PathBuf;

use clap::{ArgMatches, Args};

const HEADING: &str = "Settings";

/// Which file.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigArgs {
    /// Take settings from FILE [default: parbench.toml here or above, up to the repository's root]
    #[arg(long, value_name = "FILE", help_heading = HEADING, conflicts_with = "no_config", global = true)]
    config: Option<PathBuf>,
    /// Take no settings from a file
    #[arg(long, help_heading = HEADING, global = true)]
    no_config: bool,
}

impl ConfigArgs {
    /// The flags in `matches` of any subcommand; without them, no file is asked for.
    pub(in crate::cli) fn of(matches: &ArgMatches) -> Self {
        let config = matches.try_get_one("config").ok().flatten();
        let no_config = matches.try_get_one("no_config").ok().flatten();

        Self {
            config: config.cloned(),
            // A subcommand without the flags reads no file.
            no_config: no_config.copied().unwrap_or(true),
        }
    }

    /// The file, if one was named.
    pub(in crate::cli) fn file(self) -> Option<PathBuf> {
        self.config
    }

    /// Whether one is looked for.
    pub(in crate::cli) fn is_wanted(&self) -> bool {
        !self.no_config
    }
}
