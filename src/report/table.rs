//! The table on the terminal: the figures of every measurement in 80 columns, then what stands outside the
//! steady rounds, then what the reader must know. The only home of comfy-table.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::words;
use crate::results::{Measurement, Run, Summary, Verdict};
use crate::units::{Percent, Rate, Ratio, Seconds};

/// The narrowest terminal that is still common; a pipe or a log has no better number.
pub(super) const WIDTH: u16 = 80;
/// Blank columns between two columns.
const GAP: u16 = 2;

/// The run's figures as text of at most 80 columns, with ANSI styles if `color`: medians over the steady
/// rounds, below them the throughput and the range of the speed-up. What failed is [`problems`]' to tell.
#[must_use]
pub fn table(run: &Run, color: bool) -> String {
    let paint = Paint { color };
    let measured: Vec<(&Measurement, Summary)> =
        run.measurements.iter().filter_map(|one| Some((one, one.summary()?))).collect();
    let mut blocks = Vec::new();
    if !measured.is_empty() {
        blocks.push(figures(run, &measured, paint));
        let verdict = |(measurement, summary): &(&Measurement, Summary)| {
            let meaning = colour_of(summary.verdict);
            wrapped(&measurement.workload, meaning, &words::verdict(run, measurement, summary), paint)
        };
        blocks.push(measured.iter().map(verdict).collect::<Vec<_>>().join("\n"));
        blocks.push(apart(run, &measured, paint));
    }
    let note = |line: &String| wrapped("note", AnsiColor::Yellow, line, paint);
    let notes = words::caveats(run).iter().map(note).collect::<Vec<_>>().join("\n");
    if !notes.is_empty() {
        blocks.push(notes);
    }
    if blocks.is_empty() {
        blocks.push("Nothing was measured.".to_owned());
    }
    blocks.join("\n\n") + "\n"
}

/// What failed in the run, for a reader who was not there: text of at most 80 columns, empty when nothing did.
#[must_use]
pub fn problems(run: &Run, color: bool) -> String {
    let lines = words::problems(run);
    lines.iter().map(|line| wrapped("problem", AnsiColor::Red, line, Paint { color }) + "\n").collect()
}

/// The main table: two lines per measurement, and a heading that says what stands on which.
fn figures(run: &Run, measured: &[(&Measurement, Summary)], paint: Paint) -> String {
    let engines = words::names_engines(run);
    let mut table = plain(
        &[
            if engines { "workload\nengine" } else { "workload" },
            "tasks",
            "workers",
            "serial",
            "distributed\nthroughput",
            "speed-up\nrange",
            "efficiency",
        ],
        paint,
    );
    for (measurement, summary) in measured {
        let rate = Rate { per_second: summary.distributed_throughput_per_s, unit: &measurement.work.unit };
        let range = format!("{}-{}", Ratio(summary.speedup_min), Ratio(summary.speedup_max));
        let engine = if engines { paint.dim(&measurement.engine) } else { String::new() };
        table.add_row([
            format!("{}\n{engine}", measurement.workload).trim_end().to_owned(),
            measurement.tasks.to_string(),
            measurement.workers.to_string(),
            Seconds(summary.serial_median_s).to_string(),
            format!("{}\n{}", Seconds(summary.distributed_median_s), paint.dim(rate)),
            format!("{}\n{}", paint.verdict(summary), paint.dim(range)),
            Percent(summary.efficiency).to_string(),
        ]);
    }
    table.trim_fmt()
}

/// What is no part of the figures above: the cold round, and the wait for the workers.
fn apart(run: &Run, measured: &[(&Measurement, Summary)], paint: Paint) -> String {
    let headings =
        ["reported apart", "steady\nrounds", "cold round,\nserial", "cold round,\ndistributed", "start-up"];
    let mut table = plain(&headings, paint);
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |s| Seconds(s).to_string());
    for (measurement, summary) in measured {
        table.add_row([
            words::name(run, measurement),
            summary.steady_rounds.to_string(),
            time(summary.cold_serial_s),
            time(summary.cold_distributed_s),
            Seconds(measurement.startup_s).to_string(),
        ]);
    }
    table.trim_fmt()
}

/// An empty table with these headings: words left, numbers right, no lines but the one below the heading.
fn plain(headings: &[&str], paint: Paint) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('-')));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(headings.iter().map(|heading| Cell::new(paint.heading(heading))));
    let last = headings.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
        column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}

/// A line with its label, broken between words where it would be too wide.
fn wrapped(label: &str, colour: AnsiColor, line: &str, paint: Paint) -> String {
    let indent = " ".repeat(label.len() + 2);
    let mut text = paint.paint(colour.on_default().bold(), format_args!("{label}:"));
    let mut column = label.len() + 1;
    for word in line.split_whitespace() {
        let width = word.chars().count();
        if column + 1 + width > usize::from(WIDTH) {
            text.push('\n');
            text.push_str(&indent);
            column = indent.len();
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    text
}

/// The colour of what a measurement means.
fn colour_of(verdict: Verdict) -> AnsiColor {
    match verdict {
        Verdict::Pays => AnsiColor::Green,
        Verdict::DoesNotPay => AnsiColor::Red,
        Verdict::NotResolved => AnsiColor::Yellow,
    }
}

/// Styles, or none of them.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    pub(super) fn paint(self, style: Style, text: impl Display) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    fn dim(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Bold, line by line: a style must not reach over the padding into the next column.
    pub(super) fn heading(self, text: &str) -> String {
        text.lines().map(|line| self.paint(Style::new().bold(), line)).collect::<Vec<_>>().join("\n")
    }

    /// The speed-up in the colour of what it means.
    fn verdict(self, summary: &Summary) -> String {
        self.paint(colour_of(summary.verdict).on_default(), Ratio(summary.speedup))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(table(&fixture::run(), false), @"
        workload  tasks  workers  serial     distributed     speed-up  efficiency
                                              throughput        range
        -------------------------------------------------------------------------
        fib           8        2  1.23 s          648 ms        1.89x        95 %
                                           15.4K terms/s  1.87x-1.96x
        pi            8        2  431 ms          219 ms        1.95x        98 %
                                          273M samples/s  1.93x-2.03x
        image         8        2  2.04 s          2.10 s        0.97x        48 %
                                           19.0 images/s  0.96x-1.01x

        fib: distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays
        pi: distributed is 1.95x as fast [1.94, 2.01] on 2 workers: pays
        image: distributed is 0.97x as fast [0.96, 1.00] on 2 workers: does not pay

        reported apart  steady  cold round,  cold round,  start-up
                        rounds       serial  distributed
        ----------------------------------------------------------
        fib                 10       1.30 s       781 ms   1.20 ms
        pi                  10       454 ms       265 ms   1.20 ms
        image               10       2.15 s       2.53 s   1.20 ms
        ");
    }

    #[test]
    fn other_engines_get_a_line_and_many_workers_a_name() {
        let mut run = fixture::nine();
        run.measurements.truncate(2);
        run.measurements[1].engine = "process".to_owned();
        insta::assert_snapshot!(table(&run, false), @"
        workload  tasks  workers  serial    distributed     speed-up  efficiency
        engine                               throughput        range
        ------------------------------------------------------------------------
        fib           8        1  1.23 s         1.30 s        0.94x        94 %
        pool                              7.68K terms/s  0.93x-0.98x
        fib           8        2  1.23 s         651 ms        1.88x        94 %
        process                           15.4K terms/s  1.86x-1.95x

        fib: distributed is 0.94x as fast [0.93, 0.97] on 1 worker (pool): does not pay
        fib: distributed is 1.88x as fast [1.86, 1.93] on 2 workers (process): pays

        reported apart            steady  cold round,  cold round,  start-up
                                  rounds       serial  distributed
        --------------------------------------------------------------------
        fib (1 worker, pool)          10       1.30 s       1.57 s   1.20 ms
        fib (2 workers, process)      10       1.30 s       785 ms   1.20 ms
        ");
    }

    #[test]
    fn a_run_that_went_wrong_says_so() {
        insta::assert_snapshot!(table(&fixture::broken(), false) + &problems(&fixture::broken(), false), @"
        workload  tasks  workers  serial     distributed     speed-up  efficiency
                                              throughput        range
        -------------------------------------------------------------------------
        fib           8        2  1.23 s          648 ms        1.89x        95 %
                                           15.4K terms/s  1.87x-1.96x
        pi            8        2  454 ms          265 ms        1.71x        86 %
                                          227M samples/s  1.71x-1.71x

        fib: distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays
        pi: distributed is 1.71x as fast on 2 workers: not resolved, fewer than 6 steady
            rounds

        reported apart  steady  cold round,  cold round,  start-up
                        rounds       serial  distributed
        ----------------------------------------------------------
        fib                 10       1.30 s       781 ms   1.20 ms
        pi                   0       454 ms       265 ms   1.20 ms

        note: Interrupted: the figures are those of the rounds that were complete.
        note: Debug build: its times say nothing; measure with a release build.
        note: pi: only the cold first round is complete; its figures are shown.
        note: image: no round is complete, so there are no figures.
        problem: image: photo-17.jpg is no JPEG | 3 of 40 images were left out; delete
                 the folder to make it anew
        problem: ray: not reachable
        ");
    }

    #[test]
    fn a_run_without_rounds_is_words() {
        assert_eq!(table(&fixture::of(Vec::new()), false), "Nothing was measured.\n");
        assert_eq!(problems(&fixture::of(Vec::new()), false), "");
    }

    #[test]
    fn eighty_columns_hold_every_size() {
        let times = [1e-9, 350e-9, 99.96e-6, 0.0456, 1.0, 999.6, 86_400.0];
        let mut runs = fixture::every_run();
        for (serial, distributed) in times.iter().flat_map(|&a| times.map(|b| (a, b))) {
            for (workload, workers, tasks) in [("fib", 1, 1), ("pi", 16, 1024), ("image", 128, 16_777_216)] {
                let mut one = fixture::measurement(workload, workers, serial, distributed);
                one.tasks = tasks;
                let mut other = one.clone();
                other.engine = "process".to_owned();
                runs.extend([fixture::of(vec![one.clone()]), fixture::of(vec![one, other])]);
            }
        }
        for text in runs.iter().map(|run| table(run, false)) {
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        }
    }

    #[test]
    fn colour_changes_no_letter_and_marks_what_it_means() {
        for run in fixture::every_run() {
            let stripped = anstream::adapter::strip_str(&table(&run, true)).to_string();
            let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
            assert_eq!(trimmed, table(&run, false).lines().collect::<Vec<_>>());
        }
        let text = table(&fixture::run(), true);
        assert!(text.contains("\u{1b}[32m1.89x\u{1b}[0m"), "{text}");
        assert!(text.contains("\u{1b}[31m0.97x\u{1b}[0m"), "{text}");
        let slower = table(&fixture::of(vec![fixture::measurement("pi", 2, 1.0, 2.0)]), true);
        assert!(slower.contains("\u{1b}[31m0.50x\u{1b}[0m"), "{slower}");
        assert!(!table(&fixture::run(), false).contains('\u{1b}'));
    }
}
