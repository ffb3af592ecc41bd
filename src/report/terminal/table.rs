//! The table on the terminal: the figures of every measurement in 80 columns, then what stands outside the
//! steady rounds, then what the reader must know.

use super::judgement::section;
use super::layout::laid_out;
use super::text::{Paint, wrapped};
use crate::report::figures;
use crate::report::findings::{Finding, Kind, findings};
use crate::results::Run;

/// The run's figures as text of at most 80 columns, with ANSI styles if `color`: medians over the steady
/// rounds, below them the throughput and the range of the speed-up. What failed is left to [`super::problems`].
#[must_use]
pub fn table(run: &Run, color: bool) -> String {
    let paint = Paint { color };
    let findings = findings(run);
    let results = figures::results(run);
    let mut blocks = Vec::new();

    if !results.is_empty() {
        blocks.push(laid_out(&results, paint));
        blocks.push(verdicts(&findings, paint));
        blocks.push(laid_out(&figures::apart(run), paint));
    }
    let notes = notes(&findings, paint);
    if !notes.is_empty() {
        blocks.push(notes);
    }
    if let Some(comparison) = &run.comparison {
        // The notes stand above already.
        let rest: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| !finding.kind.is_note())
            .collect();
        blocks.push(section(comparison, &rest, paint).trim_end().to_owned());
    }
    if blocks.is_empty() {
        blocks.push("Nothing was measured.".to_owned());
    }

    blocks.join("\n\n") + "\n"
}

fn verdicts(findings: &[Finding], paint: Paint) -> String {
    let verdicts = findings
        .iter()
        .filter(|finding| finding.kind == Kind::Verdict);
    let lines: Vec<String> = verdicts
        .map(|finding| wrapped(&finding.name, finding.tone, &finding.text, paint))
        .collect();

    lines.join("\n")
}

fn notes(findings: &[Finding], paint: Paint) -> String {
    let notes = findings.iter().filter(|finding| finding.kind.is_note());
    let lines: Vec<String> = notes
        .map(|finding| wrapped("note", finding.tone, &finding.sentence(), paint))
        .collect();

    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::terminal::problems::problems;

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

        note: interrupted: the figures are those of the rounds that were complete
        note: debug build: its times say nothing; measure with a release build
        note: pi: only the cold first round is complete; its figures are shown
        note: image: no round is complete, so there are no figures
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
