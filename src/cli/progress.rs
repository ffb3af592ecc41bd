//! Progress bars on stderr and the lines of `--verbose` on stdout: the observer that people see. Nothing is
//! animated when stderr is no terminal or in CI.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error;
use super::stdout::Stdout;
use crate::event::{Arm, Event, Observer};
use crate::printable::printable;
use crate::units::Seconds;

/// Steps of a measurement's bar: its progress is a share, not a count.
const STEPS: f64 = 1000.0;

/// What is shown while parbench works.
pub(super) struct Progress {
    animated: bool,
    bar: Mutex<ProgressBar>,
    /// Where the verbose lines go, if they are wanted.
    lines: Option<Mutex<Box<dyn Write + Send>>>,
}

impl Progress {
    /// For a command with these wishes; `lines` takes the verbose ones.
    pub(super) fn new(animated: bool, lines: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            animated,
            bar: Mutex::new(ProgressBar::hidden()),
            lines: lines.map(Mutex::new),
        }
    }

    /// Where verbose lines go when stdout is taken by an export.
    pub(super) fn writer(stdout: &Stdout, taken: bool) -> Box<dyn Write + Send> {
        if taken {
            Box::new(std::io::stderr())
        } else {
            Box::new(stdout.clone())
        }
    }

    fn start(&self, length: u64, template: &str, message: String) {
        if !self.animated {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        // A template that does not parse falls back to the plain bar; a test holds ours to parse.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(message);
        // Drawn at events only: a ticking thread would run beside what is timed.
        bar.tick();
        *self.bar() = bar;
    }

    fn bar(&self) -> std::sync::MutexGuard<'_, ProgressBar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, text: &str) {
        if let Some(lines) = &self.lines {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            // What cannot be written is reported when the table cannot be written either.
            self.bar().suspend(|| {
                let _ = writeln!(lines, "{}", printable(text)).and_then(|()| lines.flush());
            });
        }
    }
}

const STEPS_OF: &str = "{msg} [{bar:30}] {pos}/{len}, {eta} left";
const FIRST_ROUND: &str = "{msg} [{bar:30}] first round";
const ROUNDS: &str = "{msg} [{bar:30}] {percent} %, {eta} left";

impl Observer for Progress {
    fn observe(&self, event: &Event) {
        match event {
            Event::StepsStarted { what, steps } => {
                self.start(*steps as u64, STEPS_OF, (*what).to_owned())
            }
            Event::StepDone => self.bar().inc(1),
            Event::MeasurementStarted {
                workload,
                engine,
                workers,
            } => {
                self.start(
                    1000,
                    FIRST_ROUND,
                    format!("{workload} on {engine} x{workers}"),
                );
                self.line(&format!("{workload} :: engine {engine}, workers {workers}"));
            }
            Event::TaskAnswered { arm, index, text } => {
                self.line(&format!("{} :: task {}: {text}", name(*arm), index + 1));
            }
            Event::RoundFinished {
                done,
                progress,
                serial,
                distributed,
            } => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "from 0 to 1000"
                )]
                self.bar().set_position((progress * STEPS) as u64);
                if let Ok(style) = ProgressStyle::with_template(ROUNDS) {
                    self.bar().set_style(style.progress_chars("=> "));
                }
                for (arm, time) in [(Arm::Serial, serial), (Arm::Distributed, distributed)] {
                    let cold = if *done == 1 { " (cold)" } else { "" };
                    self.line(&format!(
                        "{} :: round {done}{cold}: {}",
                        name(arm),
                        Seconds::from(*time)
                    ));
                }
            }
            Event::StepsFinished | Event::MeasurementFinished => self.bar().finish_and_clear(),
            // Nothing is lost with it.
            Event::Note(text) => self.bar().suspend(|| {
                let _ = writeln!(std::io::stderr(), "note: {text}");
            }),
            Event::Warning(text) => self.bar().suspend(|| error::warn(text)),
        }
    }
}

fn name(arm: Arm) -> &'static str {
    match arm {
        Arm::Serial => "Serial",
        Arm::Distributed => "Distributed",
    }
}

/// Whether stderr is a place for animation: a terminal that can, and nobody's log.
pub(super) fn animation_is_welcome() -> bool {
    use std::io::IsTerminal;
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !set("CI") && !dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [STEPS_OF, FIRST_ROUND, ROUNDS] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
