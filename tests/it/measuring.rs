//! Measuring through the library, with a clock and an engine that the test scripts.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use parbench::engine::{Definition, Engine, Error, Pass};
use parbench::event::{Event, Observer, Silent};
use parbench::machine::cgroup::Quota;
use parbench::machine::{Counters, CpuTimes, ProcessorTime};
use parbench::measure::{Clock, Conditions, Gauges, Outcome, measure};
use parbench::plan::{Case, Plan, WorkerCounts};
use parbench::results::{Calibration, Order, Passes, Precision, Rounds, Sampling};
use parbench::stop::Stop;
use parbench::threads::Refused;
use parbench::units::Bytes;
use parbench::workload::{self, Shared};
use parbench::{engine, event};
use serde_json::{Value, json};

/// Every look at it finds it one second further than the last one.
#[derive(Default)]
struct Ticking(Cell<u64>);

impl Clock for Ticking {
    fn now(&self) -> Duration {
        self.0.set(self.0.get() + 1);
        Duration::from_secs(self.0.get())
    }
}

/// A machine of four CPUs that grants one core, steals a tenth of a second at every look and spends another half on
/// other programs, and knows of no CPU times.
#[derive(Default)]
struct Scripted {
    looks: Cell<u32>,
    quota: Option<Quota>,
}

impl Gauges for Scripted {
    fn cpu_times(&self) -> Option<CpuTimes> {
        None
    }

    fn counters(&self) -> Counters {
        self.looks.set(self.looks.get() + 1);
        let looks = self.looks.get();
        let steal = Duration::from_millis(100) * looks;
        let family = Duration::from_millis(300) * looks;
        let busy = family + Duration::from_millis(500) * looks;
        Counters {
            processors: Some(ProcessorTime {
                cpus: 4,
                busy,
                steal,
            }),
            family: Some(family),
            throttled: Some(Duration::ZERO),
            load: Some(0.5),
        }
    }

    fn calibrate(&self, workers: usize) -> Result<Calibration, Refused> {
        let granted_cores = workers as f64 / 2.0;
        Ok(Calibration {
            arithmetic_s: 0.1,
            memory_s: 0.2,
            handoff_s: None,
            granted_cores,
        })
    }

    fn quota(&self) -> Option<Quota> {
        self.quota
    }
}

fn plan(engine: &'static Definition, warmup: u32, rounds: Rounds) -> Plan {
    let case = Case {
        workload: workload::find("pi").unwrap(),
        params: json!({"samples": 100, "tasks": 3, "seed": 1}),
        engine,
        workers: "1,2".parse::<WorkerCounts>().unwrap(),
        flags: Vec::new(),
    };
    Plan {
        cases: vec![case],
        sampling: Sampling {
            warmup,
            rounds,
            order_seed: 5,
        },
        memory: Bytes(1 << 30),
        slowdown: 1.0,
        cluster: parbench::engine::Cluster::default(),
    }
}

fn outcome(plan: &Plan, observer: &dyn Observer) -> Outcome {
    let (clock, gauges, stop) = (&Ticking::default(), &Scripted::default(), &Stop::new());
    measure(
        plan,
        Conditions {
            clock,
            gauges,
            stop,
            observer,
        },
    )
}

#[test]
fn blocks_are_mirrored_and_the_first_round_is_cold() {
    let outcome = outcome(&plan(engine::default(), 2, Rounds::Exactly(3)), &Silent);
    assert!(outcome.problems.is_empty() && !outcome.interrupted);
    assert_eq!(
        outcome.measurements.len(),
        2,
        "one for each number of workers"
    );
    for (measurement, workers) in outcome.measurements.iter().zip([1, 2]) {
        assert_eq!((measurement.workers, measurement.tasks), (workers, 3));
        assert_eq!(measurement.startup_s, 1.0);
        let rounds = &measurement.rounds;
        assert_eq!(
            rounds.iter().map(|round| round.cold).collect::<Vec<_>>(),
            [true, false, false, false]
        );
        // The second of the two warm-up rounds is not stored: it is neither cold nor counted.
        let orders: Vec<_> = rounds.iter().map(|round| round.order).collect();
        assert_eq!(orders[0], Order::SerialFirst);
        assert_ne!(
            orders[1], orders[2],
            "the rounds of a block mirror each other"
        );
        assert!(
            rounds
                .iter()
                .all(|round| round.serial_s == 1.0 && round.distributed_s == 1.0)
        );
        assert_eq!(measurement.answer["samples"], 300);
    }
}

#[test]
fn without_warm_up_the_cold_round_is_one_of_those_asked_for() {
    let outcome = outcome(&plan(engine::default(), 0, Rounds::Exactly(2)), &Silent);
    let rounds = &outcome.measurements[0].rounds;
    assert_eq!(
        rounds.iter().map(|round| round.cold).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn steady_rounds_are_even_also_without_warm_up() {
    for warmup in [0, 1, 2] {
        let precision = Precision {
            min_rounds: 5,
            min_time: Duration::ZERO,
            max_time: Duration::ZERO,
            half_width: 0.02,
        };
        let outcome = outcome(
            &plan(engine::default(), warmup, Rounds::Until(precision)),
            &Silent,
        );
        let measurement = &outcome.measurements[0];
        assert_eq!(
            measurement.rounds.len(),
            7,
            "the cold one and six, with a warm-up of {warmup}"
        );
        let steady: Vec<_> = measurement.steady().map(|round| round.order).collect();
        let serial_first = steady
            .iter()
            .filter(|order| **order == Order::SerialFirst)
            .count();
        assert_eq!((steady.len(), serial_first), (6, 3));
    }
}

#[test]
fn an_exact_odd_number_is_run_and_its_last_round_left_out() {
    let outcome = outcome(&plan(engine::default(), 1, Rounds::Exactly(5)), &Silent);
    let measurement = &outcome.measurements[0];
    assert_eq!(
        (measurement.rounds.len(), measurement.steady().count()),
        (6, 4)
    );
    assert_eq!(measurement.summary().unwrap().steady_rounds, 4);
}

#[test]
fn rounds_go_on_until_the_time_is_spent() {
    // A round takes this clock nine looks: its start and end, two each for a batch of empty tasks (a second is too
    // long for another) and both arms, and one for the total; one more is at the end of the warm-up.
    let until = |seconds| {
        let (min_time, max_time) = (Duration::ZERO, Duration::from_secs(seconds));
        let precision = Precision {
            min_rounds: 2,
            min_time,
            max_time,
            half_width: 0.02,
        };
        outcome(
            &plan(engine::default(), 1, Rounds::Until(precision)),
            &Silent,
        )
        .measurements[0]
            .rounds
            .len()
    };
    assert_eq!(until(0), 3, "the cold round and the least even number");
    assert_eq!(until(30), 5, "the cold round and four of nine seconds");
    assert_eq!(
        until(1000),
        7,
        "equal times: six rounds give an interval without any width"
    );
}

#[test]
fn a_round_says_what_the_machine_did_meanwhile() {
    let outcome = outcome(&plan(engine::default(), 1, Rounds::Exactly(2)), &Silent);
    let round = &outcome.measurements[0].rounds[0];
    assert_eq!(
        (round.calibration.memory_s, round.task_overhead_s),
        (0.2, 1.0 / 256.0)
    );
    // A tenth of a second in the seven seconds from the round's first look at the clock to its last.
    assert!(
        (round.machine.steal.unwrap() - 0.1 / 7.0 / 4.0).abs() < 1e-9,
        "{round:?}"
    );
    let others = round.machine.other_programs.unwrap();
    assert!(
        (others.cores - 0.5 / 7.0).abs() < 1e-9 && others.cpus == 4,
        "{others:?}"
    );
    assert!(!round.machine.stopped && round.machine.passes.is_none());
    assert_eq!(
        (round.machine.throttled, round.machine.load),
        (Some(0.0), Some(0.5))
    );
    let busy = round.busy.unwrap();
    assert!(busy.total_s >= busy.busiest_s && busy.busiest_s > 0.0);
    assert_eq!(round.calibration.granted_cores, 0.5);
}

/// An engine that does the work, and then says something else from its second call on.
struct Liar(u32);

static LIAR: Definition = Definition {
    name: "liar",
    about: "",
    cpus: |_, _| Ok(None),
    start: |_| Ok(Box::new(Liar(0))),
};

impl Engine for Liar {
    fn execute(&mut self, workload: &Shared, _: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        // Empty tasks, which show what an engine costs, are no calls that count.
        self.0 += u32::from(workload.spec().name == "pi");
        let honest: Result<Vec<_>, _> = (0..workload.tasks())
            .map(|index| workload.task(index, stop))
            .collect();
        let mut partials = honest?;
        if self.0 > 2 && partials.len() == 3 {
            partials[1] = json!(7);
        }
        Ok(partials)
    }

    fn shutdown(self: Box<Self>) {}
}

#[test]
fn an_arm_whose_answer_differs_is_an_error_and_never_a_row() {
    let outcome = outcome(&plan(&LIAR, 0, Rounds::Exactly(5)), &Silent);
    assert!(outcome.measurements.is_empty());
    let [problem] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems)
    };
    assert_eq!(problem.workload, "pi");
    let expected =
        "the distributed answer of round 2 differs from the first one: answer.inside[1] is ";
    assert!(problem.message.starts_with(expected), "{}", problem.message);
    assert!(problem.message.ends_with(" and 7"), "{}", problem.message);
}

/// Raises the flag as soon as a number of rounds are complete, and keeps what it saw.
struct Interrupter<'a>(&'a Stop, usize, Mutex<Vec<Event>>);

impl Observer for Interrupter<'_> {
    fn observe(&self, event: &Event) {
        if matches!(event, Event::RoundFinished { done, .. } if *done == self.1) {
            self.0.raise(2);
        }
        self.2.lock().unwrap().push(event.clone());
    }
}

#[test]
fn an_interrupted_measurement_keeps_its_complete_rounds() {
    let stop = Stop::new();
    let observer = Interrupter(&stop, 3, Mutex::default());
    let plan = plan(engine::default(), 1, Rounds::Exactly(100));
    let (clock, gauges) = (&Ticking::default(), &Scripted::default());
    let outcome = measure(
        &plan,
        Conditions {
            clock,
            gauges,
            stop: &stop,
            observer: &observer,
        },
    );
    assert!(outcome.interrupted && outcome.problems.is_empty());
    assert_eq!(
        outcome.measurements.len(),
        1,
        "the second number of workers is not begun"
    );
    assert_eq!(outcome.measurements[0].rounds.len(), 3);
    let events = observer.2.into_inner().unwrap();
    let told = |arm: event::Arm| {
        events
            .iter()
            .filter(|event| matches!(event, Event::TaskAnswered { arm: of, .. } if *of == arm))
            .count()
    };
    assert_eq!(
        (told(event::Arm::Serial), told(event::Arm::Distributed)),
        (3, 3),
        "each task, once an arm"
    );
    assert_eq!(events.last(), Some(&Event::MeasurementFinished));
}

#[test]
fn stored_parameters_that_do_not_fit_are_a_problem_of_their_workload() {
    let mut plan = plan(engine::default(), 1, Rounds::Exactly(1));
    plan.cases[0].params = json!({"samples": 0, "tasks": 3, "seed": 1});
    let outcome = outcome(&plan, &Silent);
    assert!(outcome.measurements.is_empty());
    assert!(
        outcome.problems[0]
            .message
            .contains("from 1 to 1000000000000"),
        "{:?}",
        outcome.problems
    );
}

static FRAGILE: workload::Definition = workload::Definition {
    name: "fragile",
    about: "",
    arguments: |command| command,
    parse: |_| Ok(Value::Null),
    prepare: |_, _| panic!("the decoder\nfell over"),
};

#[test]
fn a_panic_while_preparing_costs_no_other_workload() {
    let mut plan = plan(engine::default(), 1, Rounds::Exactly(1));
    let workers = plan.cases[0].workers.clone();
    let fragile = Case {
        workload: &FRAGILE,
        params: Value::Null,
        engine: engine::default(),
        workers,
        flags: Vec::new(),
    };
    plan.cases.insert(0, fragile);
    let outcome = outcome(&plan, &Silent);
    assert_eq!(outcome.measurements.len(), 2);
    let [problem] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems)
    };
    assert_eq!(
        problem.message,
        "it panicked: the decoder; fell over; please report it"
    );
}

/// Stops and continues the program as soon as a number of rounds are complete.
struct Pausing<'a>(&'a Stop, usize);

impl Observer for Pausing<'_> {
    fn observe(&self, event: &Event) {
        if matches!(event, Event::TaskAnswered { .. }) && self.1 == 0 {
            self.0
                .continued_cell()
                .store(1, std::sync::atomic::Ordering::Relaxed);
        }
        if matches!(event, Event::RoundFinished { done, .. } if *done == self.1) {
            self.0
                .continued_cell()
                .store(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

#[test]
fn a_pause_marks_the_round_that_it_was_in() {
    let marks = |rounds_before: usize| {
        let stop = Stop::new();
        let plan = plan(engine::default(), 1, Rounds::Exactly(2));
        let (clock, gauges) = (&Ticking::default(), &Scripted::default());
        let observer = &Pausing(&stop, rounds_before);
        let outcome = measure(
            &plan,
            Conditions {
                clock,
                gauges,
                stop: &stop,
                observer,
            },
        );
        let rounds = &outcome.measurements[0].rounds;
        rounds
            .iter()
            .map(|round| round.machine.stopped)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        marks(0),
        [true, false, false],
        "tasks tell their answers within the cold round"
    );
    assert_eq!(marks(1), [false; 3], "between two rounds nothing is timed");
}

#[test]
fn under_a_quota_below_the_workers_an_arm_lasts_five_periods() {
    let period = Duration::from_secs(2);
    let rounds = |cpus: f64| {
        let quota = Some(Quota {
            time: period.mul_f64(cpus),
            period,
        });
        let gauges = Scripted {
            quota,
            ..Scripted::default()
        };
        let (clock, stop) = (&Ticking::default(), &Stop::new());
        let plan = plan(engine::default(), 1, Rounds::Exactly(2));
        measure(
            &plan,
            Conditions {
                clock,
                gauges: &gauges,
                stop,
                observer: &Silent,
            },
        )
        .measurements
        .remove(1)
        .rounds
    };
    // This clock finds every look a second later, and a period is two of them.
    let below = rounds(1.5);
    assert_eq!(
        below[0].machine.passes, None,
        "a second pass would not be cold"
    );
    assert_eq!(
        below[1].machine.passes,
        Some(Passes {
            serial: 10,
            distributed: 10
        })
    );
    assert_eq!(
        (below[1].serial_s, below[1].distributed_s),
        (1.0, 1.0),
        "times are those of one pass"
    );
    assert!(
        rounds(2.0)
            .iter()
            .all(|round| round.machine.passes.is_none()),
        "it is enough for two workers"
    );
}
