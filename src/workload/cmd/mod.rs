//! The workload `cmd`: any command, as one process for each of many inputs, or as one process that
//! starts several workers itself. The serial loop over inputs is the loop that a shell script
//! would be; what a task costs is shown beside it as the start of a program that does nothing.

mod answer;
mod bytes;
mod command_line;
mod companions;
mod consent;
mod failures;
mod files;
mod first_failure;
mod flags;
mod hooks;
mod inputs;
mod output;
mod params;
mod placeholders;
mod recipe;
mod shipped;
mod slots;
mod status;
mod template;
mod thread_counts;
mod variables;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use self::answer::{OutputDigest, TaskResult};
use self::companions::{Companions, prepared};
use self::files::refuse_lost;
use self::first_failure::FirstFailure;
use self::hooks::{HookRunner, with_last_words};
use self::inputs::Inputs;
use self::output::Output;
use self::params::Params;
use self::recipe::{Recipe, TaskPlace};
use self::slots::Slots;
use self::status::Status;
use self::variables::{CurrentArm, RECIPE, Threads};
use super::{ArmName, ArmOfRound, Context, Error, Shared, TaskVariant, Tasks, Workload};
use crate::descendants::Strays;
use crate::digest::Digesting;
use crate::results::{ProcessUse, Work};
use crate::stop::Stop;
use crate::subprocess::{self, Until, resolve};

/// Starts of a program that does nothing, to see what a start costs: enough for a batch, and a few
/// hundredths of a second.
const EMPTY_RUNS: u64 = 16;
/// The program that does nothing.
const NOTHING: &str = "true";

/// The workload, ready to run.
pub(super) struct Cmd {
    recipe: Recipe,
    /// Whether other machines are given the program.
    ships: bool,
    inputs: Inputs,
    tasks: usize,
    /// What `{workers}` is where no arm says it.
    workers: NonZeroUsize,
    companions: Companions,
    slots: Slots,
    hooks: HookRunner,
    /// Which arm of which round it is.
    current_arm: Mutex<Option<Arc<CurrentArm>>>,
    /// What tasks leave behind, while an arm is under way.
    strays: Mutex<Option<Strays>>,
    /// What hooks leave running serves until the last of them has run.
    left_by_hooks: Mutex<Option<Strays>>,
    task_timeout: Duration,
    first_failure: FirstFailure,
}

impl Workload for Cmd {
    const NAME: &'static str = "cmd";
    const ABOUT: &'static str = "Any command: a process for each input, or {workers} of its own";
    const BELONGS_TO_ALL: bool = false;
    const RUNS_IN_PROCESS: bool = false;
    const MAY_VARY: bool = true;
    const MAY_HAVE_OWN_WORKERS: bool = true;
    type Params = Params;
    type Partial = TaskResult;
    type Answer = Value;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let recipe = Recipe::new(&params).map_err(Error::failed)?;
        let inputs = Inputs::of(&params);
        let tasks = match params.repeat {
            Some(repeat) => repeat.count(),
            None => inputs.tasks(),
        };
        let workers = params.workers.map_or(1, Threads::count);
        let outputs =
            (0..tasks).filter_map(|index| recipe.output_file(inputs.of_task(index), index));
        refuse_lost(outputs, recipe.output_takes_slots(), params.files_read())
            .map_err(Error::failed)?;

        Ok(Self {
            recipe,
            ships: params.ship,
            inputs,
            tasks,
            workers: NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN),
            companions: Companions::new(&params, context)?,
            slots: Slots::default(),
            hooks: HookRunner::new(params.hooks),
            current_arm: Mutex::new(None),
            strays: Mutex::new(None),
            left_by_hooks: Mutex::new(None),
            task_timeout: context.task_timeout,
            first_failure: FirstFailure::default(),
        })
    }

    fn tasks(&self) -> usize {
        self.tasks
    }

    fn work(&self) -> Work {
        match self.inputs.all().len() {
            0 => Work::new(self.tasks as u64, "runs"),
            inputs => Work::new(inputs as u64, "inputs"),
        }
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<TaskResult, Error> {
        match self.companions.serial() {
            Some(serial) => serial.task(index, stop),
            None => self.task_on(index, self.workers, stop),
        }
    }

    fn task_on(
        &self,
        index: usize,
        workers: NonZeroUsize,
        stop: &Stop,
    ) -> Result<TaskResult, Error> {
        let slot = self.slots.take();
        let inputs = self.inputs.of_task(index);
        let arm = self.current_arm().clone();
        let place = TaskPlace::new(index, slot.number(), workers.get());
        let mut command = self
            .recipe
            .command(inputs, place, arm.as_deref())
            .map_err(|message| self.fail(index, &message))?;

        let mut output = Digesting::default();
        let mut drain = |piece: &[u8]| output.update(piece);
        let until = Until {
            stop,
            unneeded: self.first_failure.flag(),
            deadline: Instant::now().checked_add(self.task_timeout),
        };
        let finished = subprocess::run(&mut command, &mut drain, until)
            .map_err(|error| self.without_end(index, slot.number(), error))?;

        let status = Status::from(finished.status);
        if status.is_failure(self.recipe.ignored()) {
            let last_words = with_last_words(&finished.last_words);
            return Err(self.fail(index, &format!("ended with {status}{last_words}")));
        }

        let (digest, bytes) = output.finish();
        let is_read = self.recipe.reads_output();
        let output = is_read.then_some(OutputDigest { bytes, digest });
        Ok(TaskResult::new(status, output, &finished))
    }

    fn enter_arm(&self, arm: &ArmName) {
        *self.current_arm() = Some(Arc::new(CurrentArm::of(arm)));
        self.companions.enter_arm(arm);
    }

    fn before_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<(), Error> {
        self.slots.expect(arm.workers.get().min(self.tasks));
        if self.hooks.has_hooks() {
            locked(&self.left_by_hooks).get_or_insert_with(Strays::watch);
        }
        self.hooks.before_arm(arm, stop)?;

        // What a hook has started may serve all rounds.
        *locked(&self.strays) = Some(Strays::watch());
        Ok(())
    }

    fn after_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<Option<ProcessUse>, Error> {
        let left = locked(&self.strays).take().map(Strays::end);
        self.hooks.after_arm(arm, stop)?;

        Ok(left.map(answer::use_of_left))
    }

    fn after_all(&self, further: &Stop) -> Result<(), Error> {
        let cleaned_up = self.hooks.after_all(further);
        let _ = locked(&self.left_by_hooks).take().map(Strays::end);

        cleaned_up
    }

    fn combine(&self, partials: Vec<TaskResult>) -> Result<Value, Error> {
        Ok(answer::answer(
            partials
                .iter()
                .enumerate()
                .map(|(index, done)| (self.inputs.name_of(index), done)),
        ))
    }

    fn describe(&self, index: usize, done: &TaskResult) -> String {
        format!("{}: {}", self.inputs.name_of(index), done.in_words())
    }

    fn process_use(&self, done: &TaskResult) -> Option<ProcessUse> {
        Some(done.process_use())
    }

    fn empty_tasks(&self, context: &Context<'_>) -> Option<Result<Shared, Error>> {
        // A system without it shows no floor. Other machines may have it in another folder.
        resolve(NOTHING.as_ref()).ok()?;
        let runs = EMPTY_RUNS.max(context.workers.get() as u64);
        let params = Params::runs_of(Path::new(NOTHING), Tasks::clamped(runs));

        Some(prepared(&params, context))
    }

    fn variant(&self, variant: TaskVariant) -> Option<Shared> {
        self.companions.variant(variant)
    }

    fn shipped_program(&self) -> Option<PathBuf> {
        self.ships.then(|| self.recipe.program().to_owned())
    }

    fn has_own_workers(params: &Params) -> bool {
        params.has_own_workers()
    }

    fn has_serial_program(params: &Params) -> bool {
        params.serial.is_some()
    }

    fn writes_files(params: &Params) -> bool {
        matches!(params.output, Output::File(_))
    }

    fn variants(params: &Params) -> Vec<TaskVariant> {
        params.variants()
    }

    fn command(params: &Params) -> Option<String> {
        Some(consent::line(params))
    }
}

/// What `strays` holds; after a panic, too.
fn locked(strays: &Mutex<Option<Strays>>) -> MutexGuard<'_, Option<Strays>> {
    strays.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a worker process, too: what tasks have left behind would disturb whatever is measured next.
impl Drop for Cmd {
    fn drop(&mut self) {
        subprocess::sweep(RECIPE, self.recipe.mark());
    }
}

impl Cmd {
    fn current_arm(&self) -> MutexGuard<'_, Option<Arc<CurrentArm>>> {
        self.current_arm
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
