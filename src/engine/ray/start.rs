//! The steps until a cluster's slots stand ready: it is reached, joined, and grants its CPUs.

use std::ffi::OsStr;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::driver::Driver;
use super::limits::Limits;
use super::nodes::Nodes;
use super::protocol::{Message, Seconds};
use super::trouble::{Place, unexpected};
use crate::engine::{Address, Error, Options};
use crate::failure::{Change, Failure, Setting};
use crate::results::ClusterKind;
use crate::stop::Stop;
use crate::threads;
use crate::workload::WorkerProgram;
use parbench_kernels::isa::Isa;

/// How long a machine may take to answer at a cluster's address.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How often a wait for that answer looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);

/// Whether anybody answers at the address of a running cluster: Ray itself would try for minutes.
pub(super) fn reach(address: &Address, stop: &Stop) -> Result<(), Error> {
    let Address::Running { host, port } = address else {
        return Ok(());
    };
    let (host, port) = (host.clone(), *port);

    // Looking up a name cannot be interrupted. After an interruption the thread is left behind.
    let (send, answer) = channel();
    threads::start(move || send.send(connect(&host, port)))
        .map_err(|refused| Error::failed(refused.to_string()))?;
    let answer = loop {
        match answer.recv_timeout(LOOK) {
            Ok(answer) => break answer,
            Err(RecvTimeoutError::Timeout) => stop.check()?,
            Err(RecvTimeoutError::Disconnected) => break Err("the look-up failed".to_owned()),
        }
    };

    answer.map_err(|why| {
        let message = format!(
            "nothing listens at {address} ({why}): name the HOST:PORT that `ray start --head` printed, or local"
        );
        Error::failed(Failure::new(message).or(Setting::RayAddress, Change::Another))
    })
}

/// Connects to one of the host's addresses, or says why that is impossible.
fn connect(host: &str, port: u16) -> Result<(), String> {
    let places = (host, port)
        .to_socket_addrs()
        .map_err(|_| "the host's name is unknown".to_owned())?;

    let mut last = "the host's name has no IP address".to_owned();
    for place in places {
        match TcpStream::connect_timeout(&place, CONNECT_LIMIT) {
            Ok(_) => return Ok(()),
            Err(error) => last = error.kind().to_string(),
        }
    }
    Err(last)
}

/// What the driver needs to know.
pub(super) fn init(options: &Options<'_>, address: &str, limits: &Limits) -> Result<Value, Error> {
    let missing = |what: &'static str| {
        move |error| Error::failed(format!("cannot find {what} for Ray's nodes: {error}"))
    };
    let program = crate::own_executable::path().map_err(missing("this program"))?;
    let folder = std::env::current_dir().map_err(missing("the current folder"))?;
    // Nodes may have other CPUs: each chooses for itself unless the user did.
    let environment = if Isa::selected() == Isa::detect() {
        json!({})
    } else {
        json!({ "PARBENCH_ISA": Isa::selected().name() })
    };

    Ok(json!({
        "address": address,
        "slots": options.workers,
        "program": program,
        "worker": options.worker.map(foreign_worker).transpose()?,
        "folder": folder,
        "arch": std::env::consts::ARCH,
        "environment": environment,
        "start_timeout": limits.slots.as_secs_f64(),
        // A user who gives it time on purpose expects a cluster that grows.
        "may_grow": options.cluster.start_timeout.is_some(),
        "task_timeout": options.cluster.longest_task().as_secs_f64(),
    }))
}

/// The program that does tasks in place of this one: its command, and the file that nodes are given
/// a copy of to run instead of its first word.
fn foreign_worker(program: &WorkerProgram) -> Result<Value, Error> {
    let file = program
        .shipped_file()
        .map_err(|error| Error::failed(error.to_string()))?;
    let words = std::iter::once(program.name()).chain(program.arguments());
    let words: Option<Vec<&str>> = words.map(OsStr::to_str).collect();

    // The conversation with Python is UTF-8.
    match (words, file.as_deref().map(Path::to_str)) {
        (Some(words), None) => Ok(json!({ "words": words })),
        (Some(words), Some(Some(file))) => Ok(json!({ "words": words, "file": file })),
        _ => Err(Error::failed(format!(
            "Ray cannot start {}: its name or an argument is not UTF-8",
            program.shown()
        ))),
    }
}

/// What stands ready.
pub(super) struct Up {
    pub(super) nodes: Nodes,
    pub(super) kind: ClusterKind,
    pub(super) seconds: Seconds,
}

/// Waits until the driver has joined and has its slots, each within its limit.
pub(super) fn up(
    driver: &mut Driver,
    limits: &Limits,
    place: &Place<'_>,
    options: &Options<'_>,
) -> Result<Up, Error> {
    let kind = joined(driver, limits, place, options)?;
    let mut used = Nodes::default();

    // The driver keeps the limit for the slots itself. That it does so, its signs of life show.
    loop {
        match driver.receive_while_busy(options.stop)? {
            Message::Lost { .. } => {}
            Message::Node(node) => used.add(node),
            Message::Ready { slots, seconds } => {
                used.place(slots);
                return Ok(Up {
                    nodes: used,
                    kind,
                    seconds,
                });
            }
            Message::Trouble { kind, message } => return Err(place.trouble(&kind, &message)),
            other => return Err(unexpected(&other)),
        }
    }
}

/// Waits until the driver has joined. It gives no signs of life while it does.
fn joined(
    driver: &mut Driver,
    limits: &Limits,
    place: &Place<'_>,
    options: &Options<'_>,
) -> Result<ClusterKind, Error> {
    match driver.receive(limits.join, options.stop)? {
        Some(Message::Joined { .. }) if options.cluster.address == Address::Local => {
            Ok(ClusterKind::Local)
        }
        Some(Message::Joined { nodes, cpus }) => Ok(ClusterKind::Joined { nodes, cpus }),
        Some(Message::Trouble { kind, message }) => Err(place.trouble(&kind, &message)),
        Some(other) => Err(unexpected(&other)),
        None => Err(place.no_answer(limits.join)),
    }
}
