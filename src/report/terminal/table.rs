//! The table on the terminal: the figures of every measurement in 80 columns, then what stands
//! outside the steady rounds, then what the reader must know.

use super::judgement::section;
use super::layout::laid_out;
use super::task_cost;
use super::text::{Paint, wrapped};
use crate::report::figures;
use crate::report::findings::{Finding, Kind, findings};
use crate::results::Run;

/// The run's figures as text of at most 80 columns, with ANSI styles if `color`: medians over the
/// steady rounds, below them the throughput and the range of the speed-up. What failed is left to
/// [`super::problems()`].
#[must_use]
pub fn table(run: &Run, color: bool) -> String {
    let paint = Paint { color };
    let findings = findings(run);
    let results = figures::results(run);
    let mut blocks = Vec::new();

    if !results.is_empty() {
        blocks.push(laid_out(&results, paint));
        blocks.push(sentences(&findings, Kind::Verdict, paint));
        blocks.push(laid_out(&figures::apart(run), paint));
    }
    let costs = run.task_costs();
    if !costs.is_empty() {
        blocks.extend(task_cost::blocks(&costs, paint));
        blocks.push(sentences(&findings, Kind::Advice, paint));
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

fn sentences(findings: &[Finding], kind: Kind, paint: Paint) -> String {
    let sentences = findings.iter().filter(|finding| finding.kind == kind);
    let lines: Vec<String> = sentences
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
    use crate::report::fixture::{self, ArmOf};
    use crate::report::terminal::problems::problems;

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(table(&fixture::run(), false), @"
        workload  workers            time     speed-up  efficiency
          engine               throughput        range  of ceiling
        ----------------------------------------------------------
        fib, 8 tasks
          serial        1          1.23 s
                            8.13K terms/s
          pool          2          648 ms        1.89x        95 %
                            15.4K terms/s  1.87x-1.96x        97 %
        pi, 8 tasks
          serial        1          431 ms
                           139M samples/s
          pool          2          219 ms        1.95x        98 %
                           273M samples/s  1.93x-2.03x       101 %
        image, 8 tasks
          serial        1          2.04 s
                            19.6 images/s
          pool          2          2.10 s        0.97x        48 %
                            19.0 images/s  0.96x-1.01x        50 %

        fib: pool 2 is 1.89x as fast as serial [1.87, 1.94]: pays almost in full
        pi: pool 2 is 1.95x as fast as serial [1.94, 2.01]: pays almost in full
        image: pool 2 is 0.97x as fast as serial [0.96, 0.996]: does not pay; of 1.08 s
               beyond a perfect split, 1.05 s is dispatch: submitting, waking workers,
               fetching

        reported apart  workers    cold  start-up      task    cores
          engine                  round            overhead  granted
        ------------------------------------------------------------
        fib, 10 steady rounds
          serial              1  1.30 s         -         -        -
          pool                2  781 ms   1.20 ms    310 ns     1.94
        pi, 10 steady rounds
          serial              1  454 ms         -         -        -
          pool                2  265 ms   1.20 ms    310 ns     1.94
        image, 10 steady rounds
          serial              1  2.15 s         -         -        -
          pool                2  2.53 s   1.20 ms    310 ns     1.94
        ");
    }

    #[test]
    fn a_sweep_over_workers_is_one_block() {
        let mut run = fixture::nine();
        run.measurements.truncate(1);
        insta::assert_snapshot!(table(&run, false), @"
        workload  workers           time     speed-up  efficiency
          engine              throughput        range  of ceiling
        ---------------------------------------------------------
        fib, 8 tasks
          serial        1         1.23 s
                           8.13K terms/s
          pool          1         1.30 s        0.94x        94 %
                           7.68K terms/s  0.93x-0.98x        97 %
          pool          2         651 ms        1.88x        94 %
                           15.4K terms/s  1.86x-1.95x        97 %
          pool          4         325 ms        3.76x        94 %
                           30.7K terms/s  3.73x-3.91x        97 %

        fib: pool 1 is 0.94x as fast as serial [0.93, 0.97]: does not pay; of 71.6 ms
             beyond a perfect split, 71.6 ms is dispatch: submitting, waking workers,
             fetching
        fib: pool 2 is 1.88x as fast as serial [1.86, 1.93]: pays almost in full
        fib: pool 4 is 3.76x as fast as serial [3.73, 3.87]: pays almost in full

        reported apart  workers    cold  start-up      task    cores
          engine                  round            overhead  granted
        ------------------------------------------------------------
        fib, 10 steady rounds
          serial              1  1.30 s         -         -        -
          pool                1  1.57 s   1.20 ms    310 ns     0.97
          pool                2  785 ms   1.20 ms    310 ns     1.94
          pool                4  392 ms   1.20 ms    310 ns     3.88
        ");
    }

    #[test]
    fn engines_have_rows_of_their_own_and_report_what_they_lost() {
        insta::assert_snapshot!(table(&fixture::engines(), false), @"
        workload   workers             time     speed-up  efficiency
          engine                 throughput        range  of ceiling
        ------------------------------------------------------------
        fib, 8 tasks
          serial         1           1.23 s
                              8.13K terms/s
          pool           2           648 ms        1.89x        95 %
                              15.4K terms/s  1.87x-1.96x        97 %
          process        2           659 ms        1.86x        93 %
                              15.2K terms/s  1.84x-1.93x        96 %
          ray            2           767 ms        1.60x        80 %
                              13.0K terms/s  1.58x-1.66x           -
        pi (on pool and process), 8 tasks
          serial         1           1.23 s
                            48.8M samples/s
          pool           2           637 ms        1.92x        96 %
                            94.2M samples/s  1.90x-2.00x        99 %
          process        2           647 ms        1.89x        95 %
                            92.7M samples/s  1.87x-1.97x        98 %

        fib: pool 2 is 1.89x as fast as serial [1.87, 1.94]: pays almost in full
        fib: process 2 is 1.86x as fast as serial [1.84, 1.91]: pays almost in full
        fib: ray 2 is 1.60x as fast as serial [1.58, 1.64]: pays
        pi (on pool and process): pool 2 is 1.92x as fast as serial [1.90, 1.98]: pays
                                  almost in full
        pi (on pool and process): process 2 is 1.89x as fast as serial [1.88, 1.95]:
                                  pays almost in full

        reported apart  workers    cold  start-up      task    cores
          engine                  round            overhead  granted
        ------------------------------------------------------------
        fib, 10 steady rounds
          serial              1  1.30 s         -         -        -
          pool                2  781 ms   1.20 ms    310 ns     1.94
          process             2  794 ms   1.20 ms    310 ns     1.94
          ray                 2  925 ms   1.20 ms    310 ns        -
        pi (on pool and process), 10 steady rounds
          serial              1  1.30 s         -         -        -
          pool                2  768 ms   1.20 ms    310 ns     1.94
          process             2  780 ms   1.20 ms    310 ns     1.94

        note: fib: start-up of ray was driver 410 ms, slots 800 ms
        note: fib: ray ran on 1 node: alpha (10.0.0.5) (2 slots, 88 tasks)
        note: fib: 1 slot of ray was lost and replaced: node alpha (10.0.0.5): its Ray
              worker died
        note: fib: 2 tasks of ray were done again: node alpha (10.0.0.5): its Ray worker
              died
        note: pi (on ray): no round is complete, so there are no figures
        ");
    }

    #[test]
    fn a_run_that_went_wrong_says_so() {
        insta::assert_snapshot!(table(&fixture::broken(), false) + &problems(&fixture::broken(), false), @"
        workload  workers            time     speed-up  efficiency
          engine               throughput        range  of ceiling
        ----------------------------------------------------------
        fib, 8 tasks
          serial        1          1.23 s
                            8.13K terms/s
          pool          2          648 ms        1.89x        95 %
                            15.4K terms/s  1.87x-1.96x        97 %
        pi, 8 tasks
          serial        1          454 ms
                           132M samples/s
          pool          2          265 ms        1.71x        86 %
                           227M samples/s  1.71x-1.71x        88 %

        fib: pool 2 is 1.89x as fast as serial [1.87, 1.94]: pays almost in full
        pi: pool 2 is 1.71x as fast as serial: not resolved, fewer than 6 steady rounds

        reported apart  workers    cold  start-up      task    cores
          engine                  round            overhead  granted
        ------------------------------------------------------------
        fib, 10 steady rounds
          serial              1  1.30 s         -         -        -
          pool                2  781 ms   1.20 ms    310 ns     1.94
        pi, 0 steady rounds
          serial              1  454 ms         -         -        -
          pool                2  265 ms   1.20 ms    310 ns     1.94

        note: interrupted: the figures are those of the rounds that were complete
        note: debug build: its times say nothing; measure with a release build
        note: pi: only the cold first round is complete; its figures are shown
        note: image: no round is complete, so there are no figures
        problem: image: photo-17.jpg is no JPEG | 3 of 40 images were left out; delete
                 the folder to make it again
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
        let sizes = [("fib", 1, 1), ("pi", 16, 1024), ("image", 128, 16_777_216)];
        let mut runs = fixture::every_run();
        for (serial, distributed) in times.iter().flat_map(|&a| times.map(|b| (a, b))) {
            for (workload, workers, tasks) in sizes {
                let arms = ["pool", "process"].map(|engine| ArmOf {
                    engine,
                    workers,
                    seconds: distributed,
                });
                let mut measurement = fixture::measurement_of(workload, serial, &arms);
                measurement.tasks = tasks;
                runs.push(fixture::of(vec![measurement]));
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
