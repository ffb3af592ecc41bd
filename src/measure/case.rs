//! One case: its workload prepared once, then a measurement for each number of workers.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::rounds::Rounds;
use super::session::Prepared;
use super::{Conditions, Error, Outcome};
use crate::engine;
use crate::event::Event;
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
    let mut prepared = PreparedCase { case, plan, conditions, workload, empty, answer: None };
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
        let Conditions { clock, observer, .. } = self.conditions;
        let options = self.plan.options(workers, self.conditions.stop);
        let asked = clock.now();
        let mut distributed = (self.case.engine.start)(&options)?;
        let startup = clock.since(asked);
        let mut serial = (engine::SERIAL.start)(&options)?;
        observer.observe(&Event::MeasurementStarted {
            workload: self.case.workload.name,
            engine: self.case.engine.name,
            workers: workers.get(),
        });
        distributed.prepare(&self.workload, self.conditions.stop)?;
        let mut rounds = Rounds {
            workload: &self.workload,
            empty: &self.empty,
            workers: workers.get(),
            serial: &mut *serial,
            distributed: &mut *distributed,
            conditions: self.conditions,
            answer: &mut self.answer,
            complete: Vec::new(),
        };
        let ended = rounds.run(self.plan.sampling);
        let rounds = rounds.complete;
        let placement = distributed.placement();
        distributed.shutdown();
        observer.observe(&Event::MeasurementFinished);
        // Nor does a lost engine make the rounds before it wrong.
        let stands = ended.as_ref().map_or_else(Error::keeps_rounds, |()| true) && !rounds.is_empty();
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
