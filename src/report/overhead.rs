//! What a task costs, as text of 80 columns: the costs as a table, each engine's curve, and what follows for how
//! long a task should be.

use anstyle::AnsiColor;

use super::text::{Paint, plain, wrapped};
use super::words::count;
use crate::printable::printable;
use crate::results::{EngineOverhead, Estimate, Overhead, Threshold};
use crate::units::{Percent, Seconds, three_digits};

/// Blocks of a bar that stands for an efficiency of 1.
const BAR: f64 = 35.0;

/// The costs, the curves, and a sentence for each engine.
#[must_use]
pub fn overhead(overhead: &Overhead, color: bool) -> String {
    let paint = Paint { color };
    let mut text = costs(overhead, paint) + "\n";
    for engine in &overhead.engines {
        text = format!("{text}\n{}\n", curve(engine, paint));
    }
    text.push('\n');
    for engine in &overhead.engines {
        let reached = engine.threshold(0.5).is_some_and(|half| half.work_s.is_some());
        let style = if reached { AnsiColor::Green } else { AnsiColor::Red };
        text = format!("{text}{}\n", wrapped(&name(engine), style, &sentence(engine), paint));
    }
    for caveat in caveats(overhead) {
        text = format!("{text}{}\n", wrapped("note", AnsiColor::Yellow, &caveat, paint));
    }
    text
}

/// `pool x2`.
pub(super) fn name(engine: &EngineOverhead) -> String {
    format!("{} x{}", printable(&engine.engine), engine.workers)
}

/// What limits all figures, a sentence each.
pub(super) fn caveats(overhead: &Overhead) -> Vec<String> {
    let mut caveats = Vec::new();
    if overhead.interrupted {
        caveats.push("interrupted: the figures are those of the rounds that were complete".to_owned());
    }
    if overhead.environment.build_profile == "debug" {
        caveats.push("debug build: its times say nothing; measure with a release build".to_owned());
    }
    let cpus = overhead.environment.usable_cpus;
    if overhead.engines.iter().any(|engine| engine.workers > cpus) {
        caveats
            .push(format!("there are more workers than the {}: they share them", count(cpus, "usable CPU")));
    }
    caveats
}

/// What follows for whoever cuts work into tasks, in one sentence.
pub(super) fn sentence(engine: &EngineOverhead) -> String {
    let at = |efficiency: f64| engine.threshold(efficiency).and_then(|threshold| threshold.work_s);
    let shown = |work: Estimate| Seconds(work.median).to_string();
    let well = at(0.9).map_or_else(
        || "no task that was tried reaches 90 % efficiency".to_owned(),
        |work| format!("with {} the efficiency is 90 %", shown(work)),
    );
    if engine.workers == 1 {
        return format!("one worker is never faster than the plain loop; {well}");
    }
    let workers = engine.workers;
    match (at(engine.break_even()), at(0.5)) {
        (Some(even), Some(half)) if engine.break_even() < 0.5 => format!(
            "below {} of work a task cannot pay here; batch at least {} into each for half of what {workers} workers \
             can do; {well}",
            shown(even),
            shown(half)
        ),
        (_, Some(half)) => format!(
            "below {0} of work a task cannot pay here; batch at least {0} into each; {well}",
            shown(half)
        ),
        (_, None) => {
            let best = engine.summary.curve.iter().map(|point| point.efficiency.median).fold(0.0, f64::max);
            format!(
                "no task that was tried reaches an efficiency of 50 %; the best is {}, a speed-up of {}x",
                Percent(best),
                three_digits(best * workers as f64)
            )
        }
    }
}

fn costs(overhead: &Overhead, paint: Paint) -> String {
    let headings =
        ["engine", "start-up", "task in\na batch", "round trip,\nawake", "round trip,\nasleep", "METG(50 %)"];
    let mut table = plain(&headings, paint);
    for engine in &overhead.engines {
        let summary = &engine.summary;
        let granularity = |half: &Threshold| half.granularity_s;
        let metg = engine.threshold(0.5).and_then(granularity);
        table.add_row(vec![
            name(engine),
            Seconds(engine.startup_s).to_string(),
            shown(summary.task_s),
            shown(summary.spinning_s),
            shown(summary.parked_s),
            metg.map_or_else(|| "not reached".to_owned(), shown),
        ]);
    }
    table.trim_fmt()
}

/// `1.23 µs` above `[1.20, 1.31]`, in the same unit.
fn shown(estimate: Estimate) -> String {
    let median = Seconds(estimate.median).to_string();
    let (Some(low), high) = (estimate.low, estimate.high) else { return median };
    // The unit that the median is shown in: its figure over its value.
    let number: f64 = median.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    let unit = number / estimate.median;
    let scale = 10_f64.powf(unit.log10().round());
    let end = |value: f64| three_digits(value * scale);
    format!("{median}\n[{}, {}]", end(low), high.map_or_else(|| "?".to_owned(), end))
}

fn curve(engine: &EngineOverhead, paint: Paint) -> String {
    let heading = paint.heading(&format!("{:<10} {:>12} {:>11}", name(engine), "task's work", "efficiency"));
    let mut lines = vec![heading];
    for point in &engine.summary.curve {
        let share = point.efficiency.median;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to about 40")]
        let bar = "█".repeat((share.clamp(0.0, 1.2) * BAR).round() as usize);
        let (work, percent) = (Seconds(point.work_s).to_string(), Percent(share).to_string());
        lines.push(format!("{:<10} {work:>12} {percent:>11}  {bar}", "").trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn an_estimate_and_its_interval_share_a_unit() {
        let of = |median, low, high| shown(Estimate { median, low, high });
        assert_eq!(of(1.234e-6, Some(0.9e-6), Some(1.31e-6)), "1.23 µs\n[0.90, 1.31]");
        assert_eq!(of(0.999_6e-3, Some(0.98e-3), None), "1.00 ms\n[0.98, ?]");
        assert_eq!(of(25e-9, None, None), "25.0 ns");
    }

    #[test]
    fn the_table_fits_a_terminal_and_names_every_engine() {
        insta::assert_snapshot!(overhead(&fixture::overhead(), false));
    }

    #[test]
    fn colour_changes_no_text() {
        let coloured = overhead(&fixture::overhead(), true);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            overhead(&fixture::overhead(), false)
        );
    }
}
