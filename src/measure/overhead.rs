//! What a task costs on an engine: batches of tasks that do nothing, single round trips, and batches of longer and
//! longer tasks until the cost hardly matters. Timing only; what follows from it is derived in `results`.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::{Conditions, Error};
use crate::engine::{self, Cluster, Engine, Pass};
use crate::event::Event;
use crate::plan::WorkerCounts;
use crate::results::{EngineOverhead, OverheadRound, Rung, RungTimes};
use crate::stats::median;
use crate::units::{Bytes, seconds};
use crate::workload::{self, Context, Shared};

/// Seconds that a batch of tasks that do nothing should take, so that its beginning and its end vanish in it.
const BATCH_S: f64 = 0.05;
/// Seconds of all workers together that a rung of the ladder should take.
const RUNG_S: f64 = 0.02;
/// No batch is larger.
const MOST_TASKS: usize = 1_000_000;
/// A worker gets at least so many tasks of a rung, or one task more for one of them would be all that is seen.
const LEAST_EACH: usize = 8;
/// The ladder ends upwards where a task's cost is lost in it.
const HIGHEST: f64 = 0.95;
/// Or where no longer task helps: so many times what a task costs, and so many seconds.
const LONGEST: (f64, f64) = (256.0, 0.1);
/// Halvings and doublings that are not even looked at: one disturbed reading there would end the ladder at once.
const SURE: (i32, i32) = (1, 4);
/// Seconds that the steps of a task are timed for on one thread.
const CALIBRATION_S: f64 = 0.001;
/// Round trips of each kind in a round: at most so many, in about so many seconds, but not fewer than the last.
const TRIPS: (usize, f64, usize) = (1000, 0.005, 5);
/// After this long without a task every engine's workers sleep.
const REST: Duration = Duration::from_millis(1);

/// What to find out.
pub struct Question {
    /// The engines.
    pub engines: Vec<&'static engine::Definition>,
    /// Each with these numbers of workers.
    pub workers: WorkerCounts,
    /// Rounds of each.
    pub rounds: u32,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// Where the engines beyond this machine are.
    pub cluster: Cluster,
}

/// Finds out. Returns what stands, also before an error or an interruption, and an engine's errors as lines.
#[must_use]
pub fn overhead(
    question: &Question,
    conditions: Conditions<'_>,
) -> (Vec<EngineOverhead>, Vec<String>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let counts = question.workers.as_slice();
    let steps = question.engines.len() * counts.len() * question.rounds as usize;
    conditions.observer.observe(&Event::StepsStarted {
        what: "rounds",
        steps,
    });
    for (definition, &workers) in question
        .engines
        .iter()
        .flat_map(|engine| counts.iter().map(move |n| (engine, n)))
    {
        let mut rounds = Vec::new();
        match of_engine(definition, workers, question, conditions, &mut rounds) {
            Ok(()) => {}
            Err(error) if error.is_interruption() => {}
            Err(error) => {
                // What an engine did before it failed says nothing of how it works.
                problems.push(format!("{}: {error}", definition.name));
                continue;
            }
        }
        found.extend(rounds);
        if conditions.stop.signal().is_some() {
            break;
        }
    }
    conditions.observer.observe(&Event::StepsFinished);
    (found, problems)
}

/// Starts one engine, runs the rounds and ends it.
fn of_engine(
    definition: &'static engine::Definition,
    workers: NonZeroUsize,
    question: &Question,
    conditions: Conditions<'_>,
    found: &mut Vec<EngineOverhead>,
) -> Result<(), Error> {
    let options = engine::Options {
        workers,
        most_workers: workers,
        memory: question.memory,
        cluster: &question.cluster,
        stop: conditions.stop,
    };
    let asked = conditions.clock.now();
    let engine = (definition.start)(&options)?;
    let startup_s = seconds(conditions.clock.since(asked));
    let context = Context {
        stop: conditions.stop,
        observer: conditions.observer,
        workers,
        memory: question.memory,
    };
    let mut probe = Probe {
        engine,
        workers: workers.get(),
        conditions,
        context,
    };
    let measured = probe.ladder().map(|ladder| {
        let mut complete = Vec::new();
        let ended = probe.rounds(&ladder, question.rounds, &mut complete);
        (ladder, complete, ended)
    });
    probe.engine.shutdown();
    let (Ladder { batch_tasks, rungs }, complete, ended) = measured?;
    let named = (definition.name, workers.get());
    found.extend(EngineOverhead::of(
        named,
        startup_s,
        batch_tasks,
        rungs,
        complete,
    ));
    ended
}

/// An engine under test.
struct Probe<'a> {
    engine: Box<dyn Engine>,
    workers: usize,
    conditions: Conditions<'a>,
    context: Context<'a>,
}

/// The batches that every round runs.
struct Ladder {
    batch_tasks: usize,
    rungs: Vec<Rung>,
}

impl Probe<'_> {
    fn busy(&self, tasks: usize, steps: u64) -> Result<Shared, Error> {
        Ok((workload::BUSY.prepare)(
            json!({ "tasks": tasks, "steps": steps }),
            &self.context,
        )?)
    }

    /// Seconds that the engine takes for all tasks of `workload`.
    fn time(&mut self, workload: &Shared) -> Result<f64, Error> {
        let Conditions { clock, stop, .. } = self.conditions;
        let began = clock.now();
        let done = self.engine.execute(workload, Pass::Work, stop);
        let took = seconds(clock.since(began));
        // Or the engine would keep an account of all tasks ever.
        self.engine.take_busy();
        done?;
        Ok(took.max(f64::MIN_POSITIVE))
    }

    /// Seconds of one step of arithmetic on this thread.
    fn step(&self) -> Result<f64, Error> {
        let Conditions { clock, stop, .. } = self.conditions;
        let (mut steps, mut took) = (1 << 12, 0.0);
        while took < CALIBRATION_S && steps < 1 << 40 {
            steps *= 2;
            let task = self.busy(1, steps)?;
            let began = clock.now();
            task.task(0, stop)?;
            took = seconds(clock.since(began));
        }
        Ok(took.max(f64::MIN_POSITIVE) / steps as f64)
    }

    /// Finds batches that take long enough, from tasks that are lost in their cost to tasks that hide it.
    fn ladder(&mut self) -> Result<Ladder, Error> {
        let (batch_tasks, cost) = self.batch()?;
        let step = self.step()?;
        // Well below the point where the engine is as fast as the loop.
        let lowest = f64::min(0.25, 0.5 / self.workers as f64);
        let mut rungs = Vec::new();
        for halvings in 0.. {
            let rung = self.rung(cost / 2_f64.powi(halvings), cost, step);
            if rungs
                .last()
                .is_some_and(|last: &Rung| last.steps == rung.steps)
            {
                break;
            }
            rungs.push(rung);
            if halvings >= SURE.0 && self.efficiency(rung)? < lowest {
                break;
            }
        }
        rungs.reverse();
        for doublings in 1.. {
            let work = cost * 2_f64.powi(doublings);
            let rung = self.rung(work, cost, step);
            rungs.push(rung);
            let longest = work > cost * LONGEST.0 || work > LONGEST.1;
            if longest || (doublings >= SURE.1 && self.efficiency(rung)? > HIGHEST) {
                break;
            }
        }
        Ok(Ladder { batch_tasks, rungs })
    }

    /// How many tasks that do nothing make a batch, and what each costs a worker, in seconds.
    fn batch(&mut self) -> Result<(usize, f64), Error> {
        let mut tasks = 16 * self.workers;
        loop {
            let batch = self.busy(tasks, 0)?;
            // Twice, or a stall would look like a batch that is large enough.
            let took = f64::min(self.time(&batch)?, self.time(&batch)?);
            if took >= BATCH_S / 2.0 || tasks >= MOST_TASKS {
                return Ok((tasks, took * self.workers as f64 / tasks as f64));
            }
            tasks = (tasks * 4).min(MOST_TASKS);
        }
    }

    fn rung(&self, work: f64, cost: f64, step: f64) -> Rung {
        let tasks = whole(RUNG_S * self.workers as f64 / (work + cost))
            .clamp(LEAST_EACH * self.workers, MOST_TASKS);
        Rung {
            steps: whole(work / step).max(1) as u64,
            tasks: tasks.next_multiple_of(self.workers).min(MOST_TASKS),
        }
    }

    fn efficiency(&mut self, rung: Rung) -> Result<f64, Error> {
        let RungTimes { work_s, wall_s } = self.times(rung)?;
        Ok(rung.tasks as f64 * work_s / (self.workers as f64 * wall_s))
    }

    /// The rung's task on one thread, and right after it the rung on the engine.
    fn times(&mut self, rung: Rung) -> Result<RungTimes, Error> {
        let batch = self.busy(rung.tasks, rung.steps)?;
        let work_s = self.step()? * rung.steps as f64;
        Ok(RungTimes {
            work_s,
            wall_s: self.time(&batch)?,
        })
    }

    /// Runs so many rounds, as far as it gets.
    fn rounds(
        &mut self,
        ladder: &Ladder,
        count: u32,
        complete: &mut Vec<OverheadRound>,
    ) -> Result<(), Error> {
        for number in 0..count {
            complete.push(self.round(ladder, number % 2 == 1)?);
            self.conditions.observer.observe(&Event::StepDone);
        }
        Ok(())
    }

    /// Everything once, the ladder downwards in every second round: so a machine that gets slower or faster
    /// meanwhile bends no curve.
    fn round(&mut self, ladder: &Ladder, downwards: bool) -> Result<OverheadRound, Error> {
        let empty = self.busy(ladder.batch_tasks, 0)?;
        let task_s = self.time(&empty)? / ladder.batch_tasks as f64;
        let spinning_s = self.trips(Duration::ZERO)?;
        let parked_s = self.trips(REST)?;
        let mut order: Vec<&Rung> = ladder.rungs.iter().collect();
        if downwards {
            order.reverse();
        }
        let mut rungs = order
            .into_iter()
            .map(|&rung| self.times(rung))
            .collect::<Result<Vec<_>, _>>()?;
        if downwards {
            rungs.reverse();
        }
        Ok(OverheadRound {
            task_s,
            spinning_s,
            parked_s,
            rungs,
        })
    }

    /// The median of some round trips of one task that does nothing, each after this much rest.
    fn trips(&mut self, rest: Duration) -> Result<f64, Error> {
        let one = self.busy(1, 0)?;
        let (most, enough, least) = TRIPS;
        let mut trips = Vec::new();
        let mut spent = 0.0;
        // The first one wakes the workers.
        self.time(&one)?;
        while trips.len() < least || (trips.len() < most && spent < enough) {
            if !rest.is_zero() {
                thread::sleep(rest);
            }
            let took = self.time(&one)?;
            spent += took + seconds(rest);
            trips.push(took);
        }
        Ok(median(&trips).unwrap_or_default())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at both ends"
)]
fn whole(value: f64) -> usize {
    value.round() as usize
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::event::{Observer, Silent};
    use crate::measure::{Machine, Monotonic};
    use crate::stop::Stop;

    fn ask(
        engine: &'static engine::Definition,
        observer: &dyn Observer,
        stop: &Stop,
    ) -> (Vec<EngineOverhead>, Vec<String>) {
        let question = Question {
            engines: vec![engine],
            workers: "2".parse().unwrap(),
            rounds: 3,
            memory: Bytes(1 << 30),
            cluster: Cluster::default(),
        };
        overhead(
            &question,
            Conditions {
                clock: &Monotonic::start(),
                gauges: &Machine::new(),
                stop,
                observer,
            },
        )
    }

    #[test]
    fn every_round_has_every_rung_and_the_ladder_rises() {
        let (found, problems) = ask(engine::default(), &Silent, &Stop::new());
        assert_eq!(problems, Vec::<String>::new());
        let [pool] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (pool.engine.as_str(), pool.workers, pool.rounds.len()),
            ("pool", 2, 3)
        );
        assert!(pool.rungs.len() >= 6, "{:?}", pool.rungs);
        assert!(
            pool.rungs
                .windows(2)
                .all(|pair| pair[0].steps < pair[1].steps),
            "{:?}",
            pool.rungs
        );
        assert!(
            pool.rungs
                .iter()
                .all(|rung| rung.tasks % 2 == 0 && rung.tasks >= 16),
            "{:?}",
            pool.rungs
        );
        for round in &pool.rounds {
            assert_eq!(round.rungs.len(), pool.rungs.len());
            let times = [round.task_s, round.spinning_s, round.parked_s];
            assert!(times.iter().all(|&time| time > 0.0), "{round:?}");
        }
    }

    /// Raises the flag as soon as a round is complete.
    struct Impatient<'a>(&'a Stop, AtomicUsize);

    impl Observer for Impatient<'_> {
        fn observe(&self, event: &Event) {
            if *event == Event::StepDone {
                self.1.fetch_add(1, Ordering::Relaxed);
                self.0.raise(2);
            }
        }
    }

    #[test]
    fn an_interruption_keeps_the_complete_rounds() {
        let stop = Stop::new();
        let impatient = Impatient(&stop, AtomicUsize::new(0));
        let (found, problems) = ask(engine::default(), &impatient, &stop);
        assert_eq!((found[0].rounds.len(), problems.len()), (1, 0));
        assert_eq!(impatient.1.into_inner(), 1);
        let (found, problems) = ask(engine::default(), &Silent, &stop);
        assert_eq!(
            (found.len(), problems.len()),
            (0, 0),
            "nothing is complete, and that is no problem"
        );
    }

    static BROKEN: engine::Definition = engine::Definition {
        name: "broken",
        about: "Never starts.",
        cpus: |_, _| Ok(None),
        start: |_| Err(engine::Error::Failed("it is out of order".to_owned())),
    };

    #[test]
    fn an_engine_that_fails_is_a_line_and_no_figure() {
        let (found, problems) = ask(&BROKEN, &Silent, &Stop::new());
        assert_eq!(
            (found.len(), problems),
            (0, vec!["broken: it is out of order".to_owned()])
        );
    }
}
