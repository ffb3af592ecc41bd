//! Measuring through the library, with a clock and an engine that the test scripts.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use parbench::engine::{Definition, Engine, Error, Pass};
use parbench::event::{Event, Observer, Silent};
use parbench::measure::{Clock, Conditions, Outcome, measure};
use parbench::plan::{Case, Plan, Rounds, Sampling, WorkerCounts};
use parbench::results::Order;
use parbench::stop::Stop;
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

fn plan(engine: &'static Definition, warmup: u32, rounds: Rounds) -> Plan {
    let case = Case {
        workload: workload::find("pi").unwrap(),
        params: json!({"samples": 100, "tasks": 3, "seed": 1}),
        engine,
        workers: "1,2".parse::<WorkerCounts>().unwrap(),
        flags: Vec::new(),
    };
    Plan { cases: vec![case], sampling: Sampling { warmup, rounds }, memory: Bytes(1 << 30) }
}

fn outcome(plan: &Plan, observer: &dyn Observer) -> Outcome {
    measure(plan, Conditions { clock: &Ticking::default(), stop: &Stop::new(), observer })
}

#[test]
fn rounds_alternate_and_the_first_is_cold() {
    let outcome = outcome(&plan(engine::default(), 2, Rounds::Exactly(3)), &Silent);
    assert!(outcome.problems.is_empty() && !outcome.interrupted);
    assert_eq!(outcome.measurements.len(), 2, "one for each number of workers");
    for (measurement, workers) in outcome.measurements.iter().zip([1, 2]) {
        assert_eq!((measurement.workers, measurement.tasks), (workers, 3));
        assert_eq!(measurement.startup_s, 1.0);
        let rounds = &measurement.rounds;
        assert_eq!(rounds.iter().map(|round| round.cold).collect::<Vec<_>>(), [true, false, false, false]);
        // The second of the two warm-up rounds is not stored: it is neither cold nor counted.
        let orders: Vec<_> = rounds.iter().map(|round| round.order).collect();
        let (serial, distributed) = (Order::SerialFirst, Order::DistributedFirst);
        assert_eq!(orders, [serial, serial, distributed, serial]);
        assert!(rounds.iter().all(|round| round.serial_s == 1.0 && round.distributed_s == 1.0));
        assert_eq!(measurement.answer["samples"], 300);
    }
}

#[test]
fn without_warm_up_the_cold_round_is_one_of_those_asked_for() {
    let outcome = outcome(&plan(engine::default(), 0, Rounds::Exactly(2)), &Silent);
    let rounds = &outcome.measurements[0].rounds;
    assert_eq!(rounds.iter().map(|round| round.cold).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn rounds_go_on_until_the_time_is_spent() {
    // A round takes this clock five looks: one second for each arm's start and end, and one for the total;
    // one more is at the end of the warm-up.
    let rounds = Rounds::Until { min: 2, time: Duration::from_secs(20) };
    let long = outcome(&plan(engine::default(), 1, rounds), &Silent);
    let rounds = Rounds::Until { min: 2, time: Duration::ZERO };
    let short = outcome(&plan(engine::default(), 1, rounds), &Silent);
    assert_eq!(short.measurements[0].rounds.len(), 3, "the cold round and the least even number");
    assert_eq!(long.measurements[0].rounds.len(), 5, "the cold round and four of five seconds");
}

/// An engine that does the work, and then says something else from its second call on.
struct Liar(u32);

static LIAR: Definition = Definition { name: "liar", about: "", start: |_| Ok(Box::new(Liar(0))) };

impl Engine for Liar {
    fn execute(&mut self, workload: &Shared, _: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        self.0 += 1;
        let honest: Result<Vec<_>, _> =
            (0..workload.tasks()).map(|index| workload.task(index, stop)).collect();
        let mut partials = honest?;
        if self.0 > 2 {
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
    let [problem] = &outcome.problems[..] else { panic!("{:?}", outcome.problems) };
    assert_eq!(problem.workload, "pi");
    let expected = "the distributed answer of round 2 differs from the first one: answer.inside[1] is ";
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
    let outcome = measure(&plan, Conditions { clock: &Ticking::default(), stop: &stop, observer: &observer });
    assert!(outcome.interrupted && outcome.problems.is_empty());
    assert_eq!(outcome.measurements.len(), 1, "the second number of workers is not begun");
    assert_eq!(outcome.measurements[0].rounds.len(), 3);
    let events = observer.2.into_inner().unwrap();
    let told = |arm: event::Arm| {
        events
            .iter()
            .filter(|event| matches!(event, Event::TaskAnswered { arm: of, .. } if *of == arm))
            .count()
    };
    assert_eq!((told(event::Arm::Serial), told(event::Arm::Distributed)), (3, 3), "each task, once an arm");
    assert_eq!(events.last(), Some(&Event::MeasurementFinished));
}

#[test]
fn stored_parameters_that_do_not_fit_are_a_problem_of_their_workload() {
    let mut plan = plan(engine::default(), 1, Rounds::Exactly(1));
    plan.cases[0].params = json!({"samples": 0, "tasks": 3, "seed": 1});
    let outcome = outcome(&plan, &Silent);
    assert!(outcome.measurements.is_empty());
    assert!(outcome.problems[0].message.contains("from 1 to 1000000000000"), "{:?}", outcome.problems);
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
    let [problem] = &outcome.problems[..] else { panic!("{:?}", outcome.problems) };
    assert_eq!(problem.message, "it panicked: the decoder; fell over; please report it");
}
