//! A Ray that is started for the run: one for all its measurements, on loopback, in a temporary
//! folder. Nothing of it is left when the last handle on it is dropped.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tempfile::TempDir;

use super::driver::{Driver, Launch};
use super::hello::greet;
use super::limits::Limits;
use super::program::Program;
use super::protocol::Message;
use super::trouble::unexpected;
use crate::engine::{Error, Options};
use crate::failure::{Change, Failure, Setting};

/// The longest path of a folder that leaves room for the names of Ray's sockets below it: a
/// socket's path has at most 103 bytes on macOS, and Ray adds about 80.
const LONGEST_PARENT: usize = 24;

/// A handle on the Ray of this run, which is started when it is first asked for.
#[derive(Clone, Default)]
pub struct LocalRay(Arc<Mutex<Option<Running>>>);

/// Where it is and what opens it.
#[derive(Clone)]
pub(in crate::engine) struct Access {
    pub(in crate::engine) address: String,
    pub(in crate::engine) token: Option<String>,
}

struct Running {
    /// Ends Ray when it is dropped, before the folder goes.
    driver: Driver,
    _folder: TempDir,
    access: Access,
    cpus: usize,
}

impl LocalRay {
    /// Ends it, if it runs: what it keeps busy would disturb what is measured next.
    pub fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Starts it unless it runs and has CPUs for all workers of the run.
    pub(in crate::engine) fn running(&self, options: &Options<'_>) -> Result<Access, Error> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cpus = options.most_workers.get();

        if let Some(kept) = running.as_ref().filter(|kept| kept.cpus >= cpus)
            && kept.driver.runs()
        {
            return Ok(kept.access.clone());
        }

        // The old one must be gone before the new one takes its memory.
        *running = None;
        let started = running.insert(Running::start(cpus, options)?);
        Ok(started.access.clone())
    }
}

impl Running {
    fn start(cpus: usize, options: &Options<'_>) -> Result<Self, Error> {
        let folder = folder()?;
        let mut driver = Driver::start(&Launch {
            program: Program::Local,
            python: &options.cluster.python,
            on_loopback: true,
            token: None,
            join: Limits::of(options).join,
            task_timeout: options.cluster.longest_task(),
        })?;

        let access = access(&mut driver, &folder, cpus, options);
        if access.is_err() {
            // A program that does not greet, or hangs in Ray, does not react to the end of its
            // input.
            driver.kill();
        }
        Ok(Self {
            driver,
            _folder: folder,
            access: access?,
            cpus,
        })
    }
}

/// Has the driver start Ray, and waits until it can be joined.
fn access(
    driver: &mut Driver,
    folder: &TempDir,
    cpus: usize,
    options: &Options<'_>,
) -> Result<Access, Error> {
    let place = greet(driver, options)?;
    let init = json!({ "cpus": cpus, "folder": folder.path() });
    driver.send(&init, options.stop)?;

    let limit = Limits::of(options).join;
    match driver.receive(limit, options.stop)? {
        Some(Message::Running { address, token }) => Ok(Access {
            address,
            token: Some(token),
        }),
        Some(Message::Trouble { kind, message }) => Err(place.trouble(&kind, &message)),
        Some(other) => Err(unexpected(&other)),
        None => {
            let message = format!(
                "a local Ray did not start within {} s: is the machine out of memory, or very busy?",
                limit.as_secs_f64()
            );
            Err(Error::failed(
                Failure::new(message).or(Setting::StartTimeout, Change::Larger),
            ))
        }
    }
}

/// A new folder whose path is short enough for sockets below it.
fn folder() -> Result<TempDir, Error> {
    let usual = std::env::temp_dir();
    let parent = if usual.as_os_str().len() > LONGEST_PARENT {
        PathBuf::from("/tmp")
    } else {
        usual
    };

    tempfile::Builder::new()
        .prefix("parbench-ray-")
        .tempdir_in(&parent)
        .map_err(|error| {
            Error::failed(format!(
                "cannot make a folder for a local Ray in {}: {error}; name another with TMPDIR",
                parent.display()
            ))
        })
}

impl fmt::Debug for LocalRay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRay").finish_non_exhaustive()
    }
}

impl PartialEq for LocalRay {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for LocalRay {}
