//! Flags for the trace of single tasks.

use clap::builder::{OsStringValueParser, TypedValueParser};
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
    trace: Option<Target>,
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

        Some(self.trace.clone()?.of_format(format))
    }
}

/// A file; stdout is for what is read at once.
fn file() -> impl TypedValueParser<Value = Target> {
    OsStringValueParser::new().try_map(|text| {
        let target = Target::parse_any_file(&text, trace_format(TraceRounds::Median))?;
        if target.is_stdout() {
            return Err("must be a file; a trace is not written to stdout".to_owned());
        }
        Ok(target)
    })
}
