//! How large the trace of many tasks is.

use super::*;

#[test]
fn ten_thousand_tasks_on_each_of_four_arms_fit_in_five_megabytes() {
    let mut run = run_with_spans();
    let measurement = &mut run.measurements[0];
    measurement.rounds.truncate(1);
    let spans: Vec<Span> = (0..10_000)
        .map(|task| Span {
            task,
            worker: task % 128,
            node: None,
            start_s: 900.0 + (task / 128) as f64 * 1.000_000_1,
            end_s: 900.0 + (task / 128) as f64 * 1.000_000_1 + 0.123_456_789 + task as f64 * 1e-7,
        })
        .collect();
    for place in 2..5 {
        let arm = Arm {
            workers: place,
            ..measurement.arms[1].clone()
        };
        measurement.arms.push(arm);
        let time = measurement.rounds[0].times[1].clone();
        measurement.rounds[0].times.push(time);
        measurement.rounds[0].order.push(place);
    }
    for time in &mut measurement.rounds[0].times[1..] {
        time.spans.clone_from(&spans);
    }

    let mut bytes = Vec::new();
    (trace_format(TraceRounds::Median).write)(&run, &mut bytes).unwrap();
    assert!(bytes.len() < 5_000_000, "{} bytes", bytes.len());
    let notes = left_out_of_trace(&run, TraceRounds::Median);
    let waiting = "fib: how long each of the 10000 tasks of pool 2 waited is only in the counter, and their flows are left out";
    assert!(notes.iter().any(|note| note == waiting), "{notes:?}");
    let counter = "fib: the counter of pool 2 does without ";
    assert!(
        notes.iter().any(|note| note.starts_with(counter)),
        "{notes:?}"
    );

    // The last count is that of nothing.
    let trace: Value = serde_json::from_slice(&bytes).unwrap();
    let counts = events(&trace, "C", "");
    assert!(counts.len() <= 4 * 1001, "{}", counts.len());
    assert_eq!(
        counts.last().unwrap()["args"],
        json!({"running": 0, "queued": 0})
    );
}
