//! A real Ray cluster on loopback for the tests, with the pinned Ray that they install.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::harness::{Scene, repository};
use super::processes::{computes, descendants, until};
use super::venv;

/// What keeps strangers out of the tests' clusters.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";
/// Of `head` and nodes: loopback only, and a dead node is seen within seconds.
const SETTINGS: [(&str, &str); 8] = [
    ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0"),
    ("RAY_health_check_initial_delay_ms", "500"),
    ("RAY_health_check_period_ms", "500"),
    ("RAY_health_check_timeout_ms", "1000"),
    ("RAY_health_check_failure_threshold", "3"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("RAY_AUTH_MODE", "token"),
    ("RAY_AUTH_TOKEN", TOKEN),
];

/// A Python with the pinned Ray, made once for this folder.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| venv::python("ray"))
}

/// One cluster at a time: each takes most of a gigabyte.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn scene() -> Scene {
    let scene = Scene::new().env("PARBENCH_PYTHON", python().to_str().unwrap());
    let path = std::env::var("PATH").unwrap();
    SETTINGS
        .iter()
        .fold(scene.env("PATH", &path), |scene, (name, value)| {
            scene.env(name, value)
        })
}

/// Whether it is a worker process of parbench.
pub(crate) fn is_worker(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.ends_with(b"\0worker\0")
}

/// Nodes with one CPU each. Dropping it ends them all.
pub(crate) struct Cluster {
    control: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) address: String,
    _turn: MutexGuard<'static, ()>,
    _folder: tempfile::TempDir,
}

impl Cluster {
    pub(crate) fn start(nodes: usize) -> Self {
        Self::with(nodes, &[])
    }

    /// One that does not notice for minutes that a node is dead or stands still.
    pub(crate) fn inattentive(nodes: usize) -> Self {
        Self::with(nodes, &[("RAY_health_check_failure_threshold", "1000")])
    }

    fn with(nodes: usize, settings: &[(&str, &str)]) -> Self {
        let (turn, folder) = (alone(), tempfile::tempdir().unwrap());
        let mut control = Command::new(python());
        control
            .arg(repository().join("tests/it/ray_cluster.py"))
            .arg(nodes.to_string());
        // A home of its own: the nodes do not see the data set of the user who runs the tests.
        control
            .envs(SETTINGS)
            .envs(settings.iter().copied())
            .env("HOME", folder.path())
            .env_remove("XDG_CACHE_HOME");
        let mut control = control
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(control.stdout.take().unwrap());
        let mut address = String::new();
        answers.read_line(&mut address).unwrap();
        assert!(
            address.starts_with("127.0.0.1:"),
            "the cluster did not start: {address:?}"
        );
        let (asks, address) = (control.stdin.take(), address.trim().to_owned());
        Self {
            control,
            asks,
            answers,
            address,
            _turn: turn,
            _folder: folder,
        }
    }

    pub(crate) fn command(&mut self, what: &str) {
        writeln!(self.asks.as_mut().unwrap(), "{what}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ok\n");
    }

    pub(crate) fn line(&self, rest: &str) -> String {
        format!("{rest} --engine ray --ray-address {} -j 3", self.address)
    }

    /// The process that all nodes are descendants of.
    pub(crate) fn process(&self) -> u32 {
        self.control.id()
    }

    /// The worker processes on all nodes.
    pub(crate) fn workers(&self) -> Vec<u32> {
        let all = descendants(self.control.id()).into_iter();
        all.filter(|&pid| is_worker(pid)).collect()
    }

    /// One of them that has a task.
    pub(crate) fn busy_worker(&self) -> u32 {
        until(|| self.workers().into_iter().find(|&pid| computes(pid)))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.asks = None;
        self.control.wait().ok();
    }
}
