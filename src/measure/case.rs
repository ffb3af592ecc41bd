//! One case: its workload prepared once, then a measurement for each number of workers.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::neighbours::Neighbours;
use super::rounds::Rounds;
use super::session::Prepared;
use super::{Conditions, Error, Outcome};
use crate::engine;
use crate::event::{Event, Observer};
use crate::plan::{Case, Plan};
use crate::results::{Measurement, Problem};
use crate::units::seconds;
use crate::workload::Shared;

/// Measures `case` and adds what came of it to `outcome`, also before an error.
pub(super) fn measure(
    case: &Case,
    plan: &Plan,
    conditions: Conditions<'_>,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let Prepared { workload, empty } = Prepared::new(case, plan, conditions)?;
    let left_out = workload.problems().into_iter();
    outcome
        .problems
        .extend(left_out.map(|message| Problem::new(case.workload.name, &case.as_typed(&message))));
    let mut prepared = PreparedCase {
        case,
        plan,
        conditions,
        workload,
        empty,
        answer: None,
    };
    for &workers in case.workers.as_slice() {
        let (measurement, ended) = prepared.measure_with(workers)?;
        outcome.measurements.extend(measurement);
        ended?;
    }
    Ok(())
}

struct PreparedCase<'a> {
    case: &'a Case,
    plan: &'a Plan,
    conditions: Conditions<'a>,
    workload: Shared,
    empty: Shared,
    /// What every arm found so far, whatever the number of workers.
    answer: Option<Value>,
}

impl PreparedCase<'_> {
    /// Starts the engine, runs the rounds, ends the engine. Returns the measurement, if it stands, and how
    /// the rounds ended: an interrupted one keeps its complete rounds, a failed one keeps nothing. `Err`
    /// means that the engine did not start.
    fn measure_with(
        &mut self,
        workers: NonZeroUsize,
    ) -> Result<(Option<Measurement>, Result<(), Error>), Error> {
        let Conditions {
            clock, observer, ..
        } = self.conditions;
        let options = self.plan.options(workers, self.conditions.stop);
        let asked = clock.now();
        let mut distributed = (self.case.engine.start)(&options)?;
        let startup = clock.since(asked);
        let mut serial = (engine::SERIAL.start)(&options)?;
        let _announcement = Announcement::of(
            observer,
            &Event::MeasurementStarted {
                workload: self.case.workload.name,
                engine: self.case.engine.name,
                workers: workers.get(),
            },
        );
        if let Err(error) = distributed.prepare(&self.workload, self.conditions.stop) {
            distributed.shutdown();
            return Ok((None, Err(error.into())));
        }

        let mut rounds = Rounds {
            workload: &self.workload,
            empty: &self.empty,
            workers: workers.get(),
            serial: &mut *serial,
            distributed: &mut *distributed,
            conditions: self.conditions,
            answer: &mut self.answer,
            neighbours: &mut Neighbours::default(),
            complete: Vec::new(),
        };
        let ended = rounds.run(self.plan.sampling);
        let rounds = rounds.complete;
        let placement = distributed.placement();
        distributed.shutdown();
        // Nor does a lost engine make the rounds before it wrong.
        let stands =
            ended.as_ref().map_or_else(Error::keeps_rounds, |()| true) && !rounds.is_empty();
        let answer = self.answer.clone().filter(|_| stands);
        let measurement = answer.map(|answer| Measurement {
            workload: self.case.workload.name.to_owned(),
            params: self.case.params.clone(),
            tasks: self.workload.tasks(),
            engine: self.case.engine.name.to_owned(),
            workers: workers.get(),
            task_bytes: self.workload.task_bytes(),
            memory_bytes: self.plan.memory,
            work: self.workload.work(),
            answer,
            startup_s: seconds(startup),
            placement,
            rounds,
        });
        Ok((measurement, ended))
    }
}

/// A measurement that was announced as started, and is announced as finished when this is dropped: also after an error
/// or a panic, or the progress bar would stay.
struct Announcement<'a>(&'a dyn Observer);

impl<'a> Announcement<'a> {
    fn of(observer: &'a dyn Observer, started: &Event) -> Self {
        observer.observe(started);
        Self(observer)
    }
}

impl Drop for Announcement<'_> {
    fn drop(&mut self) {
        self.0.observe(&Event::MeasurementFinished);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::engine::{Cluster, Engine, Pass};
    use crate::measure::{Machine, Monotonic};
    use crate::results::{Rounds as Count, Sampling};
    use crate::stop::Stop;
    use crate::units::Bytes;
    use crate::workload;

    /// An engine whose workers cannot prepare.
    struct Unprepared;

    impl Engine for Unprepared {
        fn execute(&mut self, _: &Shared, _: Pass, _: &Stop) -> Result<Vec<Value>, engine::Error> {
            panic!("nothing is executed that was not prepared")
        }

        fn prepare(&mut self, _: &Shared, _: &Stop) -> Result<(), engine::Error> {
            Err(engine::Error::Failed("the picture is gone".to_owned()))
        }

        fn shutdown(self: Box<Self>) {}
    }

    static UNPREPARED: engine::Definition = engine::Definition {
        name: "unprepared",
        about: "",
        cpus: |_, _| Ok(None),
        start: |_| Ok(Box::new(Unprepared)),
    };

    #[derive(Default)]
    struct Recorder(Mutex<Vec<&'static str>>);

    impl Observer for Recorder {
        fn observe(&self, event: &Event) {
            match event {
                Event::MeasurementStarted { .. } => self.0.lock().unwrap().push("started"),
                Event::MeasurementFinished => self.0.lock().unwrap().push("finished"),
                _ => {}
            }
        }
    }

    #[test]
    fn a_measurement_that_cannot_be_prepared_is_finished_as_well() {
        let case = Case {
            workload: workload::find("pi").unwrap(),
            params: json!({"samples": 1000, "tasks": 2, "seed": 1}),
            engine: &UNPREPARED,
            workers: "2".parse().unwrap(),
            flags: Vec::new(),
        };
        let sampling = Sampling {
            warmup: 1,
            rounds: Count::Exactly(1),
            order_seed: 0,
        };
        let plan = Plan {
            cases: vec![case],
            sampling,
            memory: Bytes(1 << 30),
            slowdown: 1.0,
            cluster: Cluster::default(),
        };
        let (clock, gauges, stop) = (Monotonic::start(), Machine::new(), Stop::new());
        let recorder = Recorder::default();
        let conditions = Conditions {
            clock: &clock,
            gauges: &gauges,
            stop: &stop,
            observer: &recorder,
        };

        let mut outcome = Outcome::default();
        let error = measure(&plan.cases[0], &plan, conditions, &mut outcome).unwrap_err();
        assert_eq!(error.to_string(), "the picture is gone");
        assert_eq!(*recorder.0.lock().unwrap(), ["started", "finished"]);
        assert_eq!(outcome.measurements, []);
    }
}
