//! An interpreter with the function loaded, and what it knows of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::driver::Driver;
use super::protocol::{Command, Load, Loaded, Message};
use crate::results::FunctionFacts;
use crate::stop::Stop;
use crate::workload::{Context, Error};

/// How long it may take to say what all passes found.
const FOUND_LIMIT: Duration = Duration::from_secs(5);
/// How many times as long as the plain loop a pass may take: what hangs is given up.
const SLOWEST: f64 = 10.0;
/// And for each call, however short it is: handing it out takes longer on some engines.
const HANDING_OUT: Duration = Duration::from_millis(10);

pub(super) struct Interpreter {
    /// What arms call it.
    pub(super) label: String,
    driver: Mutex<Driver>,
    loaded: Loaded,
}

impl Interpreter {
    /// Has `driver` import the function, make the items, and do each once.
    pub(super) fn load(
        mut driver: Driver,
        label: &str,
        load: Load<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Error> {
        let (load, what) = (Command::Load(load), "importing the function");

        match driver.ask(&load, what, context.task_timeout, context.stop)? {
            Message::Load(loaded) => Ok(Self {
                label: label.to_owned(),
                driver: Mutex::new(driver),
                loaded,
            }),
            other => Err(driver.unexpected(&format!("{other:?}"))),
        }
    }

    /// How many items there are.
    pub(super) fn items(&self) -> usize {
        self.loaded.items
    }

    /// How much longer than a single call a pass may take.
    pub(super) fn slowest_pass(&self) -> Duration {
        let slowest = Duration::try_from_secs_f64(self.loaded.total_s * SLOWEST);
        let calls = u32::try_from(self.loaded.items).unwrap_or(u32::MAX);

        slowest
            .unwrap_or(Duration::MAX)
            .saturating_add(HANDING_OUT.saturating_mul(calls))
    }

    pub(super) fn driver(&self) -> MutexGuard<'_, Driver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the function, once all passes are over.
    pub(super) fn facts(&self, stop: &Stop) -> FunctionFacts {
        let mut driver = self.driver();
        let reply = driver.ask(&Command::Found {}, "what was found", FOUND_LIMIT, stop);
        let (digest, varies) = match reply {
            Ok(Message::Found { digest, varies }) => (digest, varies),
            _ => (None, None),
        };
        let loaded = self.loaded.clone();

        FunctionFacts {
            label: self.label.clone(),
            interpreter: driver.interpreter.clone(),
            takes_turns: loaded.gil,
            import_s: loaded.import_s,
            first_pass_s: loaded.first_pass_s,
            total_s: loaded.total_s,
            longest_s: loaded.longest_s,
            longest: loaded.longest,
            sent_bytes: loaded.sent_bytes,
            returned_bytes: loaded.returned_bytes,
            pickle_s: loaded.pickle_s,
            cannot_travel: loaded.cannot_travel,
            function_bytes: loaded.function_bytes,
            function_pickle_s: loaded.function_pickle_s,
            variables: loaded.variables,
            digest,
            varies,
        }
    }
}
