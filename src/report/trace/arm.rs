//! The events of one arm, and what of it is left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::event::{Events, Interval, Microseconds, Ns, Track, ns};
use super::missing::Missing;
use super::slots::{Slot, Task};
use crate::printable::printable;
use crate::results::{Arm, LostWorker, Measurement, Round};

/// Of more tasks than this the waiting and the flows are left out: all of a batch wait at once, in
/// more lines than can be seen.
const MOST_WAITING: usize = 500;

/// The moments that a counter has in a round at the most: more are not seen, and are most of the
/// file.
const MOST_COUNTS: usize = 1000;

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
        // Each pass has a beginning of its own.
        if time.passes.is_none() {
            add_lost_workers(events, &mut tracks, &time.lost_workers, *begin);
        } else {
            missing.lost_workers += time.lost_workers.len();
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
        let length = task.time.end - task.time.begin;
        let args = if length < task.stored {
            json!({"stored_us": Microseconds(task.stored)})
        } else {
            Value::Null
        };
        events.slice(track, "task", &name, task.time, args);
    }

    if tasks.len() <= MOST_WAITING {
        for task in tasks {
            add_waiting_and_flow(events, tracks, task, whole);
        }
    } else {
        missing.waiting = missing.waiting.max(tasks.len());
    }

    let (counts, left_out) = counts(tasks, whole.begin);
    missing.counts = missing.counts.max(left_out);
    for Count {
        ts,
        running,
        queued,
    } in counts
    {
        let series = json!({"running": running, "queued": queued});
        events.counter(tracks.whole, "tasks", ts, series);
    }
}

/// Adds how long `task` of an arm that took the time `whole` waited, and its flow: it is submitted
/// as the arm begins, as all tasks of a batch are, and its result can be got when it ends.
fn add_waiting_and_flow(
    events: &mut Events,
    tracks: &mut Tracks<'_>,
    task: &Task,
    whole: Interval,
) {
    let waited = Interval {
        begin: whole.begin,
        end: task.time.begin,
    };
    let name = format!("task {} waits", task.index);
    events.asynchronous(tracks.whole, "waiting", &name, waited);

    // A slice holds its beginning, but not its end.
    let got = task.time.end.min(whole.end.saturating_sub(1));
    let points = [
        (tracks.whole, whole.begin),
        (tracks.slot(events, task.slot), task.time.begin),
        (tracks.whole, got.max(whole.begin)),
    ];
    events.flow("flow", &format!("task {}", task.index), points);
}

/// Adds the moments at which workers of an arm that begins at `begin` were lost.
fn add_lost_workers(events: &mut Events, tracks: &mut Tracks<'_>, lost: &[LostWorker], begin: Ns) {
    for lost in lost {
        let slot = Slot {
            node: None,
            worker: lost.worker,
        };
        let track = tracks.slot(events, slot);
        let why = json!({"why": printable(&lost.why)});

        let at = begin.saturating_add(ns(lost.at_s));
        events.instant(track, "worker lost", at, why);
    }
}

/// How many tasks run and wait from a moment on.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    ts: Ns,
    running: usize,
    queued: usize,
}

/// The moments at which these numbers change, from `begin` on, when all `tasks` are queued, and how
/// many of them are left out: where there are many, they are thinned out evenly, up to the last
/// one.
fn counts(tasks: &[Task], begin: Ns) -> (Vec<Count>, usize) {
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

    let group = moments.len().div_ceil(MOST_COUNTS);
    let (first, others) = moments.split_at(1);
    let kept = others.chunks(group.max(1)).filter_map(|group| group.last());
    let kept: Vec<Ns> = first.iter().chain(kept).copied().collect();
    let left_out = moments.len() - kept.len();

    let until = |times: &[Ns], moment: Ns| times.partition_point(|time| *time <= moment);
    let counts = kept
        .into_iter()
        .map(|ts| {
            let running_or_done = until(&started, ts);
            Count {
                ts,
                running: running_or_done - until(&ended, ts),
                queued: tasks.len() - running_or_done,
            }
        })
        .collect();
    (counts, left_out)
}
