//! The workload `busy`: tasks of a known amount of arithmetic, or of none, so that running them on an engine shows
//! what the engine itself costs. No subcommand, and no part of `all`.

use std::hint::black_box;

use serde::{Deserialize, Serialize};

use super::{Context, Error, Tasks, Workload};
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bounded;

/// Steps between two looks at the stop flag: about 0.1 ms.
const UNTIL_LOOK: u64 = 1 << 16;

/// How many tasks, and how long.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Equal tasks: 1 to 1000000
    #[arg(long, value_name = "N", default_value = "512")]
    tasks: Tasks,
    /// Steps of arithmetic in each, every one of which needs the one before
    #[arg(long, value_name = "N", default_value = "0")]
    steps: Bounded<0, 1_000_000_000_000>,
}

/// The workload, ready to run.
pub(super) struct Busy {
    tasks: usize,
    steps: u64,
}

impl Workload for Busy {
    const NAME: &'static str = "busy";
    const ABOUT: &'static str = "Tasks of some arithmetic, or of none: the engine's own cost";
    type Params = Params;
    type Partial = ();
    type Answer = ();

    fn prepare(params: Params, _context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self {
            tasks: params.tasks.count(),
            steps: params.steps.get(),
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
            let now = left.min(UNTIL_LOOK);
            state = chain(state, now);
            left -= now;
            stop.check()?;
        }
        black_box(state);
        Ok(())
    }

    fn combine(&self, _nothing: Vec<()>) -> Result<(), Error> {
        Ok(())
    }

    fn describe(&self, _index: usize, _nothing: &()) -> String {
        "nothing".to_owned()
    }
}

/// A chain that no CPU can shorten by doing steps at once, and no compiler by folding them: the shift keeps
/// the multiplications apart.
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
    fn a_long_task_ends_early_when_asked_to() {
        let stop = Stop::new();
        stop.raise(2);
        let endless = Busy {
            tasks: 1,
            steps: u64::MAX,
        };
        assert!(matches!(endless.task(0, &stop), Err(Error::Interrupted(_))));
    }
}
