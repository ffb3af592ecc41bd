//! The tasks of an arm by the slots that ran them, so that none overlaps another on its slot.

use std::collections::BTreeMap;

use super::event::{Interval, Ns, ns};
use crate::results::Span;

/// A worker, by the number of its node and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) node: Option<usize>,
    pub(super) worker: usize,
}

/// A task on its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) index: usize,
    pub(super) slot: Slot,
    pub(super) time: Interval,
    /// How long it ran as it was stored: longer where it was cut.
    pub(super) stored: Ns,
}

/// Tasks that do not overlap on their slots.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    /// By slot, and on it by time.
    pub(super) tasks: Vec<Task>,
    /// How much shorter they are here than they were stored, in all.
    pub(super) cut: Ns,
    /// How long they were stored, in all.
    pub(super) stored: Ns,
}

/// Places `spans` of a round that begins at `begin`. Where two overlap on a slot, since they were
/// timed by the clocks of two processes, the later one begins when the earlier one ends.
pub(super) fn place(spans: &[Span], begin: Ns) -> Placed {
    let mut slots: BTreeMap<Slot, Vec<Task>> = BTreeMap::new();
    for span in spans {
        let slot = Slot {
            node: span.node,
            worker: span.worker,
        };
        let since_begin = |seconds: f64| begin.saturating_add(ns(seconds));
        let start = since_begin(span.start_s);
        let time = Interval {
            begin: start,
            end: start.max(since_begin(span.end_s)),
        };
        slots.entry(slot).or_default().push(Task {
            index: span.task,
            slot,
            time,
            stored: time.end - time.begin,
        });
    }

    let mut placed = Placed::default();
    for mut tasks in slots.into_values() {
        tasks.sort_by_key(|task| (task.time.begin, task.time.end));
        let mut free_from = 0;
        for task in tasks {
            let Interval { begin, end } = task.time;
            let time = Interval {
                begin: begin.max(free_from),
                end: end.max(free_from),
            };
            free_from = time.end;

            let cut = task.stored - (time.end - time.begin);
            placed.stored = placed.stored.saturating_add(task.stored);
            placed.cut = placed.cut.saturating_add(cut);
            placed.tasks.push(Task { time, ..task });
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(task: usize, start_s: f64, end_s: f64) -> Span {
        Span {
            task,
            worker: 0,
            node: None,
            start_s,
            end_s,
        }
    }

    fn times(placed: &Placed) -> Vec<(usize, Ns, Ns)> {
        let tasks = placed.tasks.iter();
        tasks
            .map(|task| (task.index, task.time.begin, task.time.end))
            .collect()
    }

    #[test]
    fn tasks_stay_as_they_are_where_they_only_touch() {
        let placed = place(&[span(1, 2e-9, 5e-9), span(0, 0.0, 2e-9)], 10);
        assert_eq!(times(&placed), [(0, 10, 12), (1, 12, 15)]);
        assert_eq!((placed.cut, placed.stored), (0, 5));
    }

    #[test]
    fn the_later_of_two_that_overlap_is_cut() {
        let spans = [span(0, 0.0, 4e-9), span(1, 3e-9, 6e-9), span(2, 3e-9, 5e-9)];
        let placed = place(&spans, 0);
        // The third lies within those before it.
        assert_eq!(times(&placed), [(0, 0, 4), (2, 4, 5), (1, 5, 6)]);
        assert_eq!((placed.cut, placed.stored), (3, 9));
    }

    #[test]
    fn nodes_have_workers_of_the_same_number() {
        let other = Span {
            node: Some(1),
            ..span(1, 0.0, 4e-9)
        };
        assert_eq!(place(&[span(0, 0.0, 4e-9), other], 0).cut, 0);
    }
}
