//! Progress bars on stderr and the lines of `--verbose`: the observer that people see. Nothing is
//! animated when stderr is no terminal or in CI: there a line stands now and then, where it takes
//! long.

mod shown;
mod words;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error;
use super::stdout::Stdout;
use crate::commands::streams::Destination;
use crate::event::{Event, Observer};
use crate::printable::printable;
use crate::units::Seconds;

use self::words::{round_message, rounded};

pub(super) use self::shown::Shown;

/// Steps of a measurement's bar: its progress is a share, not a count.
const STEPS: f64 = 1000.0;

/// What happens, how much of it is done, and where it is.
const TEMPLATE: &str = "{prefix} [{bar:25}] {msg}, {elapsed} so far";
/// The time between two lines where no bar is shown.
const LINE_INTERVAL: Duration = Duration::from_mins(1);

/// What is shown while parbench works.
pub(super) struct Progress {
    shown: Shown,
    /// What is shown now.
    state: Mutex<State>,
    /// Where the verbose lines go, if they are wanted.
    lines: Option<Mutex<Box<dyn Write + Send>>>,
}

struct State {
    bar: ProgressBar,
    /// What the bar of the measurement that runs is called.
    measurement: Option<String>,
    /// Why measurements are repeated, where they are.
    pass: Option<String>,
    /// The time that is left, as far as it is known.
    left: Option<Duration>,
    /// What the step that runs is at.
    reached: Option<String>,
    /// When the last line was written, or everything began.
    line_at: Instant,
}

impl Progress {
    /// Shows progress as `shown` says, and verbose lines on `lines` if there are to be any.
    pub(super) fn new(shown: Shown, lines: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            shown,
            state: Mutex::new(State {
                bar: ProgressBar::hidden(),
                measurement: None,
                pass: None,
                left: None,
                reached: None,
                line_at: Instant::now(),
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

    fn start(&self, length: u64, prefix: String, message: String) {
        let target = match self.shown {
            Shown::Bar => ProgressDrawTarget::stderr(),
            Shown::Lines | Shown::Nowhere => ProgressDrawTarget::hidden(),
        };
        let mut bar = ProgressBar::with_draw_target(Some(length), target);
        // A template that does not parse falls back to the plain bar; a test holds ours to parse.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
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
            let state = self.state();
            let number = (total > 1).then(|| format!("{workload}, {number} of {total}"));
            match (&state.pass, number) {
                (Some(pass), Some(number)) => format!("{pass}: {number}"),
                (Some(pass), None) => pass.clone(),
                (None, number) => number.unwrap_or_else(|| workload.to_owned()),
            }
        };
        self.state().measurement = Some(prefix.clone());
        self.show_measurement(prefix);
    }

    /// Shows the bar of the measurement called `prefix`, before its first round.
    fn show_measurement(&self, prefix: String) {
        self.state().left = None;

        self.start(1000, prefix, "starting".to_owned());
    }

    /// Clears the bar of steps, and goes on with that of the measurement that they prepared.
    fn finish_steps(&self) {
        let state = self.state();
        state.bar.finish_and_clear();
        let measurement = state.measurement.clone();
        drop(state);

        if let Some(prefix) = measurement {
            self.show_measurement(prefix);
        }
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
        self.line_now_and_then();

        let cold = if done == 1 { " (cold)" } else { "" };
        for (arm, time) in times {
            let time = Seconds::from(*time);
            self.line(&format!("{arm} :: round {done}{cold}: {time}"));
        }
    }

    fn start_steps(&self, what: &str, steps: usize) {
        let mut state = self.state();
        state.left = None;
        state.reached = None;
        drop(state);

        self.start(steps as u64, what.to_owned(), format!("0 of {steps}"));
    }

    fn finish_step(&self) {
        let mut state = self.state();
        state.bar.inc(1);

        let (done, steps) = (state.bar.position(), state.bar.length().unwrap_or(0));
        let count = |steps: u64| u32::try_from(steps).unwrap_or(u32::MAX);
        let step_time = state.bar.elapsed() / count(done.max(1));
        state.left = Some(step_time.saturating_mul(count(steps.saturating_sub(done))));
        state.show_step();
        drop(state);

        self.line_now_and_then();
    }

    /// Says what the bar would show, if there is none and the last such line is old.
    fn line_now_and_then(&self) {
        let mut state = self.state();
        if self.shown != Shown::Lines || state.line_at.elapsed() < LINE_INTERVAL {
            return;
        }

        state.line_at = Instant::now();
        let (what, place) = (state.bar.prefix(), state.bar.message());
        let elapsed = rounded(state.bar.elapsed());
        note(&format!("{what}: {place}, {elapsed} so far"));
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
        match self.shown {
            Shown::Bar => self.beside(|| note(text)),
            Shown::Lines | Shown::Nowhere => self.line(text),
        }
    }
}

impl State {
    /// How many steps are done, and what the one that runs is at.
    fn show_step(&self) {
        let (done, steps) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let left = self.left.map_or_else(String::new, |left| {
            format!(", about {} left", rounded(left))
        });
        let reached = self
            .reached
            .as_deref()
            .map_or_else(String::new, |reached| format!(" ({reached})"));

        self.bar
            .set_message(format!("{done} of {steps}{left}{reached}"));
    }
}

impl Observer for Progress {
    fn observe(&self, event: &Event) {
        match event {
            Event::StepsStarted { what, steps } => self.start_steps(what, *steps),
            Event::StepDone => self.finish_step(),
            Event::StepReached(place) => {
                let mut state = self.state();
                state.reached = Some(place.clone());
                state.show_step();
            }
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
            Event::ArmStarted { arm } => {
                let state = self.state();
                let round = round_message(1, state.left);
                state.bar.set_message(format!("{round}: {arm}"));
            }
            Event::RoundFinished {
                done,
                progress,
                left,
                times,
            } => self.finish_round(*done, *progress, *left, times),
            Event::StepsFinished => self.finish_steps(),
            Event::MeasurementFinished => {
                let mut state = self.state();
                state.measurement = None;
                state.bar.finish_and_clear();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_parses() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }

    #[test]
    fn the_bar_says_where_a_step_is_and_what_is_left() {
        let progress = Progress::new(Shown::Nowhere, None);
        progress.observe(&Event::StepsStarted {
            what: "checks",
            steps: 4,
        });
        let message = || progress.state().bar.message();
        assert_eq!(message(), "0 of 4");

        progress.observe(&Event::StepReached("a check: fib, round 3".to_owned()));
        assert_eq!(message(), "0 of 4 (a check: fib, round 3)");

        progress.observe(&Event::StepDone);
        let done = message();
        assert!(done.starts_with("1 of 4, about "), "{done}");
    }

    #[test]
    fn the_bar_of_a_measurement_is_back_after_the_steps_that_prepared_it() {
        let progress = Progress::new(Shown::Nowhere, None);
        let bar = || {
            let state = progress.state();
            (state.bar.prefix(), state.bar.is_finished())
        };
        progress.observe(&Event::MeasurementStarted {
            workload: "image".to_owned(),
            arms: vec!["serial".to_owned()],
            number: 3,
            total: 3,
        });
        progress.observe(&Event::StepsStarted {
            what: "making images",
            steps: 1,
        });
        assert_eq!(bar(), ("making images".to_owned(), false));

        progress.observe(&Event::StepDone);
        progress.observe(&Event::StepsFinished);
        assert_eq!(bar(), ("image, 3 of 3".to_owned(), false));
        progress.observe(&Event::RoundStarted { number: 1 });
        assert_eq!(progress.state().bar.message(), "round 1, cold");

        progress.observe(&Event::MeasurementFinished);
        assert!(bar().1);
        // Steps between measurements leave nothing behind.
        progress.observe(&Event::StepsStarted {
            what: "series",
            steps: 1,
        });
        progress.observe(&Event::StepsFinished);
        assert_eq!(bar(), ("series".to_owned(), true));
    }

    #[test]
    fn the_bar_names_the_measurement_the_pass_and_in_the_cold_round_the_arm() {
        let progress = Progress::new(Shown::Nowhere, None);
        progress.observe(&Event::PassStarted {
            what: "measuring fib again: 2nd of at most 3 passes".to_owned(),
        });
        progress.observe(&Event::MeasurementStarted {
            workload: "fib".to_owned(),
            arms: vec!["serial".to_owned(), "pool 2".to_owned()],
            number: 1,
            total: 2,
        });
        assert_eq!(
            progress.state().bar.prefix(),
            "measuring fib again: 2nd of at most 3 passes: fib, 1 of 2"
        );

        progress.observe(&Event::RoundStarted { number: 1 });
        progress.observe(&Event::ArmStarted {
            arm: "pool 2".to_owned(),
        });
        assert_eq!(progress.state().bar.message(), "round 1, cold: pool 2");
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
