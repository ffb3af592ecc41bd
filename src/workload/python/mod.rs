//! The workload `python`: a function of the user's own, called with one item after another, in a
//! plain loop and on the pools that a Python user has. All of it runs in one interpreter, which
//! also times it: starting Python and importing the function are no part of any arm.

mod driver;
mod interpreter;
mod params;
mod protocol;
mod shown;

use std::time::Duration;

use serde_json::{Value, json};

use self::driver::Driver;
use self::interpreter::Interpreter;
use self::params::Params;
use self::protocol::{Command, Load, Message, Ran};
use super::{
    Context, Error, Host, HostTerms, HostedEngine, HostedPass, HostedPlace, HostedStart,
    HostedTime, Tasks, Workload,
};
use crate::environment::THREAD_VARIABLES;
use crate::failure::Failure;
use crate::printable;
use crate::results::{CpuUse, FunctionFacts, Work};
use crate::stop::Stop;
use crate::units::count;

/// How long an engine may take to start, unless the user says so.
const START_LIMIT: Duration = Duration::from_mins(2);
/// The workload, ready to run.
pub(super) struct Python {
    name: String,
    hosts: Vec<Interpreter>,
    task_timeout: Duration,
    stop: Stop,
}

impl Workload for Python {
    const NAME: &'static str = "python";
    const ABOUT: &'static str = "A Python function of your own, called with many items";
    const BELONGS_TO_ALL: bool = false;
    const RUNS_IN_PROCESS: bool = false;
    const HOSTED_ENGINES: &'static [HostedEngine] = &[
        HostedEngine {
            name: "processes",
            about: "A ProcessPoolExecutor",
            uses_cluster: false,
        },
        HostedEngine {
            name: "threads",
            about: "A ThreadPoolExecutor",
            uses_cluster: false,
        },
        HostedEngine {
            name: "interpreters",
            about: "An InterpreterPoolExecutor, from Python 3.14 on",
            uses_cluster: false,
        },
        HostedEngine {
            name: "ray",
            about: "Ray tasks of the function, or actors that call it",
            uses_cluster: true,
        },
        HostedEngine {
            name: "joblib",
            about: "joblib.Parallel",
            uses_cluster: false,
        },
        HostedEngine {
            name: "dask",
            about: "dask.delayed on the scheduler \"processes\"",
            uses_cluster: false,
        },
    ];
    type Params = Params;
    type Partial = Value;
    type Answer = Value;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let mut hosts = Vec::new();
        for (python, label) in params.pythons.iter().zip(&params.labels) {
            let driver = Driver::start(python.as_path(), &params, context.stop)?;
            let load = load_of(&params);
            let loaded = Interpreter::load(driver, label, load, context);
            hosts.push(loaded.map_err(|error| named(error, label, &params))?);
        }
        same_items(&hosts)?;

        Ok(Self {
            name: printable::path(params.function.as_path()),
            hosts,
            task_timeout: context.task_timeout,
            stop: context.stop.clone(),
        })
    }

    fn tasks(&self) -> usize {
        self.hosts.first().map_or(0, Interpreter::items)
    }

    fn work(&self) -> Work {
        Work::new(self.tasks() as u64, "calls")
    }

    fn task(&self, _index: usize, _stop: &Stop) -> Result<Value, Error> {
        Err(Error::failed(format!(
            "{} runs on the engines of the workload {} only",
            self.name,
            Self::NAME
        )))
    }

    fn combine(&self, _partials: Vec<Value>) -> Result<Value, Error> {
        // The interpreters have compared the results themselves: they hold the values.
        Ok(json!({ "calls": self.tasks() }))
    }

    fn describe(&self, index: usize, _partial: &Value) -> String {
        format!("item {}", index + 1)
    }

    fn host(&self) -> Option<&dyn Host> {
        Some(self)
    }

    fn functions(&self) -> Vec<FunctionFacts> {
        // After an interruption there are rounds to report all the same.
        let stop = match self.stop.signal() {
            Some(_) => &Stop::new(),
            None => &self.stop,
        };

        self.hosts.iter().map(|host| host.facts(stop)).collect()
    }

    fn hosts(params: &Params) -> Vec<String> {
        params.labels.clone()
    }

    fn command(params: &Params) -> Option<String> {
        Some(params.command())
    }
}

/// The same with the interpreter that it is about, where there are several.
fn named(error: Error, label: &str, params: &Params) -> Error {
    match error {
        Error::Failed(failure) if params.pythons.len() > 1 => Error::Failed(Failure {
            message: format!("{label}: {}", failure.message),
            ..failure
        }),
        other => other,
    }
}

/// Refuses interpreters that make other numbers of items of the same expression.
fn same_items(hosts: &[Interpreter]) -> Result<(), Error> {
    let Some((first, others)) = hosts.split_first() else {
        return Ok(());
    };

    match others.iter().find(|host| host.items() != first.items()) {
        Some(other) => Err(Error::failed(format!(
            "--items makes {} in {} and {} in {}: they would do other work",
            count(first.items(), "item"),
            first.label,
            count(other.items(), "item"),
            other.label
        ))),
        None => Ok(()),
    }
}

/// What the driver needs of `params`.
fn load_of(params: &Params) -> Load<'_> {
    Load {
        expression: params.items.as_deref(),
        repeat: params.repeat.map(Tasks::count),
        args: params.args.as_deref(),
        chunk: params.chunk.as_deref(),
        compare: &params.compare,
        may_print: params.may_print,
        start_method: params.start_method.as_deref(),
        ray_actors: params.ray_actors,
        variables: &THREAD_VARIABLES,
    }
}

impl Host for Python {
    fn start(
        &self,
        engine: HostedPlace<'_>,
        terms: &HostTerms<'_>,
        stop: &Stop,
    ) -> Result<HostedStart, Error> {
        let command = Command::Start {
            engine: engine.engine,
            workers: engine.workers.get(),
            address: terms.address,
            token: terms.token,
        };
        let what = format!("starting the engine {}", engine.engine);
        let limit = terms.start_timeout.unwrap_or(START_LIMIT);

        let mut driver = self.interpreter(engine)?.driver();
        match driver.ask(&command, &what, limit, stop)? {
            Message::Start { seconds, detail } => Ok(HostedStart { seconds, detail }),
            other => Err(driver.unexpected(&format!("{other:?}"))),
        }
    }

    fn run(
        &self,
        engine: HostedPlace<'_>,
        pass: HostedPass,
        stop: &Stop,
    ) -> Result<HostedTime, Error> {
        let interpreter = self.interpreter(engine)?;
        let command = Command::Run {
            engine: engine.engine,
            workers: engine.workers.get(),
            empty: pass == HostedPass::Empty,
        };
        let what = format!("a pass on {}", engine.engine);
        let limit = self.task_timeout.saturating_add(interpreter.slowest_pass());

        let mut driver = interpreter.driver();
        match driver.ask(&command, &what, limit, stop)? {
            Message::Run(ran) => {
                time_of(&ran).ok_or_else(|| driver.unexpected(&format!("{ran:?}")))
            }
            other => Err(driver.unexpected(&format!("{other:?}"))),
        }
    }
}

fn time_of(ran: &Ran) -> Option<HostedTime> {
    Some(HostedTime {
        wall: Duration::try_from_secs_f64(ran.seconds).ok()?,
        cpu: ran.cpu.map(|cpu| CpuUse {
            user_s: cpu.user_s,
            system_s: cpu.system_s,
            preemptions: None,
            waited_s: None,
        }),
    })
}

impl Python {
    /// The interpreter that has `engine`.
    fn interpreter(&self, engine: HostedPlace<'_>) -> Result<&Interpreter, Error> {
        let is_meant = |host: &&Interpreter| engine.host.is_none_or(|label| label == host.label);

        self.hosts.iter().find(is_meant).ok_or_else(|| {
            Error::failed(format!(
                "there is no Python {}",
                engine.host.unwrap_or_default()
            ))
        })
    }
}
