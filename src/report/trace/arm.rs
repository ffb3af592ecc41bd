//! The events of one arm, and what of it is left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::event::{Events, Interval, Microseconds, Ns, Track, ns};
use super::slots::{Placed, Slot, Task, place};
use crate::printable::printable;
use crate::results::{Arm, ArmTime, Measurement, Round};

/// More tasks than this wait in too many lines to be seen: all of a batch wait at once.
const MOST_WAITING: usize = 500;
/// The share of its tasks' time that an arm may lose to keep its slots from overlapping. An answer
/// that was read late costs less; tasks that are each timed by themselves overlap by half or more.
const MOST_CUT: f64 = 0.25;

/// A round of a trace.
pub(super) struct Shown<'a> {
    pub(super) round: &'a Round,
    /// Counted from 1, the cold one included.
    pub(super) number: usize,
    /// Where it begins in the trace.
    pub(super) begin: Ns,
}

/// Adds the events of the arm at `index` of `measurement`, which is called `name`, in the rounds
/// `shown`. Returns what is left out.
pub(super) fn add_arm(
    events: &mut Events,
    name: &str,
    measurement: &Measurement,
    index: usize,
    shown: &[Shown<'_>],
) -> Vec<String> {
    let arm = &measurement.arms[index];
    let label = printable(&arm.label()).into_owned();
    let mut tracks = Tracks::of(events, format!("{name}: {label}"), arm);
    let mut missing = Missing::default();

    for Shown {
        round,
        number,
        begin,
    } in shown
    {
        let time = &round.times[index];
        let whole = Interval {
            begin: *begin,
            end: begin.saturating_add(ns(time.wall_s)),
        };
        let cold = if round.cold { ", cold" } else { "" };
        let title = format!("{label}, round {number}{cold}");
        events.slice(tracks.whole, "arm", &title, whole, Value::Null);

        if let Some(placed) = missing.showable(time, *begin) {
            add_tasks(events, &mut tracks, &placed.tasks, whole, &mut missing);
        }
    }

    missing.notes(arm, &label)
}

/// The processes and threads of an arm.
struct Tracks<'a> {
    arm: &'a Arm,
    title: String,
    /// For the arm as a whole.
    whole: Track,
    /// The processes of a cluster's nodes, by their numbers.
    nodes: BTreeMap<usize, u32>,
    slots: BTreeMap<Slot, Track>,
}

impl<'a> Tracks<'a> {
    fn of(events: &mut Events, title: String, arm: &'a Arm) -> Self {
        let pid = events.process(&title);

        Self {
            arm,
            whole: events.thread(pid, "whole arm", 0),
            title,
            nodes: BTreeMap::new(),
            slots: BTreeMap::new(),
        }
    }

    fn slot(&mut self, events: &mut Events, slot: Slot) -> Track {
        if let Some(track) = self.slots.get(&slot) {
            return *track;
        }

        let pid = self.process(events, slot.node);
        let name = format!("worker {}", slot.worker);
        let track = events.thread(pid, &name, slot.worker + 1);
        self.slots.insert(slot, track);
        track
    }

    fn process(&mut self, events: &mut Events, node: Option<usize>) -> u32 {
        let Some(node) = node else {
            return self.whole.pid;
        };
        if let Some(pid) = self.nodes.get(&node) {
            return *pid;
        }

        let mut stored = self.arm.placement.nodes.iter();
        let name = stored
            .find(|stored| stored.number == node)
            .map_or_else(|| format!("node {node}"), |stored| stored.name.clone());
        let pid = events.process(&format!("{} on {}", self.title, printable(&name)));
        self.nodes.insert(node, pid);
        pid
    }
}

/// Adds `tasks` of an arm that took the time `whole`: slices on their slots, how long they waited,
/// and how many there were of each kind at any moment.
fn add_tasks(
    events: &mut Events,
    tracks: &mut Tracks<'_>,
    tasks: &[Task],
    whole: Interval,
    missing: &mut Missing,
) {
    for task in tasks {
        let track = tracks.slot(events, task.slot);
        let name = format!("task {}", task.index);
        let shown = task.time.end - task.time.begin;
        let args = if shown < task.stored {
            json!({"stored_us": Microseconds(task.stored)})
        } else {
            Value::Null
        };
        events.slice(track, "task", &name, task.time, args);
    }

    // All tasks of a batch are handed over as it begins.
    if tasks.len() <= MOST_WAITING {
        for task in tasks {
            let waited = Interval {
                begin: whole.begin,
                end: task.time.begin,
            };
            let name = format!("task {} waits", task.index);
            events.asynchronous(tracks.whole, "waiting", &name, waited);
        }
    } else {
        missing.waiting = missing.waiting.max(tasks.len());
    }

    for Count {
        ts,
        running,
        queued,
    } in counts(tasks, whole.begin)
    {
        let series = json!({"running": running, "queued": queued});
        events.counter(tracks.whole, "tasks", ts, series);
    }
}

/// How many tasks run and wait from a moment on.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    ts: Ns,
    running: usize,
    queued: usize,
}

/// The moments at which these numbers change, from `begin` on, when all `tasks` are queued.
fn counts(tasks: &[Task], begin: Ns) -> Vec<Count> {
    let mut started: Vec<Ns> = tasks.iter().map(|task| task.time.begin).collect();
    let mut ended: Vec<Ns> = tasks.iter().map(|task| task.time.end).collect();
    started.sort_unstable();
    ended.sort_unstable();
    let mut moments: Vec<Ns> = [begin]
        .iter()
        .chain(&started)
        .chain(&ended)
        .copied()
        .collect();
    moments.sort_unstable();
    moments.dedup();

    let until = |times: &[Ns], moment: Ns| times.partition_point(|time| *time <= moment);
    moments
        .into_iter()
        .map(|ts| {
            let running_or_done = until(&started, ts);
            Count {
                ts,
                running: running_or_done - until(&ended, ts),
                queued: tasks.len() - running_or_done,
            }
        })
        .collect()
}

/// What of an arm is not shown, in all rounds of the trace together.
#[derive(Default)]
struct Missing {
    /// Rounds without any time of a task.
    untimed: usize,
    /// Spans that were not stored.
    unstored: usize,
    /// Rounds in which the arm did its work several times.
    repeated: usize,
    /// Rounds whose tasks overlap.
    overlapping: usize,
    /// How much shorter tasks are here.
    cut: Ns,
    /// The most tasks of a round whose waiting is not shown.
    waiting: usize,
}

impl Missing {
    /// The tasks of `time`, of a round that begins at `begin`, if they can be shown.
    fn showable(&mut self, time: &ArmTime, begin: Ns) -> Option<Placed> {
        self.unstored += time.spans_left_out;
        if time.spans.is_empty() {
            self.untimed += 1;
            return None;
        }
        // The spans of all passes count from the beginning of their own.
        if time.passes.is_some_and(|passes| passes > 1) {
            self.repeated += 1;
            return None;
        }

        let placed = place(&time.spans, begin);
        if placed.cut as f64 > MOST_CUT * placed.stored as f64 {
            self.overlapping += 1;
            return None;
        }
        self.cut = self.cut.saturating_add(placed.cut);
        Some(placed)
    }

    fn notes(&self, arm: &Arm, label: &str) -> Vec<String> {
        let rounds = |count: usize, why: &str| {
            (count > 0).then(|| {
                let rounds = if count == 1 { "round" } else { "rounds" };
                format!("{label} is shown as a whole in {count} {rounds}, {why}")
            })
        };
        let untimed = if arm.is_serial() {
            "since the plain loop does not time its tasks"
        } else {
            "since no times of its tasks are stored"
        };
        let lost = arm.placement.lost_slots.iter().map(|lost| {
            format!(
                "{label} lost slots at times that are not stored: {}, {}",
                lost.slots,
                printable(&lost.why)
            )
        });

        [
            rounds(self.untimed, untimed),
            rounds(
                self.repeated,
                "since its tasks ran several times under the CPU quota",
            ),
            rounds(
                self.overlapping,
                "since the times of its tasks overlap, as where each is timed by itself",
            ),
            (self.unstored > 0).then(|| {
                format!(
                    "{} more tasks of {label} than a run stores are missing",
                    self.unstored
                )
            }),
            (self.cut > 0).then(|| {
                format!(
                    "tasks of {label} are {:.3} us shorter in all, so that none overlap on a worker",
                    self.cut as f64 / 1e3
                )
            }),
            (self.waiting > 0).then(|| {
                format!(
                    "how long each of the {} tasks of {label} waited is only in the counter",
                    self.waiting
                )
            }),
        ]
        .into_iter()
        .flatten()
        .chain(lost)
        .collect()
    }
}
