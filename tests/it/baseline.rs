//! `--save-baseline` through the library, with a clock that makes each pass as slow as the test says.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parbench::commands::baseline::Baseline;
use parbench::commands::run::{Request, run};
use parbench::commands::streams::{Destination, Streams};
use parbench::engine::{self, Cluster};
use parbench::event::{Event, Observer};
use parbench::failure::Plain;
use parbench::machine::cgroup::Quota;
use parbench::machine::{Counters, CpuTimes, ProcessorTime};
use parbench::measure::{Clock, Conditions, Gauges};
use parbench::plan::{Case, Choice, Plan, Scaling};
use parbench::results::{Calibration, Rounds, Sampling, Stream, WORTH};
use parbench::stop::Stop;
use parbench::threads::Refused;
use parbench::units::Bytes;
use parbench::workload;
use serde_json::json;

/// How many passes have begun after the first one.
#[derive(Clone, Default)]
struct Passes(Arc<AtomicUsize>);

impl Observer for Passes {
    fn observe(&self, event: &Event) {
        if matches!(event, Event::PassStarted { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A clock that goes on at every look, in each pass by its own number of seconds.
struct PassClock {
    passes: Passes,
    steps: Vec<usize>,
    now: AtomicUsize,
}

impl Clock for PassClock {
    fn now(&self) -> Duration {
        let step = self.steps[self.passes.0.load(Ordering::Relaxed)];
        let now = self.now.fetch_add(step, Ordering::Relaxed) + step;
        Duration::from_secs(now as u64)
    }
}

/// A machine of two CPUs, which other programs use whole, or not at all.
struct TwoCpus {
    is_crowded: bool,
    looks: AtomicUsize,
}

impl Gauges for TwoCpus {
    fn cpu_times(&self) -> Option<CpuTimes> {
        None
    }

    fn counters(&self) -> Counters {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed) as u64;
        let hours = if self.is_crowded { looks } else { 0 };

        Counters {
            processors: Some(ProcessorTime {
                cpus: 2,
                busy: Duration::from_hours(hours),
                steal: Duration::ZERO,
            }),
            family: Some(Duration::ZERO),
            ..Counters::default()
        }
    }

    fn calibrate(&self, _workers: &[usize]) -> Result<Calibration, Refused> {
        Ok(Calibration {
            arithmetic_s: 0.1,
            memory_s: 0.2,
            handoff_s: None,
            granted: Vec::new(),
            streams: Vec::new(),
        })
    }

    fn stream(&self, _workers: &[usize]) -> Result<Vec<Stream>, Refused> {
        Ok(Vec::new())
    }

    fn quota(&self) -> Option<Quota> {
        None
    }
}

/// A small plan of `pi`.
fn plan() -> Plan {
    let cluster = Cluster::default();
    let choice = Choice {
        engines: &[engine::built_in().default_engine()],
        engines_are_chosen: true,
        workers_are_chosen: true,
        workers: &"2".parse().unwrap(),
        scaling: Scaling::Strong,
        cluster: &cluster,
    };
    let pi = workload::built_in().find("pi").unwrap();
    let params = json!({"samples": 100, "tasks": 2, "seed": 1});

    Plan {
        cases: Case::all_of(&pi, &params, choice).unwrap(),
        sampling: Sampling {
            warmup: 1,
            rounds: Rounds::Exactly(12),
            order_seed: 5,
        },
        memory: Bytes(1 << 30),
        worth: WORTH,
        slowdown: 1.0,
        store_spans: false,
        cluster,
        left_out: Vec::new(),
    }
}

/// How the passes of a test go.
struct Script<'a> {
    /// How long each pass takes.
    steps: &'a [usize],
    is_crowded: bool,
    force: bool,
}

/// A quiet machine with passes that take so long.
fn quiet(steps: &[usize]) -> Script<'_> {
    Script {
        steps,
        is_crowded: false,
        force: false,
    }
}

/// What saving a baseline at `path` leads to, and how many passes were measured.
fn saved(path: PathBuf, script: &Script<'_>) -> (Result<String, String>, usize) {
    let request = Request {
        plan: plan(),
        quick: None,
        baseline: Some(Baseline {
            path,
            tolerance: 0.1,
            force: script.force,
        }),
        targets: Vec::new(),
        trace: None,
        table: None,
    };
    let passes = Passes::default();
    let clock = PassClock {
        passes: passes.clone(),
        steps: script.steps.to_vec(),
        now: AtomicUsize::new(0),
    };
    let conditions = Conditions {
        clock: &clock,
        gauges: &TwoCpus {
            is_crowded: script.is_crowded,
            looks: AtomicUsize::new(0),
        },
        stop: &Stop::new(),
        observer: &passes,
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        stdout: &mut stdout,
        stderr: &mut stderr,
        destination: Destination::Stdout,
        wording: &Plain,
    };

    let ended = run(&request, conditions, &mut streams);
    let outcome = match ended {
        Ok(_) => Ok(String::from_utf8(stderr).unwrap()),
        Err(error) => Err(format!("{error:#}")),
    };
    (outcome, passes.0.load(Ordering::Relaxed) + 1)
}

#[test]
fn two_passes_that_agree_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.json");

    let (outcome, passes) = saved(path.clone(), &quiet(&[1, 1, 9]));
    assert_eq!(passes, 2);
    assert!(outcome.unwrap().contains("base.json: two passes agree;"));
    assert!(path.exists());
}

#[test]
fn a_third_pass_settles_what_one_of_the_first_two_met() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.json");

    let (outcome, passes) = saved(path.clone(), &quiet(&[1, 2, 2]));
    assert_eq!(passes, 3);
    assert!(outcome.unwrap().contains("base.json: two passes agree;"));
    let run: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let rounds = run["measurements"][0]["rounds"].as_array().unwrap();
    assert!(
        rounds
            .iter()
            .all(|round| round["times"][0]["wall_s"] == 2.0),
        "the first pass is left out"
    );
}

#[test]
fn passes_that_never_agree_are_no_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.json");

    let (outcome, passes) = saved(path.clone(), &quiet(&[1, 2, 4]));
    let error = outcome.unwrap_err();
    assert_eq!(passes, 3);
    assert!(
        error.starts_with("no two of 3 passes in a row agree, so ")
            && error.contains("base.json is not saved: against the pass before, pi serial: ")
            && error.ends_with("try again when the machine is quieter, or with 24 rounds"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn a_busy_machine_gives_no_baseline_unless_it_is_forced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.json");
    let crowded = |force: bool| Script {
        is_crowded: true,
        force,
        ..quiet(&[1, 1, 1])
    };

    let (outcome, passes) = saved(path.clone(), &crowded(false));
    let error = outcome.unwrap_err();
    assert_eq!(passes, 1, "it is known after the first one");
    assert!(
        error.starts_with("other programs used 2.0 of the 2 CPUs while this was measured, so ")
            && error.ends_with("is not saved: stop them and try again, or add --force"),
        "{error}"
    );
    assert!(!path.exists());

    let (outcome, _) = saved(path.clone(), &crowded(true));
    assert!(outcome.unwrap().contains("two passes agree"));
    assert!(path.exists());
}
