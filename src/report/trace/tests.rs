//! What a trace holds, read again as JSON.

mod marks;
mod size;

use std::collections::BTreeMap;

use super::*;
use crate::report::fixture;
use crate::results::{Arm, Busy, LostSlots, LostWorker, Node, Span};

/// A run of `fib` on two workers, in three rounds, whose tasks have spans.
fn run_with_spans() -> Run {
    let mut run = fixture::run();
    run.measurements.truncate(1);
    let measurement = &mut run.measurements[0];
    measurement.rounds.truncate(4);
    for (index, round) in measurement.rounds.iter_mut().enumerate() {
        let wall_s = round.times[1].wall_s;
        let length_s = wall_s / (4.0 + index as f64);
        round.times[1].spans = (0..8)
            .map(|task| Span {
                task,
                worker: task % 2,
                node: None,
                start_s: length_s * (task / 2) as f64,
                end_s: length_s * (task / 2 + 1) as f64,
            })
            .collect();
    }
    run
}

fn written(run: &Run, rounds: TraceRounds) -> Value {
    let mut bytes = Vec::new();
    (trace_format(rounds).write)(run, &mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn events<'a>(trace: &'a Value, ph: &str, cat: &str) -> Vec<&'a Value> {
    let all = trace["traceEvents"].as_array().unwrap();
    let is_meant = |event: &&Value| {
        event["ph"] == ph && event.get("cat").and_then(Value::as_str).unwrap_or("") == cat
    };

    all.iter().filter(is_meant).collect()
}

fn number(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap()
}

/// The names of processes or threads, by their numbers.
fn named(trace: &Value, of: &str, id: &str) -> BTreeMap<u64, String> {
    let names = events(trace, "M", "")
        .into_iter()
        .filter(|event| event["name"] == of);

    names
        .map(|event| {
            let name = event["args"]["name"].as_str().unwrap().to_owned();
            (event[id].as_u64().unwrap(), name)
        })
        .collect()
}

#[test]
fn every_run_has_a_trace_whose_numbers_are_named() {
    for run in fixture::every_run().into_iter().chain([run_with_spans()]) {
        for rounds in [TraceRounds::Median, TraceRounds::All] {
            let trace = written(&run, rounds);
            let processes = named(&trace, "process_name", "pid");
            let threads = named(&trace, "thread_name", "tid");

            for event in trace["traceEvents"].as_array().unwrap() {
                assert!(
                    processes.contains_key(&event["pid"].as_u64().unwrap()),
                    "{event}"
                );
                assert!(
                    threads.contains_key(&event["tid"].as_u64().unwrap()),
                    "{event}"
                );
                assert!(number(event, "ts") >= 0.0, "{event}");
            }
        }
    }
}

#[test]
fn the_median_round_gives_back_what_was_stored() {
    let run = run_with_spans();
    let trace = written(&run, TraceRounds::Median);
    let round = median_round(&run.measurements[0]).unwrap();
    let busy = Busy::of(&round.times[1].spans).unwrap();

    let tasks = events(&trace, "X", "task");
    let total: f64 = tasks.iter().map(|task| number(task, "dur")).sum();
    let longest = tasks
        .iter()
        .map(|task| number(task, "dur"))
        .fold(0.0, f64::max);
    assert_eq!(tasks.len(), 8);
    assert!((total / 1e6 - busy.total_s).abs() < 1e-8, "{total}");
    assert!((longest / 1e6 - busy.longest_s).abs() < 1e-8, "{longest}");

    let arms: Vec<&str> = events(&trace, "X", "arm")
        .iter()
        .map(|arm| arm["name"].as_str().unwrap())
        .collect();
    assert_eq!(arms.len(), 2);
    assert!(arms[0].starts_with("serial, round "), "{arms:?}");
    let left_out = left_out_of_trace(&run, TraceRounds::Median);
    assert_eq!(trace["otherData"]["left_out"], json!(left_out));
    assert!(left_out[0].starts_with("fib: of 4 rounds only the median one is shown"));
    assert!(left_out[1].contains("the plain loop does not time its tasks"));
    assert_eq!(left_out.len(), 2);
}

#[test]
fn an_engine_that_times_no_tasks_is_named_and_one_whose_times_were_dropped_is_refused() {
    let notes = |run: &Run| left_out_of_trace(run, TraceRounds::All).join("; ");
    let mut run = run_with_spans();
    assert!(!lacks_spans(&run));
    for round in &mut run.measurements[0].rounds {
        round.times[1].busy = Busy::of(&round.times[1].spans);
        round.times[1].spans.clear();
    }
    assert!(lacks_spans(&run));
    assert!(notes(&run).contains("since no times of its tasks are stored"));

    for round in &mut run.measurements[0].rounds {
        round.times[1].busy = None;
    }
    assert!(!lacks_spans(&run));
    assert!(
        notes(&run)
            .contains("pool 2 is shown as a whole in 4 rounds, since this engine does not time")
    );
}

#[test]
fn all_rounds_follow_one_another() {
    let run = run_with_spans();
    let trace = written(&run, TraceRounds::All);
    let rounds = &run.measurements[0].rounds;

    assert_eq!(events(&trace, "X", "task").len(), 8 * rounds.len());
    let begins: Vec<f64> = events(&trace, "X", "arm")[..rounds.len()]
        .iter()
        .map(|arm| number(arm, "ts"))
        .collect();
    assert_eq!(begins[0], 0.0);
    for (pair, round) in begins.windows(2).zip(rounds) {
        assert!(
            (pair[1] - pair[0] - length(round) as f64 / 1e3).abs() < 0.01,
            "{pair:?}"
        );
    }
    assert_eq!(left_out_of_trace(&run, TraceRounds::All).len(), 1);
}

#[test]
fn tasks_wait_from_the_beginning_and_are_counted() {
    let trace = written(&run_with_spans(), TraceRounds::Median);
    let begun: BTreeMap<u64, f64> = events(&trace, "b", "waiting")
        .iter()
        .map(|event| (event["id"].as_u64().unwrap(), number(event, "ts")))
        .collect();
    let ended = events(&trace, "e", "waiting");
    assert_eq!((begun.len(), ended.len()), (8, 8));
    assert!(begun.values().all(|ts| *ts == 0.0));
    let starts: Vec<f64> = events(&trace, "X", "task")
        .iter()
        .map(|task| number(task, "ts"))
        .collect();
    assert!(
        ended
            .iter()
            .all(|event| starts.contains(&number(event, "ts")))
    );

    let counts: Vec<(u64, u64)> = events(&trace, "C", "")
        .iter()
        .map(|event| {
            let series = &event["args"];
            (
                series["running"].as_u64().unwrap(),
                series["queued"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(counts, [(2, 6), (2, 4), (2, 2), (2, 0), (0, 0)]);
}

#[test]
fn nodes_are_processes() {
    let mut run = run_with_spans();
    let measurement = &mut run.measurements[0];
    let node = |number: usize, name: &str| Node {
        number,
        name: name.to_owned(),
        slots: 1,
        tasks: 4,
        model: None,
    };
    measurement.arms[1].placement.nodes = vec![node(2, "alpha"), node(5, "beta")];
    for round in &mut measurement.rounds {
        for span in &mut round.times[1].spans {
            span.node = Some([2, 5][span.worker]);
        }
    }

    let trace = written(&run, TraceRounds::Median);
    let processes = named(&trace, "process_name", "pid");
    let of_tasks: Vec<&str> = events(&trace, "X", "task")
        .iter()
        .map(|task| processes[&task["pid"].as_u64().unwrap()].as_str())
        .collect();
    assert_eq!(of_tasks[..4], ["fib: pool 2 on alpha"; 4]);
    assert_eq!(of_tasks[4..], ["fib: pool 2 on beta"; 4]);
}

#[test]
fn what_cannot_be_shown_is_named() {
    let note = |change: &dyn Fn(&mut Measurement)| {
        let mut run = run_with_spans();
        change(&mut run.measurements[0]);
        let notes = left_out_of_trace(&run, TraceRounds::All);
        let trace = written(&run, TraceRounds::All);
        (
            notes.last().unwrap().clone(),
            events(&trace, "X", "task").len(),
        )
    };

    let (repeated, tasks) = note(&|measurement| measurement.rounds[0].times[1].passes = Some(3));
    assert_eq!(
        repeated,
        "fib: pool 2 is shown as a whole in 1 round, since its tasks ran several times under the CPU quota"
    );
    assert_eq!(tasks, 24);

    let (apart, tasks) = note(&|measurement| {
        for span in &mut measurement.rounds[0].times[1].spans {
            span.start_s = 0.0;
        }
    });
    assert!(apart.contains("the times of its tasks overlap"), "{apart}");
    assert_eq!(tasks, 24);

    let (cut, tasks) = note(&|measurement| measurement.rounds[0].times[1].spans[2].start_s -= 1e-6);
    assert_eq!(
        cut,
        "fib: tasks of pool 2 are 1.000 us shorter in all, so that none overlap on a worker"
    );
    assert_eq!(tasks, 32);

    let (unstored, _) = note(&|measurement| measurement.rounds[0].times[1].spans_left_out = 7);
    assert_eq!(
        unstored,
        "fib: 7 tasks of pool 2 are missing: a run stores no more"
    );

    let (unplaced, _) = note(&|measurement| {
        let time = &mut measurement.rounds[0].times[1];
        time.passes = Some(3);
        time.lost_workers = vec![LostWorker {
            at_s: 0.001,
            worker: 1,
            why: "it died".to_owned(),
        }];
    });
    assert_eq!(
        unplaced,
        "fib: when pool 2 lost 1 worker is not shown, since its tasks ran several times"
    );

    let (lost, _) = note(&|measurement| {
        measurement.arms[1].placement.lost_slots = vec![LostSlots {
            why: "it died".to_owned(),
            slots: 1,
        }];
    });
    assert_eq!(
        lost,
        "fib: pool 2 lost slots at times that are not stored: 1, it died"
    );
}
