//! `python`: functions that are no pure tasks are refused by their item, and what is known of a function
//! beside its times is true of it.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::harness::{Finished, Scene};
use super::venv;

/// Functions that a plain loop runs, and that mean something else beside others or in a second pass.
const FUNCTIONS: &str = r#"
import functools, multiprocessing, os, sys, time

def lazily(x): yield x
async def later(x): return x
async def streaming(x): yield x
def mapped(x): return map(str, [x])
def growing(row): row.append(1); return row
def to_buffer(x): sys.stdout.buffer.write(b"from a buffer\n"); return x
def to_descriptor(x): os.write(1, b"from a descriptor\n"); return x
def by_child(x): os.system("echo from a child"); return x
def by_place(x, n, /): return x + n
def with_rest(x, *rest): return x
def with_names(x, **names): return x
def in_worker(x):
    if multiprocessing.parent_process() and x == 7: raise ValueError("seven")
    return x
def dying(x):
    if multiprocessing.parent_process() and x == 7: os._exit(3)
    return x
def ending(x):
    if x == 150: os._exit(9)
    return x
def close(x): return x * (1 if os.getpid() == PID else 1 + 1e-6)
def shaped(x):
    import numpy
    return numpy.ones(1 if os.getpid() == PID else 3)
def viewed(x): return memoryview(b"abc")
@functools.lru_cache(maxsize=None)
def cached(x): time.sleep(0.002); return x
calls = []
def importing(x):
    calls.append(x)
    time.sleep(0.3 if len(calls) == 1 else 0.001)
    return x
class Replaced:
    # As Ray's remote functions are.
    __module__ = "ray.remote_function"
    def __init__(self, function): self._function = function
def replaced(function):
    return Replaced(function)
@replaced
def decorated(x): return x
class Wrapped:
    def __init__(self, function): self._function = function
    def __call__(self, x): raise ValueError("wrapped")
@Wrapped
def wrapped(x): return x
WORDS = list(sys.argv)
def asking(x):
    assert len(WORDS) == 1 and WORDS[0].endswith("f.py"), WORDS
    return input()
def noted(x):
    error = ValueError("bad value")
    error.__notes__ = ["while\ndoing it"]
    raise error
class Named:
    def __init__(self): self.kind, self.value = "kind", [0] * 3
def named(x): return Named()
def one(): return [0]
def square(x): return x * x
class Table:
    def __init__(self): self.numbers = list(range(5000))
    def look_up(self, x): return self.numbers[x]
look_up = Table().look_up
PID = int(os.environ.setdefault("FIRST_PID", str(os.getpid())))
"#;

fn scene() -> Scene {
    let scene = Scene::new().env("PATH", &std::env::var("PATH").unwrap());
    scene.write("f.py", FUNCTIONS);
    scene
}

/// Runs `python` with the words of `flags`, and then `items` as they are.
fn python(scene: &Scene, flags: &str, items: &str) -> Finished {
    let mut command = scene.command(&format!("python f.py:{flags}"));
    Finished::from(command.args(["--items", items]).output().unwrap())
}

/// The line that it refuses them with.
fn refusal(scene: &Scene, flags: &str, items: &str) -> String {
    python(scene, flags, items).error().to_owned()
}

/// The measurement that `python` stores.
fn measured(scene: &Scene, flags: &str, items: &str) -> (Value, String) {
    let done = python(scene, &format!("{flags} --export run.json"), items);
    assert_eq!(done.code, Some(0), "{flags}: {}", done.stderr);
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();

    (run["measurements"][0].clone(), done.flowing())
}

/// Functions and items whose passes would not do the same work, and how the error begins.
const OTHER_WORK: [(&str, &str, &str); 12] = [
    (
        "lazily",
        "[5]",
        "item 1 (5) returns a generator, whose work is not done yet",
    ),
    (
        "later",
        "[5]",
        "item 1 (5) returns a coroutine, whose work is not done yet",
    ),
    (
        "streaming",
        "[5]",
        "item 1 (5) returns an async_generator, whose work is not done yet",
    ),
    (
        "mapped",
        "[5]",
        "item 1 (5) returns a map, whose work is not done yet",
    ),
    (
        "growing",
        "[[], [2]]",
        "the function changes item 1 ([1]), so that each pass would do other work",
    ),
    ("to_buffer", "[5]", "item 1 (5) prints 'from a buffer'"),
    (
        "to_descriptor",
        "[5]",
        "item 1 (5) prints 'from a descriptor'",
    ),
    ("by_child", "[5]", "item 1 (5) prints 'from a child'"),
    (
        "by_place --args [3]",
        "[5]",
        "by_place takes n by its place only",
    ),
    (
        "with_rest --args [3]",
        "[5]",
        "with_rest takes rest by its place only",
    ),
    (
        "with_names --args [3]",
        "[5]",
        "with_names takes 0 arguments beside the item",
    ),
    (
        "ending",
        "range(10001)",
        "python3 ended in one of items 101 to 200 with exit status: 9",
    ),
];

#[test]
fn what_does_other_work_in_each_pass_is_refused_by_its_item() {
    let scene = scene();
    for (function, items, message) in OTHER_WORK {
        let error = refusal(&scene, &format!("{function} -e threads -j 2 -r 1"), items);
        assert!(
            error.starts_with(&format!("python: {message}")),
            "{function}: {error}"
        );
    }
}

#[test]
fn what_is_called_is_the_object_of_that_name_with_an_empty_stdin() {
    let scene = scene();
    for (function, items, message) in [
        ("wrapped", "[5]", "item 1 (5) raises ValueError: wrapped"),
        (
            "asking",
            "[5]",
            "item 1 (5) raises EOFError: EOF when reading a line",
        ),
        (
            "noted",
            "[5]",
            "item 1 (5) raises ValueError: bad value while doing it",
        ),
    ] {
        let error = refusal(&scene, &format!("{function} -e threads -j 2 -r 1"), items);
        assert_eq!(error, format!("python: {message}"), "{function}");
    }
}

#[test]
fn equal_results_are_equal_however_they_are_pickled() {
    // Reading the pickled object makes one string of its attribute's name and of the equal value.
    let scene = scene();
    measured(&scene, "named -e threads,processes -j 2 -r 2", "range(4)");
}

#[test]
fn equal_runs_go_out_in_chunks() {
    let scene = scene();
    let run =
        scene.exported("python f.py:one -q -e threads,processes -j 2 -r 2 --repeat 8 --chunk 4");

    assert_eq!(run["measurements"][0]["answer"]["calls"], 8);
}

#[test]
fn what_fails_in_a_worker_only_is_named_by_its_item() {
    let scene = scene();
    for flags in ["-j 2", "-j 2 --chunk 5", "-j 2 --start-method spawn"] {
        let error = refusal(&scene, &format!("in_worker -r 1 {flags}"), "range(20)");
        assert_eq!(
            error, "python: processes 2: item 8 (7) raises ValueError: seven",
            "{flags}"
        );
    }

    let error = refusal(&scene, "dying -j 2 -r 1", "range(20)");
    assert!(
        error.starts_with("python: processes 2: item 8 (7) raises "),
        "{error}"
    );
    assert!(error.contains("BrokenProcessPool"), "{error}");
    let error = refusal(&scene, "decorated -j 2 -r 1", "[5]");
    assert!(
        error.ends_with("by the name decorated they find a Replaced, which its decorator makes; leave the decorator out"),
        "{error}"
    );
}

#[test]
fn a_tolerance_is_relative_and_shapes_are_the_same() {
    let scene = scene();
    let compared = |function: &str, compare: &str, item: &str| {
        python(
            &scene,
            &format!("{function} -j 2 -r 1 --compare approx:{compare}"),
            item,
        )
        .code
    };

    assert_eq!(compared("close", "1e-5", "[1e-9]"), Some(0));
    assert_eq!(
        compared("close", "1e-7", "[1e-9]"),
        Some(2),
        "far apart, though both are small"
    );
    let scene = scene.env(
        "PARBENCH_PYTHON",
        venv::python("functions").to_str().unwrap(),
    );
    let error = refusal(&scene, "shaped -j 2 -r 1 --compare approx:1e-5", "[1]");
    assert!(error.contains("item 1 (1) is array([1.])"), "{error}");
}

#[test]
fn a_first_pass_that_takes_much_longer_is_said_and_is_no_long_call() {
    let scene = scene();
    let note = "the first pass over all items took ";
    let (_, said) = measured(&scene, "cached -e threads -j 2 -r 2", "range(50)");
    assert!(
        said.contains(note) && said.contains("keeps results (a cache)"),
        "{said}"
    );

    let (measurement, said) = measured(&scene, "importing -e threads -j 2 -r 2", "range(20)");
    let facts = &measurement["functions"][0];
    let seconds = |name: &str| facts[name].as_f64().unwrap();
    assert!(seconds("first_pass_s") > 0.3, "{facts}");
    assert!(
        seconds("longest_s") < 0.3,
        "it was called once more: {facts}"
    );
    assert!(seconds("total_s") < seconds("first_pass_s"), "{facts}");
    assert!(!said.contains("the longest call, item 1 (0)"), "{said}");
}

#[test]
fn results_that_cannot_be_pickled_are_said_where_threads_return_them() {
    let scene = scene();
    let (measurement, said) = measured(&scene, "viewed -e threads -j 2 -r 2", "range(4)");

    let facts = &measurement["functions"][0];
    assert_eq!(facts["cannot_travel"], "the result of item 1 (0)");
    let expected =
        "no call can go to another process: the result of item 1 (0) cannot be pickled; importing";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_bound_object_travels_with_each_batch() {
    let scene = scene();
    let (measurement, said) = measured(&scene, "look_up -j 2 -r 8", "range(400)");

    let facts = &measurement["functions"][0];
    let bytes = facts["function_bytes"].as_u64().unwrap();
    assert!((10_000..20_000).contains(&bytes), "5,000 numbers: {facts}");
    assert!(
        facts["function_pickle_s"].as_f64().unwrap() > 0.0,
        "{facts}"
    );
    assert!(said.contains("; the function itself takes "), "{said}");
}

#[test]
fn the_way_in_which_processes_start_is_said() {
    let scene = scene();
    let (measurement, said) = measured(&scene, "square -j 2 -r 1 --start-method spawn", "range(4)");

    assert_eq!(measurement["arms"][1]["detail"], "start method spawn");
    assert!(said.contains("processes: start method spawn"), "{said}");
}

#[test]
fn threads_of_libraries_are_said_as_flag_or_environment_have_them() {
    let scene = scene();
    let (_, said) = measured(&scene, "square -e threads -j 2 -r 1", "[1]");
    assert!(
        said.contains("libraries limited to 1 thread in every arm"),
        "{said}"
    );
    let (_, said) = measured(
        &scene,
        "square -e threads -j 2 -r 1 --threads-per-task keep",
        "[1]",
    );
    assert!(
        said.contains("libraries with as many threads as they choose"),
        "{said}"
    );
    let scene = scene.env("OMP_NUM_THREADS", "3");
    let (_, said) = measured(
        &scene,
        "square -e threads -j 2 -r 1 --threads-per-task keep",
        "[1]",
    );
    assert!(
        said.contains("libraries with threads by OMP_NUM_THREADS=3"),
        "{said}"
    );
}
