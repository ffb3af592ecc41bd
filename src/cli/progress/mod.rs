//! Progress bars on stderr and the lines of `--verbose`: the observer that people see. Nothing is
//! animated when stderr is no terminal or in CI.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error;
use super::stdout::Stdout;
use super::variables;
use crate::commands::streams::Destination;
use crate::event::{Event, Observer};
use crate::printable::printable;
use crate::units::Seconds;

/// Steps of a measurement's bar: its progress is a share, not a count.
const STEPS: f64 = 1000.0;

/// Files to make, checks to run: their number is known, and they take about as long as one another.
const EQUAL_STEPS: &str = "{prefix} [{bar:25}] {pos}/{len}, {elapsed} so far{msg}";
/// The rounds of a measurement.
const ROUNDS: &str = "{prefix} [{bar:25}] {msg}, {elapsed} so far";

/// What is shown while parbench works.
pub(super) struct Progress {
    is_animated: bool,
    /// What is shown now.
    state: Mutex<State>,
    /// Where the verbose lines go, if they are wanted.
    lines: Option<Mutex<Box<dyn Write + Send>>>,
}

struct State {
    bar: ProgressBar,
    /// Why measurements are repeated, where they are.
    pass: Option<String>,
    /// The time that is left, as far as it is known.
    left: Option<Duration>,
}

impl Progress {
    /// Shows bars if `is_animated`, and verbose lines on `lines` if there are to be any.
    pub(super) fn new(is_animated: bool, lines: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            is_animated,
            state: Mutex::new(State {
                bar: ProgressBar::hidden(),
                pass: None,
                left: None,
            }),
            lines: lines.map(Mutex::new),
        }
    }

    /// Where verbose lines go: beside the text about results.
    pub(super) fn writer(stdout: &Stdout, destination: Destination) -> Box<dyn Write + Send> {
        match destination {
            Destination::Stdout => Box::new(stdout.clone()),
            Destination::Stderr => Box::new(std::io::stderr()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, length: u64, template: &str, prefix: String, message: String) {
        if !self.is_animated {
            return;
        }

        let mut bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        // A template that does not parse falls back to the plain bar; a test holds ours to parse.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar = bar.with_style(style.progress_chars("=> "));
        }
        let bar = bar.with_prefix(prefix).with_message(message);
        // Drawn at events only: a ticking thread would run beside what is timed.
        bar.tick();
        self.state().bar = bar;
    }

    fn start_measurement(&self, workload: &str, arms: &[String], number: usize, total: usize) {
        self.line(&format!("{workload} :: {}", arms.join(", ")));

        let prefix = {
            let mut state = self.state();
            state.left = None;
            let number = (total > 1).then(|| format!("{workload}, {number} of {total}"));
            match (&state.pass, number) {
                (Some(pass), Some(number)) => format!("{pass}: {number}"),
                (Some(pass), None) => pass.clone(),
                (None, number) => number.unwrap_or_else(|| workload.to_owned()),
            }
        };
        self.start(1000, ROUNDS, prefix, "starting".to_owned());
    }

    fn finish_round(
        &self,
        done: usize,
        progress: f64,
        left: Option<Duration>,
        times: &[(String, Duration)],
    ) {
        let mut state = self.state();
        state.left = left;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 1000"
        )]
        state.bar.set_position((progress * STEPS) as u64);
        drop(state);

        let cold = if done == 1 { " (cold)" } else { "" };
        for (arm, time) in times {
            let time = Seconds::from(*time);
            self.line(&format!("{arm} :: round {done}{cold}: {time}"));
        }
    }

    fn finish_step(&self) {
        let state = self.state();
        state.bar.inc(1);

        let (done, steps) = (state.bar.position(), state.bar.length().unwrap_or(0));
        let count = |steps: u64| u32::try_from(steps).unwrap_or(u32::MAX);
        let step_time = state.bar.elapsed() / count(done.max(1));
        let left = step_time.saturating_mul(count(steps.saturating_sub(done)));
        state
            .bar
            .set_message(format!(", about {} left", rounded(left)));
    }

    /// Shows something beside the bar.
    fn beside(&self, show: impl FnOnce()) {
        self.state().bar.suspend(show);
    }

    fn line(&self, text: &str) {
        if let Some(lines) = &self.lines {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);

            // What cannot be written is reported when the table cannot be written either.
            self.beside(|| {
                let _ = writeln!(lines, "{}", printable(text)).and_then(|()| lines.flush());
            });
        }
    }

    fn announce(&self, text: &str) {
        if self.is_animated {
            self.beside(|| note(text));
        } else {
            self.line(text);
        }
    }
}

impl Observer for Progress {
    fn observe(&self, event: &Event) {
        match event {
            Event::StepsStarted { what, steps } => {
                self.start(
                    *steps as u64,
                    EQUAL_STEPS,
                    (*what).to_owned(),
                    String::new(),
                );
            }
            Event::StepDone => self.finish_step(),
            Event::PassStarted { what } => {
                self.line(what);
                self.state().pass = Some(what.clone());
            }
            Event::MeasurementStarted {
                workload,
                arms,
                number,
                total,
            } => self.start_measurement(workload, arms, *number, *total),
            Event::TaskAnswered { arm, index, text } => {
                self.line(&format!("{arm} :: task {}: {text}", index + 1));
            }
            Event::RoundStarted { number } => {
                let state = self.state();
                state.bar.set_message(round_message(*number, state.left));
            }
            Event::RoundFinished {
                done,
                progress,
                left,
                times,
            } => self.finish_round(*done, *progress, *left, times),
            Event::StepsFinished | Event::MeasurementFinished => {
                self.state().bar.finish_and_clear();
            }
            Event::Announced(text) => self.announce(text),
            Event::Note(text) => self.beside(|| note(text)),
            Event::Warning(text) => self.beside(|| error::warn(text)),
        }
    }
}

fn note(text: &str) {
    // Nothing is lost with it.
    let _ = writeln!(std::io::stderr(), "note: {}", printable(text));
}

/// Which round runs, and how long the rest takes, as far as it is known.
fn round_message(number: usize, left: Option<Duration>) -> String {
    match left {
        Some(left) => format!("round {number}, about {} left", rounded(left)),
        None if number == 1 => "round 1, cold".to_owned(),
        None => format!("round {number}"),
    }
}

/// A duration to whole seconds, which is what people wait for.
fn rounded(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil();

    if seconds < 100.0 {
        format!("{seconds:.0}s")
    } else {
        format!("{:.0}m", (seconds / 60.0).ceil())
    }
}

/// Whether stderr is a place for animation: a terminal that can move its cursor, and not a log.
pub(super) fn animation_is_welcome() -> bool {
    use std::io::IsTerminal;

    let is_dumb = variables::set("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && variables::set("CI").is_none() && !is_dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [EQUAL_STEPS, ROUNDS] {
            ProgressStyle::with_template(template).unwrap();
        }
    }

    #[test]
    fn a_round_is_shown_with_the_time_that_is_left() {
        let second = Duration::from_secs(1);
        assert_eq!(round_message(1, None), "round 1, cold");
        assert_eq!(round_message(2, None), "round 2");
        assert_eq!(round_message(7, Some(second / 2)), "round 7, about 1s left");
        assert_eq!(
            round_message(7, Some(150 * second)),
            "round 7, about 3m left"
        );
    }
}
