//! What stands beside slices: flows, and moments at which workers were lost.

use super::*;

#[test]
fn a_flow_leads_from_the_arm_to_the_task_and_back() {
    let trace = written(&run_with_spans(), TraceRounds::Median);
    let arm = events(&trace, "X", "arm")[1];
    let end_of = |slice: &Value| number(slice, "ts") + number(slice, "dur");
    let by_id = |ph| -> BTreeMap<u64, &Value> {
        let points = events(&trace, ph, "flow").into_iter();
        points
            .map(|point| (point["id"].as_u64().unwrap(), point))
            .collect()
    };
    let [begun, stepped, ended] = ["s", "t", "f"].map(by_id);
    assert_eq!((begun.len(), stepped.len(), ended.len()), (8, 8, 8));

    for task in events(&trace, "X", "task") {
        let (id, step) = stepped
            .iter()
            .find(|(_, step)| step["name"] == task["name"])
            .unwrap();
        assert_eq!((&step["tid"], &step["ts"]), (&task["tid"], &task["ts"]));

        for point in [begun[id], ended[id]] {
            assert_eq!((&point["tid"], &point["bp"]), (&arm["tid"], &json!("e")));
            assert!(number(point, "ts") < end_of(arm), "{point}");
        }
        assert_eq!(begun[id]["ts"], arm["ts"]);
        let early = end_of(task) - number(ended[id], "ts");
        assert!((-1e-6..0.0015).contains(&early), "{early}");
    }
}

#[test]
fn a_lost_worker_is_a_moment_on_its_track() {
    let mut run = run_with_spans();
    let lost = LostWorker {
        at_s: 0.001,
        worker: 1,
        why: "it died".to_owned(),
    };
    run.measurements[0].rounds[0].times[1].lost_workers = vec![lost];

    let trace = written(&run, TraceRounds::All);
    let threads = named(&trace, "thread_name", "tid");
    let moments = events(&trace, "i", "");
    let tracks: Vec<&str> = moments
        .iter()
        .map(|event| threads[&event["tid"].as_u64().unwrap()].as_str())
        .collect();
    assert_eq!(tracks, ["worker 1"]);
    for event in moments {
        assert_eq!(
            (&event["ts"], &event["s"], &event["args"]),
            (&json!(1000.0), &json!("t"), &json!({"why": "it died"}))
        );
    }
}
