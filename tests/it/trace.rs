//! `--trace`: what it writes follows the rules of trace events, and queries over it give back what
//! the run stores.
//!
//! The reader here is our own, written from the format's description. Perfetto's trace processor is
//! a binary that its Python package downloads from a server that the machines of the tests do not
//! reach; it would be asked the same three questions in SQL.

use std::collections::BTreeMap;

use serde_json::Value;

use super::harness::Scene;

/// A slice on a thread, in whole nanoseconds.
struct Slice {
    pid: u64,
    tid: u64,
    begin: i128,
    end: i128,
    /// What it lasted before it was cut.
    stored: i128,
}

/// A trace as a viewer takes it up.
struct Trace {
    /// By category.
    slices: BTreeMap<String, Vec<Slice>>,
    processes: BTreeMap<u64, String>,
    flows: usize,
    left_out: Vec<String>,
}

/// A point of a flow: its kind, process and thread, and when it is.
type Point = (String, u64, u64, i128);

/// Microseconds with at most three decimals.
fn ns(value: &Value) -> i128 {
    let exact = value.as_f64().unwrap() * 1e3;
    assert!((exact - exact.round()).abs() < 1e-3, "{value}");
    #[allow(clippy::cast_possible_truncation)]
    let whole = exact.round() as i128;
    whole
}

/// Takes up the name of a process or a thread.
fn note_name(
    event: &Value,
    (pid, tid): (u64, u64),
    processes: &mut BTreeMap<u64, String>,
    threads: &mut BTreeMap<(u64, u64), String>,
) {
    let name = event["args"]["name"].as_str().map(str::to_owned);

    match event["name"].as_str().unwrap() {
        "process_name" => drop(processes.insert(pid, name.unwrap())),
        "thread_name" => drop(threads.insert((pid, tid), name.unwrap())),
        "process_sort_index" | "thread_sort_index" => {
            assert!(event["args"]["sort_index"].is_u64());
        }
        other => panic!("unknown name {other}"),
    }
}

/// The slice of `event`, which is at `ts` on this process and thread.
fn slice(event: &Value, (pid, tid): (u64, u64), ts: i128) -> Slice {
    let length = ns(&event["dur"]);
    let stored = event["args"].get("stored_us").map_or(length, ns);
    assert!(length <= stored);

    Slice {
        pid,
        tid,
        begin: ts,
        end: ts + length,
        stored,
    }
}

/// Reads `text`, and fails where it breaks a rule of trace events.
fn read(text: &str) -> Trace {
    let file: Value = serde_json::from_str(text).unwrap();
    assert_eq!(file["displayTimeUnit"], "ms");
    let (mut slices, mut processes) = (BTreeMap::<String, Vec<Slice>>::new(), BTreeMap::new());
    let (mut threads, mut open) = (BTreeMap::new(), BTreeMap::new());
    let mut flows = BTreeMap::new();

    for event in file["traceEvents"].as_array().unwrap() {
        let [pid, tid] = ["pid", "tid"].map(|id| event[id].as_u64().expect("ids are integers"));
        let ts = ns(&event["ts"]);
        match event["ph"].as_str().unwrap() {
            "M" => note_name(event, (pid, tid), &mut processes, &mut threads),
            "X" => {
                let category = event["cat"].as_str().unwrap().to_owned();
                let slice = slice(event, (pid, tid), ts);
                slices.entry(category).or_default().push(slice);
            }
            "b" => {
                let key = (event["cat"].to_string(), event["id"].as_u64().unwrap());
                assert!(open.insert(key, ts).is_none(), "{event} is open already");
            }
            "e" => {
                let key = (event["cat"].to_string(), event["id"].as_u64().unwrap());
                assert!(open.remove(&key).expect("it was begun") <= ts);
            }
            "s" | "t" | "f" => {
                let flow: &mut Vec<Point> = flows.entry(event["id"].as_u64().unwrap()).or_default();
                assert_eq!(event["bp"], "e");
                flow.push((event["ph"].as_str().unwrap().to_owned(), pid, tid, ts));
            }
            "C" => {
                let series = event["args"].as_object().unwrap();
                assert!(series.values().all(Value::is_u64) && series.len() == 2);
            }
            other => panic!("unknown kind {other}"),
        }
    }

    assert!(open.is_empty(), "never ended: {open:?}");
    for Slice { pid, tid, .. } in slices.values().flatten() {
        assert!(processes.contains_key(pid) && threads.contains_key(&(*pid, *tid)));
    }
    assert_no_overlap(&slices);
    assert_bound(flows.values(), &slices);

    let left_out = file["otherData"]["left_out"].as_array().unwrap().iter();
    Trace {
        slices,
        processes,
        flows: flows.len(),
        left_out: left_out
            .map(|note| note.as_str().unwrap().to_owned())
            .collect(),
    }
}

/// Fails where two slices of one thread overlap.
fn assert_no_overlap(slices: &BTreeMap<String, Vec<Slice>>) {
    let mut tracks: BTreeMap<(u64, u64), Vec<&Slice>> = BTreeMap::new();
    for slice in slices.values().flatten() {
        let track = tracks.entry((slice.pid, slice.tid)).or_default();
        track.push(slice);
    }

    for on_track in tracks.values_mut() {
        on_track.sort_by_key(|slice| (slice.begin, slice.end));
        assert!(on_track.windows(2).all(|pair| pair[0].end <= pair[1].begin));
    }
}

/// Fails where a flow does not go from an arm to a task and back, each point on its slice.
fn assert_bound<'a>(
    flows: impl Iterator<Item = &'a Vec<Point>>,
    slices: &BTreeMap<String, Vec<Slice>>,
) {
    for flow in flows {
        let kinds: Vec<&str> = flow.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["s", "t", "f"]);

        for ((_, pid, tid, ts), category) in flow.iter().zip(["arm", "task", "arm"]) {
            let is_around = |slice: &&Slice| {
                (slice.pid, slice.tid) == (*pid, *tid) && slice.begin <= *ts && *ts < slice.end
            };
            assert!(slices[category].iter().any(|slice| is_around(&slice)));
        }
        assert!(flow.windows(2).all(|pair| pair[0].3 <= pair[1].3));
    }
}

const MEASURE: &str = "pi --samples 600000 --tasks 12 --engine pool,process -j 2 -w 1 -r 4";

#[test]
fn a_trace_gives_back_what_its_run_stores() {
    let scene = Scene::new();
    let line = format!("{MEASURE} --trace t.json --trace-rounds all --export run.json");
    let finished = scene.run(&line);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let trace = read(&scene.read("t.json"));
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let measurement = &run["measurements"][0];

    for (index, name) in [(1, "pi: pool 2"), (2, "pi: process 2")] {
        let pid = trace
            .processes
            .iter()
            .find(|(_, of)| *of == name)
            .unwrap()
            .0;
        let of_arm = |slice: &&Slice| slice.pid == *pid;
        let tasks: Vec<&Slice> = trace.slices["task"].iter().filter(of_arm).collect();
        let rounds = measurement["rounds"].as_array().unwrap();
        let busy = |figure: &str| {
            let figures = rounds
                .iter()
                .map(|round| &round["times"][index]["busy"][figure]);
            figures
                .map(|figure| figure.as_f64().unwrap())
                .collect::<Vec<_>>()
        };
        let seconds = |ns: i128| ns as f64 / 1e9;

        assert_eq!(tasks.len(), 12 * rounds.len());
        let total = seconds(tasks.iter().map(|task| task.stored).sum());
        let stored: f64 = busy("total_s").iter().sum();
        assert!((total / stored - 1.0).abs() < 1e-3, "{total} {stored}");
        let longest = seconds(tasks.iter().map(|task| task.stored).max().unwrap());
        let stored = busy("longest_s").into_iter().fold(0.0, f64::max);
        assert!((longest / stored - 1.0).abs() < 1e-3, "{longest} {stored}");
    }

    assert_eq!(trace.slices["arm"].len(), 3 * 5);
    assert_eq!(trace.flows, 2 * 12 * 5);
    for note in &trace.left_out {
        assert!(
            finished.stderr.contains(&format!("trace: {note}\n")),
            "{note}"
        );
    }
    assert!(
        trace
            .left_out
            .iter()
            .any(|note| note.contains("serial is shown as a whole"))
    );
}

#[test]
fn a_stored_run_has_the_same_trace_if_it_kept_its_spans() {
    let scene = Scene::new();
    let measured = scene.run(&format!("{MEASURE} -q --trace a.json --export run.json"));
    assert_eq!((measured.code, measured.stderr.as_str()), (Some(0), ""));

    assert_eq!(scene.run("report run.json -q --trace b.json").code, Some(0));
    assert_eq!(scene.read("a.json"), scene.read("b.json"));
    let trace = read(&scene.read("b.json"));
    assert!(trace.left_out[0].contains("of 5 rounds only the median one is shown"));
    assert_eq!(trace.slices["task"].len(), 2 * 12);

    let line = format!("{MEASURE} -q --export without.json");
    assert_eq!(scene.run(&line).code, Some(0));
    let refused = scene.run("report without.json -q --trace c.json");
    assert!(
        refused
            .error()
            .contains("measure it again with --store-spans")
    );
    assert!(!scene.path("c.json").exists());
}

#[test]
fn a_trace_is_a_file_and_rounds_belong_to_one() {
    let scene = Scene::new();
    let stdout = scene.run("pi --quick --trace -");
    assert!(
        stdout.error().contains("must be a file"),
        "{}",
        stdout.stderr
    );
    let alone = scene.run("pi --quick --trace-rounds all");
    assert!(alone.error().contains("--trace"), "{}", alone.stderr);
    for (typed, hint) in [
        ("json:x", "known are trace"),
        ("trce:x", "did you mean trace?"),
    ] {
        let prefixed = scene.run(&format!("pi --quick --trace {typed}"));
        assert!(prefixed.error().contains(hint), "{}", prefixed.stderr);
        assert!(!scene.path(typed).exists());
    }
    let nowhere = scene.run("pi --quick --trace no/t.json");
    assert!(
        nowhere.error().contains("there is no folder no"),
        "{}",
        nowhere.stderr
    );
}
