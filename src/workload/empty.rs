//! The workload `empty`: tasks that do nothing, so that running them on an engine shows what the engine
//! itself costs per task. No subcommand, and no part of `all`.

use serde::{Deserialize, Serialize};

use super::{Context, Error, Tasks, Workload};
use crate::results::Work;
use crate::stop::Stop;

/// How many tasks.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Tasks that do nothing: 1 to 1000000
    #[arg(long, value_name = "N", default_value = "512")]
    tasks: Tasks,
}

/// The workload, ready to run.
pub(super) struct Empty(usize);

impl Workload for Empty {
    const NAME: &'static str = "empty";
    const ABOUT: &'static str = "Tasks that do nothing: the engine's own cost";
    type Params = Params;
    type Partial = ();
    type Answer = ();

    fn prepare(params: Params, _context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self(params.tasks.count()))
    }

    fn tasks(&self) -> usize {
        self.0
    }

    fn work(&self) -> Work {
        Work { amount: self.0 as u64, unit: "tasks".to_owned() }
    }

    fn task(&self, _index: usize, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    fn combine(&self, _nothing: Vec<()>) -> Result<(), Error> {
        Ok(())
    }

    fn describe(&self, _index: usize, _nothing: &()) -> String {
        "nothing".to_owned()
    }
}
