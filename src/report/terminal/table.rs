//! The table on the terminal: what a reader must know first, the figures of every measurement, what
//! follows from them in sentences, and what else a reader must know.

use super::arrangement::{arranged, in_columns, in_lines, in_one_line};
use super::judgement::section;
use super::notes::{notes, warnings};
use super::options::Layout;
use super::task_cost;
use super::text::wrapped;
use crate::report::figures;
use crate::report::findings::{Finding, Kind, conclusions, findings};
use crate::results::Run;

/// The run's figures. What failed is left to [`super::problems()`].
#[must_use]
pub fn table(run: &Run, layout: Layout) -> String {
    laid_out(run, &findings(run), layout)
}

/// The table of `run` with what follows of its `findings`.
fn laid_out(run: &Run, findings: &[Finding], layout: Layout) -> String {
    let mut blocks = vec![warnings(findings, layout)];

    let results = figures::results(run);
    let whole = layout
        .verbose
        .then(|| in_lines(&figures::everything(run), layout))
        .flatten();
    if !results.is_empty() {
        blocks.extend(result_blocks(run, &results, whole.as_deref(), layout));
        blocks.push(sentences(conclusions(findings, layout.verbose), layout));
    }
    let costs = run.task_costs();
    if !costs.is_empty() {
        blocks.extend(task_cost::blocks(&costs, layout));
        let advice = findings
            .iter()
            .filter(|finding| finding.kind == Kind::Advice);
        blocks.push(sentences(advice, layout));
    }
    if layout.verbose && whole.is_none() && !results.is_empty() {
        blocks.push(arranged(&figures::spreads(run), layout));
        blocks.push(arranged(&figures::conditions(run), layout));
    }
    blocks.push(notes(findings, layout));
    if let Some(comparison) = &run.comparison {
        // The notes stand above already.
        let rest: Vec<Finding> = findings
            .iter()
            .filter(|finding| !finding.kind.is_note())
            .cloned()
            .collect();
        blocks.push(section(comparison, &rest, layout).trim_end().to_owned());
    }

    blocks.retain(|block| !block.is_empty());
    if results.is_empty() && costs.is_empty() {
        blocks.push("Nothing was measured.".to_owned());
    }
    blocks.join("\n\n") + "\n"
}

/// The figures: as a matrix where that is shorter and the terminal holds it, else, or beside it
/// where everything is asked for, in rows. Where the terminal is wide enough for all figures in one
/// table, `whole` is that.
fn result_blocks(
    run: &Run,
    results: &figures::Table,
    whole: Option<&str>,
    layout: Layout,
) -> Vec<String> {
    let matrix = figures::matrix(run).filter(|matrix| in_columns(matrix, layout).is_some());
    let has_rows = matrix.is_none() || layout.verbose;
    let rows = || match whole {
        Some(whole) => whole.to_owned(),
        None => in_one_line(&figures::full_results(run), layout)
            .unwrap_or_else(|| arranged(results, layout)),
    };

    let matrix = matrix.map(|matrix| arranged(&matrix, layout));
    matrix.into_iter().chain(has_rows.then(rows)).collect()
}

fn sentences<'a>(findings: impl IntoIterator<Item = &'a Finding>, layout: Layout) -> String {
    let lines: Vec<String> = findings
        .into_iter()
        .map(|finding| wrapped(&finding.name, finding.tone, &finding.text, layout))
        .collect();

    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{self, ArmOf};
    use crate::report::terminal::problems::problems;
    use crate::report::terminal::rounds::rounds;
    use crate::report::terminal::text::{columns, lines};

    const COLOURED: Layout = Layout {
        color: true,
        ..Layout::PLAIN
    };

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(table(&fixture::run(), Layout::PLAIN), @"
                                           speed-up
        workload  engine  workers    time  [95 % interval]      efficiency  verdict
        --------------------------------------------------------------------------------
        fib       serial           1.23 s
                  pool          2  648 ms  1.89x [1.87, 1.94]         95 %  pays
        pi        serial           431 ms
                  pool          2  219 ms  1.95x [1.94, 2.01]         98 %  pays
        image     serial           2.04 s
                  pool          2  2.10 s  0.97x [0.96, 0.996]        48 %  does not pay

        fib: use 2 workers, 1.89x as fast as serial [1.87, 1.94] for 1.06x the CPU time;
             a third cannot be tried on 2 CPUs
        pi: use 2 workers, 1.95x as fast as serial [1.94, 2.01] for 1.02x the CPU time;
            a third cannot be tried on 2 CPUs
        image: use 1 worker, the plain loop; a second one takes 3 % [0.5, 4] longer for
               twice the cores: handing out tasks takes too long (dispatch), larger ones
               would pay more
        ");
    }

    #[test]
    fn a_wide_terminal_has_all_figures_in_one_table() {
        let table_text = |width: usize| {
            let layout = Layout {
                width,
                verbose: true,
                ..Layout::PLAIN
            };
            table(&fixture::run(), layout)
        };
        let headings = |text: &str| text.matches("-----\n").count();

        assert_eq!(headings(&table_text(120)), 3);
        let text = table_text(200);
        assert_eq!(headings(&text), 1, "{text}");
        let run = fixture::run();
        for table in [figures::results(&run), figures::spreads(&run)] {
            assert_holds(&text, &table);
        }
    }

    #[test]
    fn a_sweep_over_workers_is_one_block() {
        let mut run = fixture::nine();
        run.measurements.truncate(1);
        insta::assert_snapshot!(table(&run, Layout::PLAIN), @"
                                           speed-up
        workload  engine  workers    time  [95 % interval]     efficiency  verdict
        -------------------------------------------------------------------------------
        fib       serial           1.23 s
                  pool          1  1.30 s  0.94x [0.93, 0.97]        94 %  does not pay
                  pool          2  651 ms  1.88x [1.86, 1.93]        94 %  pays
                  pool          4  325 ms  3.76x [3.73, 3.87]        94 %  pays

        fib: use 4 workers, 3.76x as fast as serial [3.73, 3.87] for 0.53x the CPU time,
             100 % [100, 100] faster than with 2; more were not tried
        ");
    }

    #[test]
    fn engines_have_rows_of_their_own_and_report_what_they_lost() {
        insta::assert_snapshot!(table(&fixture::engines(), Layout::PLAIN), @"
                                    speed-up
        engine     workers    time  [95 % interval]     efficiency  verdict
        -------------------------------------------------------------------
        fib, 8 tasks
          serial            1.23 s
          pool           2  648 ms  1.89x [1.87, 1.94]        95 %  pays
          process        2  659 ms  1.86x [1.84, 1.91]        93 %  pays
          ray            2  767 ms  1.60x [1.58, 1.64]        80 %  pays
        pi (on pool and process), 8 tasks
          serial            1.23 s
          pool           2  637 ms  1.92x [1.90, 1.98]        96 %  pays
          process        2  647 ms  1.89x [1.88, 1.95]        95 %  pays

        fib on pool: use 2 workers, 1.89x as fast as serial [1.87, 1.94] for 1.06x the
            CPU time; a third cannot be tried on 2 CPUs
        fib on process: use 2 workers, 1.86x as fast as serial [1.84, 1.91] for 1.08x
            the CPU time; a third cannot be tried on 2 CPUs
        fib on ray: use 2 workers, 1.60x as fast as serial [1.58, 1.64] for 1.25x the
            CPU time, serial fraction 25.3 % [22.0, 26.5]
        fib: of these, fastest on pool 2, 1.02x as fast as process 2 [1.02, 1.02], 1.18x
             as fast as ray 2 [1.18, 1.18]
        pi on pool: use 2 workers, 1.92x as fast as serial [1.90, 1.98] for 1.04x the
            CPU time; a third cannot be tried on 2 CPUs
        pi on process: use 2 workers, 1.89x as fast as serial [1.88, 1.95] for 1.06x the
            CPU time; a third cannot be tried on 2 CPUs
        pi (on pool and process): of these, fastest on pool 2, 1.02x as fast as
            process 2 [1.02, 1.02]

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
        insta::assert_snapshot!(table(&fixture::broken(), Layout::PLAIN) + &problems(&fixture::broken(), Layout::PLAIN), @"
                                           speed-up
        workload  engine  workers    time  [95 % interval]     efficiency  verdict
        -------------------------------------------------------------------------------
        fib       serial           1.23 s
                  pool          2  648 ms  1.89x [1.87, 1.94]        95 %  pays
        pi        serial           454 ms
                  pool          2  265 ms  1.71x                     86 %  not resolved

        fib: use 2 workers, 1.89x as fast as serial [1.87, 1.94] for 1.06x the CPU time;
             a third cannot be tried on 2 CPUs
        pi: pool 2 is 1.71x as fast as serial for 1.17x the CPU time: not resolved,
            fewer than 6 steady rounds

        note: interrupted: the figures are those of the rounds that were complete
        note: debug build: its times are meaningless; measure with a release build
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
            table(&fixture::of(Vec::new()), Layout::PLAIN),
            "Nothing was measured.\n"
        );
        assert_eq!(problems(&fixture::of(Vec::new()), Layout::PLAIN), "");
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

        for text in runs.iter().map(|run| table(run, Layout::PLAIN)) {
            assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
            assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        }
    }

    #[test]
    fn every_width_holds_every_run_and_loses_nothing() {
        for run in fixture::every_run() {
            let results = figures::results(&run);
            let matrix = figures::matrix(&run);
            let findings = findings(&run);
            // Where forms change, every width; then some.
            for width in (30..=100).chain((110..=200).step_by(15)) {
                let layout = Layout {
                    width,
                    ..Layout::PLAIN
                };
                let verbose = Layout {
                    verbose: true,
                    ..layout
                };
                let text = laid_out(&run, &findings, layout);
                for text in [
                    &text,
                    &laid_out(&run, &findings, verbose),
                    &rounds(&run, layout),
                ] {
                    assert_fits(text, width);
                }

                let is_matrix = matrix
                    .as_ref()
                    .filter(|matrix| in_columns(matrix, layout).is_some());
                assert_holds(&text, is_matrix.unwrap_or(&results));
            }
        }
    }

    fn assert_fits(text: &str, width: usize) {
        for line in text.lines() {
            let is_one_word = lines(line, 1).len() == 1;
            assert!(
                columns(line) <= width || is_one_word,
                "{width}: {line}\n{text}"
            );
            assert_eq!(line, line.trim_end(), "{text}");
        }
    }

    fn assert_holds(text: &str, table: &figures::Table) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");

        let rows = table.blocks.iter().flat_map(|block| &block.rows);
        for cell in rows.flat_map(|row| &row.cells) {
            for figure in [&cell.text, &cell.beside] {
                let figure = figure.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(&figure), "{figure} is not in\n{text}");
            }
        }
    }

    #[test]
    fn a_sweep_of_36_cases_is_read_on_one_screen() {
        let text = table(&fixture::sweep(), Layout::PLAIN);

        assert!(text.lines().count() <= 45, "{text}");
        insta::assert_snapshot!(text, @"
        workers  pool                  process
        ----------------------------------------------------
        fib, 2 tasks; serial takes 1.23 s
              1  0.99x [0.98, 1.01] ?  0.96x [0.95, 0.99] -
              2  1.94x [1.92, 1.99] +  1.88x [1.86, 1.93] +
              3  1.94x [1.92, 1.99] +  1.88x [1.86, 1.93] +
              4  1.94x [1.92, 1.99] +  1.88x [1.86, 1.93] +
              6  1.94x [1.92, 1.99] +  1.88x [1.86, 1.93] +
              8  1.94x [1.92, 1.99] +  1.88x [1.86, 1.93] +
        pi, 8 tasks; serial takes 431 ms
              1  0.99x [0.98, 1.01] ?  0.96x [0.95, 0.99] -
              2  1.97x [1.95, 2.02] +  1.91x [1.89, 1.96] +
              3  1.97x [1.95, 2.02] +  1.91x [1.89, 1.96] +
              4  1.97x [1.95, 2.02] +  1.91x [1.89, 1.96] +
              6  1.97x [1.95, 2.02] +  1.91x [1.89, 1.96] +
              8  1.97x [1.95, 2.02] +  1.91x [1.89, 1.96] +
        image, 8 tasks; serial takes 2.04 s
              1  0.99x [0.98, 1.01] ?  0.96x [0.95, 0.99] -
              2  1.04x [1.03, 1.07] ~  1.01x [0.997, 1.03] ?
              3  1.04x [1.03, 1.07] ~  1.01x [0.997, 1.03] ?
              4  1.04x [1.03, 1.07] ~  1.01x [0.997, 1.03] ?
              6  1.04x [1.03, 1.07] ~  1.01x [0.997, 1.03] ?
              8  1.04x [1.03, 1.07] ~  1.01x [0.997, 1.03] ?
        speed-up [95 % interval]: + pays, ~ hardly pays, - does not pay, ? not resolved

        fib on pool: use 2 workers, 1.94x as fast as serial [1.92, 1.99] for 1.03x the
            CPU time; a third one adds nothing measurable (0 % [0, 0]): 3 workers got
            only 2.00 cores
        fib on process: use 2 workers, 1.88x as fast as serial [1.86, 1.93] for 1.06x
            the CPU time; a third one adds nothing measurable (0 % [0, 0]): 3 workers
            got only 2.00 cores
        fib: of these, fastest on pool 2, 1.03x as fast as process 2 [1.03, 1.03]
        pi on pool: use 2 workers, 1.97x as fast as serial [1.95, 2.02] for 1.02x the
            CPU time; a third one adds nothing measurable (0 % [0, 0]): 3 workers got
            only 2.00 cores
        pi on process: use 2 workers, 1.91x as fast as serial [1.89, 1.96] for 1.05x the
            CPU time; a third one adds nothing measurable (0 % [0, 0]): 3 workers got
            only 2.00 cores
        pi: of these, fastest on pool 2, 1.03x as fast as process 2 [1.03, 1.03]
        image on pool: use 1 worker, the plain loop; a second one adds 4 % [3, 7] for
            twice the cores: tasks take 1.87x as long side by side (memory bandwidth,
            shared cores, clock)
        image on process: use 1 worker, the plain loop; a second one adds nothing
            measurable (1 % [-0.3, 3]) for twice the cores: tasks take 1.92x as long
            side by side (memory bandwidth, shared cores, clock)
        ");
    }

    #[test]
    fn a_long_sweep_of_one_engine_is_read_on_one_screen_too() {
        let text = table(&fixture::long_sweep(), Layout::PLAIN);

        assert!(text.lines().count() <= 45, "{text}");
        let top = text.lines().take(6).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(top, @"
         workers  fib                    pi                     image
        -----------------------------------------------------------------------------
        pool
          serial  1.23 s                 431 ms                 2.04 s
               1   0.99x [0.98, 1.01] ?   0.99x [0.98, 1.01] ?   0.99x [0.98, 1.01] ?
               2   1.94x [1.92, 1.99] +   1.97x [1.95, 2.02] +   1.04x [1.03, 1.07] ~
        ");
    }

    #[test]
    fn what_other_programs_took_stands_before_everything_else() {
        let mut run = fixture::sweep();
        fixture::crowd(&mut run, 1.3);

        let text = table(&run, Layout::PLAIN);
        assert!(
            text.starts_with("warning: other programs used 1.3"),
            "{text}"
        );
        assert!(text.contains("+! pays now"), "{text}");
    }

    #[test]
    fn work_that_grows_with_the_workers_is_named() {
        let mut run = fixture::nine();
        for measurement in &mut run.measurements {
            for arm in &mut measurement.arms {
                arm.scale = arm.workers;
            }
        }

        let text = table(&run, Layout::PLAIN);
        assert!(
            text.contains("fib, 8 tasks; N workers do N times the work"),
            "{text}"
        );
    }

    #[test]
    fn colour_changes_no_letter_and_marks_what_it_means() {
        for run in fixture::every_run() {
            let stripped = anstream::adapter::strip_str(&table(&run, COLOURED)).to_string();
            let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
            assert_eq!(
                trimmed,
                table(&run, Layout::PLAIN).lines().collect::<Vec<_>>()
            );
        }
        let text = table(&fixture::run(), COLOURED);
        assert!(text.contains("\u{1b}[32m1.89x\u{1b}[0m"), "{text}");
        assert!(text.contains("\u{1b}[31m0.97x\u{1b}[0m"), "{text}");
        let slower = table(
            &fixture::of(vec![fixture::measurement("pi", 2, 1.0, 2.0)]),
            COLOURED,
        );
        assert!(slower.contains("\u{1b}[31m0.50x\u{1b}[0m"), "{slower}");
        assert!(!table(&fixture::run(), Layout::PLAIN).contains('\u{1b}'));
    }
}
