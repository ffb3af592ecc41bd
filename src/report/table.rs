//! The table on the terminal: the figures of every measurement in 80 columns, then what stands outside the
//! steady rounds, then what the reader must know.

use anstyle::AnsiColor;

use super::grade::Grade;
use super::text::{Paint, plain, wrapped};
use super::words;
use crate::printable::printable;
use crate::results::{Measurement, Run, Summary, Verdict};
use crate::units::{Percent, Rate, Ratio, Seconds, two_decimals};

/// The run's figures as text of at most 80 columns, with ANSI styles if `color`: medians over the steady
/// rounds, below them the throughput and the range of the speed-up. What failed is [`problems`]' to tell.
#[must_use]
pub fn table(run: &Run, color: bool) -> String {
    let paint = Paint { color };
    let measured: Vec<(&Measurement, Summary)> = run
        .measurements
        .iter()
        .filter_map(|one| Some((one, one.summary()?)))
        .collect();
    let mut blocks = Vec::new();
    if !measured.is_empty() {
        blocks.push(figures(run, &measured, paint));
        let verdict = |(measurement, summary): &(&Measurement, Summary)| {
            let meaning = colour_of(measurement, summary);
            let mut lines = words::verdict(run, measurement, summary);
            if let Some(reason) = words::reason(measurement, summary) {
                lines = format!("{lines}; {reason}");
            }
            wrapped(&measurement.workload, meaning, &lines, paint)
        };
        blocks.push(measured.iter().map(verdict).collect::<Vec<_>>().join("\n"));
        blocks.push(apart(run, &measured, paint));
    }
    let note = |line: &String| wrapped("note", AnsiColor::Yellow, line, paint);
    let notes = words::caveats(run)
        .iter()
        .map(note)
        .collect::<Vec<_>>()
        .join("\n");
    if !notes.is_empty() {
        blocks.push(notes);
    }
    if run.comparison.is_some() {
        blocks.push(super::judgements(run, color, None).trim_end().to_owned());
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
    lines
        .iter()
        .map(|line| wrapped("problem", AnsiColor::Red, line, Paint { color }) + "\n")
        .collect()
}

/// The main table: two lines per measurement, and a heading that says what stands on which.
fn figures(run: &Run, measured: &[(&Measurement, Summary)], paint: Paint) -> String {
    let engines = words::names_engines(run);
    let mut table = plain(
        &[
            if engines {
                "workload\nengine"
            } else {
                "workload"
            },
            "tasks",
            "workers",
            "serial",
            "distributed\nthroughput",
            "speed-up\nrange",
            "efficiency\nof ceiling",
        ],
        paint,
    );
    for (measurement, summary) in measured {
        let unit = printable(&measurement.work.unit);
        let rate = Rate {
            per_second: summary.distributed_throughput_per_s,
            unit: &unit,
        };
        let range = format!(
            "{}-{}",
            Ratio(summary.speedup_min),
            Ratio(summary.speedup_max)
        );
        let engine = if engines {
            paint.dim(printable(&measurement.engine))
        } else {
            String::new()
        };
        table.add_row([
            format!("{}\n{engine}", printable(&measurement.workload))
                .trim_end()
                .to_owned(),
            measurement.tasks.to_string(),
            measurement.workers.to_string(),
            Seconds(summary.serial_median_s).to_string(),
            format!(
                "{}\n{}",
                Seconds(summary.distributed_median_s),
                paint.dim(rate)
            ),
            format!(
                "{}\n{}",
                speedup(measurement, summary, paint),
                paint.dim(range)
            ),
            format!(
                "{}\n{}",
                Percent(summary.efficiency),
                paint.dim(of_ceiling(summary))
            ),
        ]);
    }
    table.trim_fmt()
}

/// What the engine made of the cores that the machine granted.
fn of_ceiling(summary: &Summary) -> String {
    summary
        .efficiency_of_ceiling
        .map_or_else(String::new, |share| Percent(share).to_string())
}

/// What is no part of the figures above: the cold round, and the wait for the workers.
fn apart(run: &Run, measured: &[(&Measurement, Summary)], paint: Paint) -> String {
    let headings = [
        "reported apart",
        "steady\nrounds",
        "cold round,\nserial",
        "cold round,\ndistributed",
        "start-up",
        "task\noverhead",
        "cores\ngranted",
    ];
    let mut table = plain(&headings, paint);
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |s| Seconds(s).to_string());
    for (measurement, summary) in measured {
        table.add_row([
            words::name(run, measurement),
            summary.steady_rounds.to_string(),
            time(summary.cold_serial_s),
            time(summary.cold_distributed_s),
            Seconds(measurement.startup_s).to_string(),
            Seconds(summary.task_overhead_median_s).to_string(),
            summary
                .granted_cores
                .map_or_else(|| "-".to_owned(), two_decimals),
        ]);
    }
    table.trim_fmt()
}

/// The colour of what a measurement means: yellow where that is little, or a matter of this moment.
fn colour_of(measurement: &Measurement, summary: &Summary) -> AnsiColor {
    match summary.verdict {
        _ if summary.busy_machine => AnsiColor::Yellow,
        Verdict::Pays if Grade::of(summary, measurement.workers) == Some(Grade::Barely) => {
            AnsiColor::Yellow
        }
        Verdict::Pays => AnsiColor::Green,
        Verdict::DoesNotPay => AnsiColor::Red,
        Verdict::NotResolved => AnsiColor::Yellow,
    }
}

/// The speed-up in the colour of what it means.
fn speedup(measurement: &Measurement, summary: &Summary, paint: Paint) -> String {
    paint.paint(
        colour_of(measurement, summary).on_default(),
        Ratio(summary.speedup),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(table(&fixture::run(), false), @"
        workload  tasks  workers  serial     distributed     speed-up  efficiency
                                              throughput        range  of ceiling
        -------------------------------------------------------------------------
        fib           8        2  1.23 s          648 ms        1.89x        95 %
                                           15.4K terms/s  1.87x-1.96x        97 %
        pi            8        2  431 ms          219 ms        1.95x        98 %
                                          273M samples/s  1.93x-2.03x       101 %
        image         8        2  2.04 s          2.10 s        0.97x        48 %
                                           19.0 images/s  0.96x-1.01x        50 %

        fib: distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays almost in full
        pi: distributed is 1.95x as fast [1.94, 2.01] on 2 workers: pays almost in full
        image: distributed is 0.97x as fast [0.96, 0.996] on 2 workers: does not pay; of
               1.08 s beyond a perfect split, 1.05 s is dispatch: submitting, waking
               workers, fetching

        reported apart  steady  cold round,  cold round,  start-up      task    cores
                        rounds       serial  distributed            overhead  granted
        -----------------------------------------------------------------------------
        fib                 10       1.30 s       781 ms   1.20 ms    310 ns     1.94
        pi                  10       454 ms       265 ms   1.20 ms    310 ns     1.94
        image               10       2.15 s       2.53 s   1.20 ms    310 ns     1.94
        ");
    }

    #[test]
    fn other_engines_get_a_line_and_many_workers_a_name() {
        let mut run = fixture::nine();
        run.measurements.truncate(2);
        run.measurements[1].engine = "process".to_owned();
        insta::assert_snapshot!(table(&run, false), @"
        workload  tasks  workers  serial    distributed     speed-up  efficiency
        engine                               throughput        range  of ceiling
        ------------------------------------------------------------------------
        fib           8        1  1.23 s         1.30 s        0.94x        94 %
        pool                              7.68K terms/s  0.93x-0.98x        49 %
        fib           8        2  1.23 s         651 ms        1.88x        94 %
        process                           15.4K terms/s  1.86x-1.95x        97 %

        fib: distributed is 0.94x as fast [0.93, 0.97] on 1 worker (pool): does not pay;
             of 71.6 ms beyond a perfect split, 71.6 ms is dispatch: submitting, waking
             workers, fetching
        fib: distributed is 1.88x as fast [1.86, 1.93] on 2 workers (process): pays
             almost in full

        reported apart     steady  cold round,  cold round,  start-up      task    cores
                           rounds       serial  distributed            overhead  granted
        --------------------------------------------------------------------------------
        fib (1 worker,         10       1.30 s       1.57 s   1.20 ms    310 ns     1.94
        pool)
        fib (2 workers,        10       1.30 s       785 ms   1.20 ms    310 ns     1.94
        process)
        ");
    }

    #[test]
    fn a_run_that_went_wrong_says_so() {
        insta::assert_snapshot!(table(&fixture::broken(), false) + &problems(&fixture::broken(), false), @"
        workload  tasks  workers  serial     distributed     speed-up  efficiency
                                              throughput        range  of ceiling
        -------------------------------------------------------------------------
        fib           8        2  1.23 s          648 ms        1.89x        95 %
                                           15.4K terms/s  1.87x-1.96x        97 %
        pi            8        2  454 ms          265 ms        1.71x        86 %
                                          227M samples/s  1.71x-1.71x        88 %

        fib: distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays almost in full
        pi: distributed is 1.71x as fast on 2 workers: not resolved, fewer than 6 steady
            rounds

        reported apart  steady  cold round,  cold round,  start-up      task    cores
                        rounds       serial  distributed            overhead  granted
        -----------------------------------------------------------------------------
        fib                 10       1.30 s       781 ms   1.20 ms    310 ns     1.94
        pi                   0       454 ms       265 ms   1.20 ms    310 ns     1.94

        note: interrupted: the figures are those of the rounds that were complete.
        note: debug build: its times say nothing; measure with a release build.
        note: pi: only the cold first round is complete; its figures are shown.
        note: image: no round is complete, so there are no figures.
        problem: image: photo-17.jpg is no JPEG | 3 of 40 images were left out; delete
                 the folder to make it anew
        problem: ray: not reachable
        ");
    }

    #[test]
    fn a_run_without_rounds_is_words() {
        assert_eq!(
            table(&fixture::of(Vec::new()), false),
            "Nothing was measured.\n"
        );
        assert_eq!(problems(&fixture::of(Vec::new()), false), "");
    }

    #[test]
    fn eighty_columns_hold_every_size() {
        let times = [1e-9, 350e-9, 99.96e-6, 0.0456, 1.0, 999.6, 86_400.0];
        let mut runs = fixture::every_run();
        for (serial, distributed) in times.iter().flat_map(|&a| times.map(|b| (a, b))) {
            for (workload, workers, tasks) in
                [("fib", 1, 1), ("pi", 16, 1024), ("image", 128, 16_777_216)]
            {
                let mut one = fixture::measurement(workload, workers, serial, distributed);
                one.tasks = tasks;
                let mut other = one.clone();
                other.engine = "process".to_owned();
                runs.extend([
                    fixture::of(vec![one.clone()]),
                    fixture::of(vec![one, other]),
                ]);
            }
        }
        for text in runs.iter().map(|run| table(run, false)) {
            assert!(
                text.lines().all(|line| line.chars().count() <= 80),
                "{text}"
            );
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
        let slower = table(
            &fixture::of(vec![fixture::measurement("pi", 2, 1.0, 2.0)]),
            true,
        );
        assert!(slower.contains("\u{1b}[31m0.50x\u{1b}[0m"), "{slower}");
        assert!(!table(&fixture::run(), false).contains('\u{1b}'));
    }
}
