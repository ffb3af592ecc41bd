//! The command line: definitions, what they mean as requests, streams, signals, exit codes. The only
//! module that knows clap or the terminal; it decides nothing about measuring.

mod advice;
mod args;
mod cluster_cpus;
mod definition;
mod engines;
mod error;
mod judging;
mod overhead;
mod progress;
mod signals;
mod stdout;
mod values;
mod variables;
mod workloads;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{ArgMatches, FromArgMatches};

use self::args::{DoctorArgs, MeasureArgs, OutputArgs, ReportArgs, VerboseArgs};
use self::engines::ClusterArgs;
use self::judging::{BaselineArgs, CheckArgs, CompareArgs, NoiseArgs};
use self::overhead::OverheadArgs;
use self::progress::Progress;
use self::stdout::Stdout;
use crate::commands::run::Streams;
use crate::commands::{self, Ending, turns};
use crate::event::{Observer, Silent};
use crate::kernel::isa::Isa;
use crate::machine::{self, OtherPrograms};
use crate::measure::{Conditions, Machine, Monotonic};
use crate::results::Environment;
use crate::stop::Stop;
use crate::worker;

/// Exit codes, as `--help` lists them.
mod exit {
    pub(super) const OK: u8 = 0;
    pub(super) const REGRESSED: u8 = 1;
    pub(super) const TROUBLE: u8 = 2;
    pub(super) const UNSETTLED: u8 = 3;
    /// As timeout(1) has it.
    pub(super) const TIMED_OUT: u8 = 124;
    /// What shells add to a signal's number.
    pub(super) const SIGNAL: usize = 128;
}

/// Runs the program on the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    error::silence_panics();
    let code = std::panic::catch_unwind(|| run(&std::env::args_os().collect::<Vec<_>>()))
        .unwrap_or_else(|payload| {
            let message = parbench_pool::panic_message(payload);
            error::print(&format!("internal failure, please report it: {message}"));
            exit::TROUBLE
        });
    ExitCode::from(code)
}

fn run(arguments: &[OsString]) -> u8 {
    signals::outlive_file_limits();
    let mut stdout = Stdout::new();
    let is_flag = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");
    let command = arguments.iter().skip(1).find(|argument| !is_flag(argument));
    let command = command
        .map(|command| command.to_string_lossy())
        .unwrap_or_default();
    let parse = || variables::matches(&definition::command(), arguments);
    let mut matches = match parse() {
        Ok(matches) => matches,
        Err(error) => return error::usage(&error, &command, &mut stdout),
    };
    match cluster_cpus::ask(&matches) {
        Ok(None) => {}
        Ok(Some(cpus)) => {
            machine::plan_for(cpus);
            // Usual values are made when the flags are read.
            matches = parse().unwrap_or(matches);
        }
        Err(error) => {
            error::print(&format!("{error:#}"));
            return exit::TROUBLE;
        }
    }

    let ended = dispatch(&matches, &mut stdout).and_then(|ending| {
        stdout.finish()?;
        Ok(ending)
    });
    match ended {
        Ok(Ending::Done) => exit::OK,
        Ok(Ending::Regressed) => exit::REGRESSED,
        Ok(Ending::Trouble) => exit::TROUBLE,
        Ok(Ending::Unsettled) => exit::UNSETTLED,
        Ok(Ending::TimedOut) => exit::TIMED_OUT,
        Ok(Ending::Interrupted(signal)) => {
            u8::try_from(exit::SIGNAL + signal).unwrap_or(exit::TROUBLE)
        }
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                return error::usage(usage, &command, &mut stdout);
            }
            error::print(&format!("{error:#}"));
            exit::TROUBLE
        }
    }
}

fn dispatch(matches: &ArgMatches, stdout: &mut Stdout) -> Result<Ending> {
    // clap has asked for a subcommand already.
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(Ending::Trouble);
    };
    if let Ok(Some(&isa)) = matches.try_get_one::<Isa>("isa") {
        // Nothing has asked for it before, and the parser refuses what this CPU cannot run.
        let _ = Isa::select(isa);
    }
    match name {
        "version" => {
            writeln!(stdout, "parbench {}", env!("CARGO_PKG_VERSION"))?;
            Ok(Ending::Done)
        }
        "list" => {
            commands::list::list(&workloads::listed(), stdout)?;
            Ok(Ending::Done)
        }
        "doctor" => {
            let form = DoctorArgs::from_arg_matches(matches)?.form();
            let mut environment = Environment::probe();
            environment.cpu.other_programs = OtherPrograms::now();
            commands::doctor::doctor(&environment, form, stdout)?;
            Ok(Ending::Done)
        }
        "report" => {
            let request = ReportArgs::from_arg_matches(matches)?.request();
            let mut streams = Streams {
                stdout,
                stderr: &mut std::io::stderr(),
            };
            commands::report::report(&request, &mut streams)
        }
        "compare" => {
            let request = CompareArgs::from_arg_matches(matches)?.request();
            commands::compare::compare(
                &request,
                &mut Streams {
                    stdout,
                    stderr: &mut std::io::stderr(),
                },
            )
        }
        "check" => {
            let request = CheckArgs::request(matches)?;
            let output = OutputArgs::from_arg_matches(matches)?;
            let progress = output.progress(&VerboseArgs::from_arg_matches(matches)?, stdout);
            measuring(&progress, |conditions| {
                let mut streams = Streams {
                    stdout,
                    stderr: &mut std::io::stderr(),
                };
                commands::check::check(&request, conditions, &mut streams)
            })
        }
        "noise" => {
            let request = NoiseArgs::request(matches)?;
            let quiet = NoiseArgs::from_arg_matches(matches)?.quiet;
            let progress = Progress::new(!quiet && progress::animation_is_welcome(), None);
            measuring(&progress, |conditions| {
                let mut streams = Streams {
                    stdout,
                    stderr: &mut std::io::stderr(),
                };
                commands::noise::noise(&request, conditions, &mut streams)
            })
        }
        "overhead" => {
            let arguments = OverheadArgs::from_arg_matches(matches)?;
            let progress =
                Progress::new(!arguments.quiet && progress::animation_is_welcome(), None);
            let request = arguments.request()?;
            measuring(&progress, |conditions| {
                let mut streams = Streams {
                    stdout,
                    stderr: &mut std::io::stderr(),
                };
                commands::overhead::overhead(&request, conditions, &mut streams)
            })
        }
        turns::SUBCOMMAND | worker::SUBCOMMAND => serve(name, matches, stdout),
        _ => measure(name, matches, stdout),
    }
}

/// The hidden subcommands, which other processes talk to.
fn serve(name: &str, matches: &ArgMatches, stdout: &mut Stdout) -> Result<Ending> {
    crate::program::restore_name();
    if name == worker::SUBCOMMAND {
        let stop = Stop::new();
        signals::install(&stop)?;
        worker::serve(std::io::BufReader::new(std::io::stdin()), stdout, &stop)?;
        return Ok(Ending::Done);
    }
    let (cluster, trouble) = ClusterArgs::from_arg_matches(matches)?.cluster_of_variables();
    if let Some(trouble) = trouble {
        bail!("{trouble}");
    }
    let asks = std::io::BufReader::new(std::io::stdin());
    measuring(&Silent, |conditions| {
        turns::serve(asks, stdout, &cluster, conditions)
    })
}

fn measure(name: &str, matches: &ArgMatches, stdout: &mut Stdout) -> Result<Ending> {
    let output = OutputArgs::from_arg_matches(matches)?;
    let baseline = BaselineArgs::from_arg_matches(matches)?.baseline();
    let plan = MeasureArgs::from_arg_matches(matches)?.plan(&workloads::asked(name, matches)?)?;
    let request = output.request(plan, baseline);
    let progress = output.progress(&VerboseArgs::from_arg_matches(matches)?, stdout);
    measuring(&progress, |conditions| {
        let mut streams = Streams {
            stdout,
            stderr: &mut std::io::stderr(),
        };
        commands::run::run(&request, conditions, &mut streams)
    })
}

/// Runs `work` with the real clock and machine, and with signals that ask it to stop.
fn measuring(
    observer: &dyn Observer,
    work: impl FnOnce(Conditions<'_>) -> Result<Ending>,
) -> Result<Ending> {
    let stop = Stop::new();
    signals::install(&stop)?;
    work(Conditions {
        clock: &Monotonic::start(),
        gauges: &Machine::new(),
        stop: &stop,
        observer,
    })
}
