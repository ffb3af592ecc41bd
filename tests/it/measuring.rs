//! Measuring through the library, with a clock and an engine that the test scripts.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parbench::engine::{self, Batch, Cluster, Definition, Engine, Error, Options};
use parbench::event::{Event, Observer, Silent};
use parbench::machine::cgroup::Quota;
use parbench::machine::{Counters, CpuTimes, ProcessorTime};
use parbench::measure::{Clock, Conditions, Gauges, Outcome, measure};
use parbench::plan::{Case, Choice, Plan, Scaling};
use parbench::results::{
    Arm, Calibration, Granted, Measurement, Precision, Rounds, Sampling, Span, Stream, WORTH,
};
use parbench::stop::Stop;
use parbench::threads::Refused;
use parbench::units::Bytes;
use parbench::workload::{self, Context, Shared};
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

    fn calibrate(&self, workers: &[usize]) -> Result<Calibration, Refused> {
        let granted = workers.iter().map(|&workers| Granted {
            workers,
            cores: workers as f64 / 2.0,
        });

        Ok(Calibration {
            arithmetic_s: 0.1,
            memory_s: 0.2,
            handoff_s: None,
            granted: granted.collect(),
            streams: Vec::new(),
        })
    }

    fn stream(&self, workers: &[usize]) -> Result<Vec<Stream>, Refused> {
        let stream = |&workers: &usize| Stream {
            workers,
            update_s: 0.3,
            write_s: 0.4,
        };
        Ok(workers.iter().map(stream).collect())
    }

    fn quota(&self) -> Option<Quota> {
        self.quota
    }
}

/// A plan of `pi` on `engine` with these numbers of workers.
fn plan(engine: Arc<dyn Definition>, workers: &str, warmup: u32, rounds: Rounds) -> Plan {
    let cluster = Cluster::default();
    let choice = Choice {
        engines: &[engine],
        engines_are_chosen: true,
        workers_are_chosen: true,
        workers: &workers.parse().unwrap(),
        scaling: Scaling::Strong,
        cluster: &cluster,
    };
    let pi = workload::built_in().find("pi").unwrap();
    let params = json!({"samples": 100, "tasks": 3, "seed": 1});

    Plan {
        cases: Case::all_of(&pi, &params, choice).unwrap(),
        sampling: Sampling {
            warmup,
            rounds,
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

fn on_pool(workers: &str, warmup: u32, rounds: Rounds) -> Plan {
    plan(engine::built_in().default_engine(), workers, warmup, rounds)
}

fn until(min_rounds: u32, max_time: Duration) -> Rounds {
    let min_time = Duration::ZERO;

    Rounds::Until(Precision {
        min_rounds,
        min_time,
        max_time,
        half_width: 0.02,
    })
}

fn measured(plan: &Plan, observer: &dyn Observer) -> Outcome {
    measured_until(plan, observer, &Stop::new(), &Scripted::default())
}

fn measured_until(
    plan: &Plan,
    observer: &dyn Observer,
    stop: &Stop,
    gauges: &dyn Gauges,
) -> Outcome {
    let clock = &Ticking::default();

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

fn orders(measurement: &Measurement) -> Vec<Vec<usize>> {
    measurement
        .rounds
        .iter()
        .map(|round| round.order.clone())
        .collect()
}

fn colds(measurement: &Measurement) -> Vec<bool> {
    measurement.rounds.iter().map(|round| round.cold).collect()
}

#[test]
fn a_round_has_every_arm_and_the_blocks_are_mirrored() {
    let outcome = measured(&on_pool("1,2", 2, Rounds::Exactly(3)), &Silent);
    assert!(outcome.problems.is_empty() && !outcome.interrupted);

    let [measurement] = &outcome.measurements[..] else {
        panic!("{:?}", outcome.measurements)
    };
    let labels: Vec<String> = measurement.arms.iter().map(Arm::label).collect();
    assert_eq!(labels, ["serial", "pool 1", "pool 2"]);
    assert_eq!((measurement.reference, measurement.tasks), (0, 3));
    assert_eq!(measurement.arms[1].startup_s, 1.0);
    assert_eq!(
        measurement.arms[2].startup_s, 1.0,
        "both arms share one started engine"
    );
    assert_eq!(measurement.answer["samples"], 300);

    // The second of the two warm-up rounds is not stored: it is neither cold nor counted.
    assert_eq!(colds(measurement), [true, false, false, false]);
    let orders = orders(measurement);
    assert_eq!(orders[0], [0, 1, 2]);
    let mut mirrored = orders[2].clone();
    mirrored.reverse();
    assert_eq!(orders[1], mirrored);
    for round in &measurement.rounds {
        assert!(
            round.times.iter().all(|time| time.wall_s == 1.0),
            "{round:?}"
        );
    }
}

#[test]
fn without_warm_up_the_cold_round_is_one_of_those_asked_for() {
    let outcome = measured(&on_pool("2", 0, Rounds::Exactly(2)), &Silent);
    assert_eq!(colds(&outcome.measurements[0]), [true, false]);
}

#[test]
fn steady_rounds_are_even_also_without_warm_up() {
    for warmup in [0, 1, 2] {
        let outcome = measured(&on_pool("2", warmup, until(5, Duration::ZERO)), &Silent);
        let measurement = &outcome.measurements[0];
        assert_eq!(
            measurement.rounds.len(),
            7,
            "cold and six, with a warm-up of {warmup}"
        );

        let serial_first = measurement
            .steady()
            .filter(|round| round.order[0] == 0)
            .count();
        assert_eq!((measurement.steady().count(), serial_first), (6, 3));
    }
}

#[test]
fn an_exact_odd_number_is_run_and_its_last_round_left_out() {
    let outcome = measured(&on_pool("2", 1, Rounds::Exactly(5)), &Silent);
    let measurement = &outcome.measurements[0];
    assert_eq!(
        (measurement.rounds.len(), measurement.steady().count()),
        (6, 4)
    );
    let summary = measurement.pairs().next().unwrap().summary().unwrap();
    assert_eq!(summary.steady_rounds, 4);
}

#[test]
fn rounds_go_on_until_the_time_of_all_arms_is_spent() {
    // A round takes this clock nine looks: its start and end, two each for a batch of empty tasks (a
    // second is too long for another) and both arms, and one for the total; one more is at the end
    // of the warm-up.
    let rounds = |seconds| {
        let plan = on_pool("2", 1, until(2, Duration::from_secs(seconds)));
        measured(&plan, &Silent).measurements[0].rounds.len()
    };
    assert_eq!(rounds(0), 3, "the cold round and the least even number");
    assert_eq!(
        rounds(15),
        5,
        "the cold round and four of nine seconds: 15 for each of two arms"
    );
    assert_eq!(
        rounds(1000),
        7,
        "equal times: six rounds give an interval without any width"
    );
}

#[test]
fn memory_is_calibrated_where_tasks_hold_more_than_the_caches() {
    let streams = |size: usize| {
        let fib = workload::built_in().find("fib").unwrap();
        let params = json!({"size": size, "tasks": 1, "keep": "all"});
        let mut plan = on_pool("2", 1, Rounds::Exactly(2));
        plan.cases[0] = Case {
            workload: fib,
            params,
            ..plan.cases[0].clone()
        };
        let outcome = measured(&plan, &Silent);
        outcome.measurements[0].rounds[0].calibration.streams.len()
    };

    // 14,000 terms of half of 9,720 bits each are 8.5 MB, and 1,000 a hundredth of that.
    assert_eq!((streams(14_000), streams(1_000)), (1, 0));
}

#[test]
fn a_round_says_what_the_machine_did_meanwhile() {
    let outcome = measured(&on_pool("1", 1, Rounds::Exactly(2)), &Silent);
    let round = &outcome.measurements[0].rounds[0];
    assert_eq!(round.calibration.memory_s, 0.2);
    assert_eq!(round.calibration.granted_to(1), Some(0.5));
    assert_eq!(
        round.times[0].dispatch_s, None,
        "an empty task means nothing in the plain loop"
    );
    assert_eq!(round.times[1].dispatch_s, Some(1.0 / 256.0));

    // A tenth of a second in the seven seconds from the round's first look at the clock to its last.
    let machine = &round.machine;
    assert!(
        (machine.steal.unwrap() - 0.1 / 7.0 / 4.0).abs() < 1e-9,
        "{round:?}"
    );
    let others = machine.other_programs.unwrap();
    assert!(
        (others.cores - 0.5 / 7.0).abs() < 1e-9 && others.cpus == 4,
        "{others:?}"
    );
    assert!(!machine.stopped);
    assert_eq!((machine.throttled, machine.load), (Some(0.0), Some(0.5)));

    let busy = round.times[1].busy.unwrap();
    assert!(busy.total_s >= busy.busiest_s && busy.busiest_s > 0.0);
    assert_eq!((round.times[0].passes, round.times[1].passes), (None, None));
}

#[test]
fn spans_are_stored_on_request_and_busy_time_follows_from_them() {
    let without = on_pool("2", 1, Rounds::Exactly(2));
    let with = Plan {
        store_spans: true,
        ..without.clone()
    };
    let of_pool = |plan: &Plan| measured(plan, &Silent).measurements[0].rounds[1].times[1].clone();

    assert_eq!(of_pool(&without).spans, []);
    let time = of_pool(&with);
    let mut tasks: Vec<usize> = time.spans.iter().map(|span| span.task).collect();
    tasks.sort_unstable();
    assert_eq!((tasks, time.spans_left_out), (vec![0, 1, 2], 0));

    let total: f64 = time
        .spans
        .iter()
        .map(|span: &Span| span.end_s - span.start_s)
        .sum();
    assert!((time.busy.unwrap().total_s - total).abs() < 1e-12);
    assert!(
        time.spans
            .iter()
            .all(|span| span.worker < 2 && span.start_s >= 0.0)
    );
}

#[test]
fn round_trips_have_a_span_for_every_task() {
    let mut plan = on_pool("1", 1, Rounds::Exactly(2));
    plan.store_spans = true;
    for case in &mut plan.cases {
        case.workload = workload::built_in().find("busy").unwrap();
        case.params = json!({"tasks": 3, "steps": 1, "shape": "awake"});
    }
    let outcome = measured(&plan, &Silent);
    let time = &outcome.measurements[0].rounds[1].times[1];

    let tasks: Vec<usize> = time.spans.iter().map(|span| span.task).collect();
    assert_eq!(tasks.len(), 3, "{time:?}");
    assert!(
        [0, 1, 2].iter().all(|task| tasks.contains(task)),
        "{tasks:?}"
    );
    assert_eq!(
        time.wall_s, 3.0,
        "three round trips of one look at the clock each"
    );
}

/// An engine that does the work, and then says something else from its second call on.
struct Liar(u32);

struct LiarEngine;

impl Definition for LiarEngine {
    fn name(&self) -> &'static str {
        "liar"
    }

    fn about(&self) -> &'static str {
        "Lies from its second call on"
    }

    fn start(&self, _: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Liar(0)))
    }
}

impl Engine for Liar {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let Batch { workload, stop, .. } = batch;
        // Empty tasks, which show what an engine costs, are no calls that count.
        self.0 += u32::from(&*workload.spec().name == "pi");

        let honest = batch.indices().map(|index| workload.task(index, stop));
        let mut partials: Vec<Value> = honest.collect::<Result<_, _>>()?;
        if self.0 > 2 && partials.len() == 3 {
            partials[1] = json!(7);
        }
        Ok(partials)
    }

    fn shutdown(self: Box<Self>) {}
}

#[test]
fn an_arm_whose_answer_differs_is_an_error_and_never_a_row() {
    let outcome = measured(
        &plan(Arc::new(LiarEngine), "2", 0, Rounds::Exactly(5)),
        &Silent,
    );
    assert!(outcome.measurements.is_empty());

    let [problem] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems)
    };
    assert_eq!(problem.workload, "pi");
    let expected = "the liar 2 answer of round 2 differs from the first one: answer.inside[1] is ";
    assert!(
        problem.failure.message.starts_with(expected),
        "{}",
        problem.failure.message
    );
    assert!(
        problem.failure.message.ends_with(" and 7"),
        "{}",
        problem.failure.message
    );
}

/// An engine whose workers cannot prepare. It counts how often it was ended.
struct UnpreparedEngine(Arc<AtomicU32>);

struct Unprepared(Arc<AtomicU32>);

impl Definition for UnpreparedEngine {
    fn name(&self) -> &'static str {
        "unprepared"
    }

    fn about(&self) -> &'static str {
        "Never gets ready"
    }

    fn start(&self, _: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Unprepared(Arc::clone(&self.0))))
    }
}

impl Engine for Unprepared {
    fn execute(&mut self, _: &Batch<'_>) -> Result<Vec<Value>, Error> {
        panic!("nothing is executed that was not prepared")
    }

    fn prepare(&mut self, _: &Shared, _: &Stop) -> Result<(), Error> {
        Err(Error::failed("the picture is gone"))
    }

    fn shutdown(self: Box<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Keeps what it saw.
#[derive(Default)]
struct Recorder(Mutex<Vec<Event>>);

impl Observer for Recorder {
    fn observe(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[test]
fn a_measurement_that_cannot_be_prepared_is_finished_and_its_engines_are_ended() {
    let ended = Arc::new(AtomicU32::new(0));
    let engine = Arc::new(UnpreparedEngine(Arc::clone(&ended)));
    let recorder = Recorder::default();

    let outcome = measured(&plan(engine, "2", 1, Rounds::Exactly(1)), &recorder);
    assert_eq!(outcome.problems[0].failure.message, "the picture is gone");
    assert_eq!(
        (outcome.measurements.len(), ended.load(Ordering::Relaxed)),
        (0, 1)
    );

    let events = recorder.0.into_inner().unwrap();
    let [
        Event::MeasurementStarted {
            workload,
            arms,
            number: 1,
            total: 1,
        },
        last,
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((workload.as_str(), arms.len()), ("pi", 2));
    assert_eq!(*last, Event::MeasurementFinished);
}

/// Raises the flag as soon as a number of rounds are complete, and keeps what it saw.
struct Interrupter<'a>(&'a Stop, usize, Recorder);

impl Observer for Interrupter<'_> {
    fn observe(&self, event: &Event) {
        if matches!(event, Event::RoundFinished { done, .. } if *done == self.1) {
            self.0.raise(2);
        }
        self.2.observe(event);
    }
}

#[test]
fn an_interrupted_measurement_keeps_its_complete_rounds() {
    let stop = Stop::new();
    let observer = Interrupter(&stop, 3, Recorder::default());
    let mut plan = on_pool("1,2", 1, Rounds::Exactly(100));
    plan.cases.push(plan.cases[0].clone());
    let outcome = measured_until(&plan, &observer, &stop, &Scripted::default());

    assert!(outcome.interrupted && outcome.problems.is_empty());
    assert_eq!(
        outcome.measurements.len(),
        1,
        "the second measurement is not begun"
    );
    assert_eq!(outcome.measurements[0].rounds.len(), 3);

    let events = observer.2.0.into_inner().unwrap();
    let answers = |label: &str| {
        let of_arm =
            |event: &&Event| matches!(event, Event::TaskAnswered { arm, .. } if arm == label);
        events.iter().filter(of_arm).count()
    };
    let counts = ["serial", "pool 1", "pool 2"].map(answers);
    assert_eq!(counts, [3, 3, 3], "each task, once an arm");
    assert_eq!(events.last(), Some(&Event::MeasurementFinished));
}

#[test]
fn stored_parameters_that_do_not_fit_are_a_problem_of_their_workload() {
    let mut plan = on_pool("2", 1, Rounds::Exactly(1));
    plan.cases[0].params = json!({"samples": 0, "tasks": 3, "seed": 1});
    let outcome = measured(&plan, &Silent);
    assert!(outcome.measurements.is_empty());
    let message = &outcome.problems[0].failure.message;
    assert!(message.contains("from 1 to 1000000000000"), "{message}");
}

struct Fragile;

impl workload::Definition for Fragile {
    fn name(&self) -> &'static str {
        "fragile"
    }

    fn about(&self) -> &'static str {
        "Panics while it is prepared"
    }

    fn arguments(&self, command: clap::Command) -> clap::Command {
        command
    }

    fn parse(&self, _: &clap::ArgMatches) -> Result<Value, clap::Error> {
        Ok(Value::Null)
    }

    fn prepare(&self, _: Value, _: &Context<'_>) -> Result<Shared, workload::Error> {
        panic!("the decoder\nfell over")
    }
}

#[test]
fn a_panic_while_preparing_costs_no_other_workload() {
    let mut plan = on_pool("2", 1, Rounds::Exactly(1));
    let fragile = Case {
        workload: Arc::new(Fragile),
        params: Value::Null,
        ..plan.cases[0].clone()
    };
    plan.cases.insert(0, fragile);
    let outcome = measured(&plan, &Silent);
    assert_eq!(outcome.measurements.len(), 1);

    let [problem] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems)
    };
    assert_eq!(
        problem.failure.message,
        "it panicked: the decoder; fell over; please report it"
    );
}

/// Stops and continues the program as soon as a number of rounds are complete.
struct Pausing<'a>(&'a Stop, usize);

impl Observer for Pausing<'_> {
    fn observe(&self, event: &Event) {
        let is_moment = match event {
            Event::TaskAnswered { .. } => self.1 == 0,
            Event::RoundFinished { done, .. } => *done == self.1,
            _ => false,
        };
        if is_moment {
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
        let plan = on_pool("2", 1, Rounds::Exactly(2));
        let observer = Pausing(&stop, rounds_before);
        let outcome = measured_until(&plan, &observer, &stop, &Scripted::default());

        let rounds = outcome.measurements[0].rounds.iter();
        rounds
            .map(|round| round.machine.stopped)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        marks(0),
        [true, false, false],
        "tasks answer within the cold round"
    );
    assert_eq!(marks(1), [false; 3], "between two rounds nothing is timed");
}

#[test]
fn under_a_quota_below_the_workers_an_arm_lasts_five_periods() {
    let period = Duration::from_secs(2);
    let times = |cpus: f64| {
        let quota = Some(Quota {
            time: period.mul_f64(cpus),
            period,
        });
        let gauges = Scripted {
            quota,
            ..Scripted::default()
        };
        let plan = on_pool("2", 1, Rounds::Exactly(2));
        let mut outcome = measured_until(&plan, &Silent, &Stop::new(), &gauges);

        let rounds = outcome.measurements.remove(0).rounds.into_iter();
        rounds.map(|round| round.times).collect::<Vec<_>>()
    };

    // This clock finds every look a second later, and a period is two of them.
    let below = times(1.5);
    let passes = |round: usize| (below[round][0].passes, below[round][1].passes);
    assert_eq!(passes(0), (None, None), "a second pass would not be cold");
    assert_eq!(passes(1), (Some(10), Some(10)));
    assert_eq!(below[1][0].wall_s, 1.0, "times are those of one pass");

    let enough = times(2.0);
    assert!(
        enough.iter().flatten().all(|time| time.passes.is_none()),
        "two workers have enough"
    );
}

#[test]
fn memory_is_shared_among_the_engines_of_a_case() {
    let engines = engine::built_in();
    let cluster = Cluster::default();
    let choice = Choice {
        engines_are_chosen: true,
        workers_are_chosen: true,
        engines: &[
            engines.find("pool").unwrap(),
            engines.find("process").unwrap(),
        ],
        workers: &"1".parse().unwrap(),
        scaling: Scaling::Strong,
        cluster: &cluster,
    };
    let plan = on_pool("1", 1, Rounds::Exactly(1));
    let pi = workload::built_in().find("pi").unwrap();
    let cases = Case::all_of(&pi, &json!({}), choice).unwrap();

    assert_eq!(
        plan.memory_of(&plan.cases[0]),
        plan.memory,
        "the loop and the pool keep it in one process"
    );
    assert_eq!(plan.memory_of(&cases[0]), Bytes(plan.memory.0 / 2));
    assert_eq!(cases[0].engines()[2].workers, NonZeroUsize::MIN);
}
