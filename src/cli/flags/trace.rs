//! Flags for the trace of single tasks.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::commands::output::Target;
use crate::report::{TraceRounds, trace_format};

/// Which rounds to show.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    Median,
    All,
}

/// `--trace` and what belongs to it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct TraceArgs {
    /// Write when each task ran as Chrome trace events, for ui.perfetto.dev; implies --store-spans
    /// where something is measured
    #[arg(long, value_name = "FILE", value_parser = file())]
    trace: Option<PathBuf>,
    /// The rounds in the trace: of each measurement the one with the median time, or all
    #[arg(
        long,
        value_name = "WHICH",
        value_enum,
        default_value_t = Which::Median,
        requires = "trace"
    )]
    trace_rounds: Which,
}

impl TraceArgs {
    /// The rounds of the trace, if one was asked for.
    pub(in crate::cli) fn rounds(&self) -> Option<TraceRounds> {
        self.trace.as_ref()?;

        Some(match self.trace_rounds {
            Which::Median => TraceRounds::Median,
            Which::All => TraceRounds::All,
        })
    }

    /// Where the trace goes, if one was asked for.
    pub(in crate::cli) fn target(&self) -> Option<Target> {
        let format = trace_format(self.rounds()?);

        Some(Target::file(format, self.trace.as_deref()?))
    }
}

/// A file; stdout is for what is read at once.
fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path.as_os_str() == "-" {
            Err("must be a file; a trace is not written to stdout")
        } else {
            Ok(path)
        }
    })
}
