//! A plan of `overhead`: for each engine a ladder of cases of `busy`, from empty tasks to tasks
//! with so much work that their cost hardly matters. What is reported is measured after it was
//! found, like any other plan.

use super::probe::Probe;
use super::{Conditions, Error};
use crate::event::Event;
use crate::failure::Failure;
use crate::plan::{Case, Plan};
use crate::results::{BUSY, Problem};

/// A plan whose cases are ladders, and the engines that have none because they failed.
pub struct Ladders {
    /// The plan.
    pub plan: Plan,
    /// What failed.
    pub problems: Vec<Problem>,
}

/// `plan`, in which each case of `busy` is replaced by a ladder of cases for each of its engines,
/// beside the reference. An interruption leaves the ladders that are complete.
#[must_use]
pub fn ladders(plan: &Plan, conditions: Conditions<'_>) -> Ladders {
    let observer = conditions.observer;
    let engines: Vec<Case> = plan.cases.iter().flat_map(by_engine).collect();
    let mut cases = Vec::new();
    let mut problems = Vec::new();

    observer.observe(&Event::StepsStarted {
        what: "finding batches",
        steps: engines.len(),
    });
    for case in &engines {
        match ladder(case, plan, conditions) {
            Ok(ladder) => cases.extend(ladder),
            Err(error) if error.is_interruption() => break,
            Err(error) => problems.push(problem(case, &error)),
        }
        observer.observe(&Event::StepDone);
    }
    observer.observe(&Event::StepsFinished);

    Ladders {
        plan: Plan {
            cases,
            ..plan.clone()
        },
        problems,
    }
}

/// What `error` says of the one engine of `case`.
fn problem(case: &Case, error: &Error) -> Problem {
    let engine = case.others().map(|arm| arm.engine.name()).next();
    let failure = error.failure();
    let message = format!("on {}: {}", engine.unwrap_or_default(), failure.message);

    Problem::new(BUSY, Failure { message, ..failure })
}

/// `case` for each of its engines by itself.
fn by_engine(case: &Case) -> Vec<Case> {
    let reference = case.reference_arm();
    let engines = case.engines().into_iter().map(|arm| arm.engine);
    let others = engines.filter(|engine| engine.name() != reference.engine.name());

    let alone = others.map(|engine| {
        let arms = case
            .others()
            .filter(|arm| arm.engine.name() == engine.name());
        let arms = std::iter::once(reference).chain(arms).cloned().collect();
        Case {
            arms,
            reference: 0,
            ..case.clone()
        }
    });
    alone.collect()
}

/// The ladder of the one engine of `case`.
fn ladder(case: &Case, plan: &Plan, conditions: Conditions<'_>) -> Result<Vec<Case>, Error> {
    let batches = Probe::start(case, plan, conditions)?.batches()?;

    let cases = batches.into_iter().map(|params| Case {
        params,
        ..case.clone()
    });
    Ok(cases.collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::{self, Cluster, Definition, Engine, Options};
    use crate::event::Silent;
    use crate::measure::probe::parameters;
    use crate::measure::{Machine, Monotonic};
    use crate::plan::Choice;
    use crate::plan::Scaling;
    use crate::results::WORTH;
    use crate::results::{Rounds, Sampling, Shape};
    use crate::stop::Stop;
    use crate::units::Bytes;
    use crate::workload;

    fn find(engines: &[Arc<dyn Definition>], workers: &str, stop: &Stop) -> Ladders {
        let cluster = Cluster::default();
        let workers = workers.parse().unwrap();
        let choice = Choice {
            engines_are_chosen: true,
            engines,
            workers: &workers,
            workers_are_chosen: true,
            scaling: Scaling::Strong,
            cluster: &cluster,
        };
        let params = parameters(Shape::Batch, 1, 0);
        let plan = Plan {
            cases: Case::all_of(&workload::busy(), &params, choice).unwrap(),
            sampling: Sampling {
                warmup: 1,
                rounds: Rounds::Exactly(6),
                order_seed: 0,
            },
            memory: Bytes(1 << 30),
            worth: WORTH,
            slowdown: 1.0,
            store_spans: false,
            cluster: Cluster::default(),
            left_out: Vec::new(),
        };

        let (clock, gauges) = (Monotonic::start(), Machine::new());
        ladders(
            &plan,
            Conditions {
                clock: &clock,
                gauges: &gauges,
                stop,
                observer: &Silent,
            },
        )
    }

    fn pool() -> Arc<dyn Definition> {
        engine::built_in().default_engine()
    }

    #[test]
    fn a_ladder_has_every_shape_and_rises() {
        let Ladders { plan, problems } = find(&[pool()], "1,2", &Stop::new());
        assert_eq!(problems, []);
        for case in &plan.cases {
            assert_eq!(case.labels(), ["serial", "pool 1", "pool 2"]);
        }

        let shape = |case: &Case| case.params["shape"].as_str().unwrap().to_owned();
        let steps = |case: &Case| case.params["steps"].as_u64().unwrap();
        let tasks = |case: &Case| case.params["tasks"].as_u64().unwrap();
        let (empty, rungs) = plan.cases.split_at(3);
        let shapes: Vec<String> = empty.iter().map(shape).collect();
        assert_eq!(shapes, ["batch", "awake", "asleep"]);
        assert!(empty.iter().all(|case| steps(case) == 0));

        assert!(rungs.len() >= 6, "{}", rungs.len());
        assert!(
            rungs
                .windows(2)
                .all(|pair| steps(&pair[0]) < steps(&pair[1]))
        );
        assert!(rungs.iter().all(|case| shape(case) == "batch"));
        assert!(
            rungs
                .iter()
                .all(|case| tasks(case) % 2 == 0 && tasks(case) >= 16)
        );
    }

    #[test]
    fn an_interruption_is_no_problem() {
        let stop = Stop::new();
        stop.raise(2);
        let Ladders { plan, problems } = find(&[pool()], "2", &stop);
        assert_eq!((plan.cases.len(), problems.len()), (0, 0));
    }

    struct Broken;

    impl Definition for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }

        fn about(&self) -> &'static str {
            "Never starts"
        }

        fn start(&self, _options: &Options<'_>) -> Result<Box<dyn Engine>, engine::Error> {
            Err(engine::Error::failed("it is out of order"))
        }
    }

    #[test]
    fn an_engine_that_fails_is_a_problem_and_the_next_one_has_its_ladder() {
        let Ladders { plan, problems } = find(&[Arc::new(Broken), pool()], "1", &Stop::new());
        assert_eq!(
            problems,
            [Problem::new(
                BUSY,
                Failure::new("on broken: it is out of order")
            )]
        );
        assert!(!plan.cases.is_empty());
        for case in &plan.cases {
            assert_eq!(case.labels(), ["serial", "pool 1"]);
        }
    }
}
