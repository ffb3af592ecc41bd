//! The workload `busy`: tasks of a known amount of arithmetic, or of none, so that running them on
//! an engine shows what the engine itself costs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Context, Definition, Error, Pace, Shared, Tasks, Workload, definition};
use crate::results::{BUSY, Shape, Work};
use crate::stop::Stop;
use crate::units::Bounded;

/// Steps between two looks at the stop flag: about 0.1 ms.
const UNTIL_LOOK: u64 = 1 << 16;
/// After this long without a task every engine's workers sleep.
const REST: Duration = Duration::from_millis(1);

/// How many tasks, how long they are, and how they follow one another.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Equal tasks: 1 to 1000000
    #[arg(long, value_name = "N", default_value = "512")]
    tasks: Tasks,
    /// Steps of arithmetic in each, every one of which needs the one before
    #[arg(long, value_name = "N", default_value = "0")]
    steps: Bounded<0, 1_000_000_000_000>,
    /// All tasks at once, or one by one: with workers that are still awake, or fell asleep
    #[arg(long, value_name = "SHAPE", value_enum, default_value_t)]
    #[serde(default)]
    shape: Shape,
}

/// The workload, ready to run.
pub(super) struct Busy {
    tasks: usize,
    steps: u64,
    shape: Shape,
}

/// The workload's definition, which every worker knows.
#[must_use]
pub fn busy() -> Arc<dyn Definition> {
    definition::<Busy>()
}

/// `count` tasks that do nothing, to see what running them costs an engine.
pub fn empty_tasks(count: u32, context: &Context<'_>) -> Result<Shared, Error> {
    busy().prepare(json!({ "tasks": count, "steps": 0 }), context)
}

impl ValueEnum for Shape {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Batch, Self::Awake, Self::Asleep]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Batch => "batch",
            Self::Awake => "awake",
            Self::Asleep => "asleep",
        }))
    }
}

impl Workload for Busy {
    const NAME: &'static str = BUSY;
    const ABOUT: &'static str = "Tasks of some arithmetic, or of none: the engine's own cost";
    const BELONGS_TO_ALL: bool = false;
    type Params = Params;
    type Partial = ();
    type Answer = ();

    fn prepare(params: Params, _context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self {
            tasks: params.tasks.count(),
            steps: params.steps.get(),
            shape: params.shape,
        })
    }

    fn tasks(&self) -> usize {
        self.tasks
    }

    fn work(&self) -> Work {
        Work {
            amount: self.tasks as u64,
            unit: "tasks".to_owned(),
        }
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        let mut left = self.steps;
        let mut state = index as u64;

        while left > 0 {
            let steps = left.min(UNTIL_LOOK);
            state = chain(state, steps);
            left -= steps;
            stop.check()?;
        }
        black_box(state);
        Ok(())
    }

    fn pace(&self) -> Pace {
        match self.shape {
            Shape::Batch => Pace::Together,
            Shape::Awake => Pace::OneByOne {
                rest: Duration::ZERO,
            },
            Shape::Asleep => Pace::OneByOne { rest: REST },
        }
    }

    fn combine(&self, _nothing: Vec<()>) -> Result<(), Error> {
        Ok(())
    }

    fn describe(&self, _index: usize, _nothing: &()) -> String {
        "nothing".to_owned()
    }
}

/// A chain that no CPU can shorten by doing steps at once, and no compiler by folding them: the
/// shift keeps the multiplications apart.
fn chain(state: u64, steps: u64) -> u64 {
    (0..steps).fold(state, |state, _| {
        (state ^ (state >> 32))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_as_long_as_its_steps() {
        let step = |state: u64| {
            (state ^ (state >> 32))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(1)
        };
        assert_eq!(chain(7, 0), 7);
        assert_eq!(chain(7, 3), step(step(step(7))));
        assert_eq!(chain(chain(7, 2), 1), chain(7, 3));
    }

    #[test]
    fn a_shape_has_the_same_name_on_the_command_line_and_in_stored_runs() {
        for shape in Shape::value_variants() {
            let typed = shape.to_possible_value().unwrap();
            assert_eq!(serde_json::to_value(shape).unwrap(), typed.get_name());
        }
    }

    #[test]
    fn a_long_task_ends_early_when_asked_to() {
        let stop = Stop::new();
        stop.raise(2);
        let endless = Busy {
            tasks: 1,
            steps: u64::MAX,
            shape: Shape::Batch,
        };
        assert!(matches!(endless.task(0, &stop), Err(Error::Interrupted(_))));
    }
}
