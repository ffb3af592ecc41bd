//! Admission by memory: which tasks may start, given what they declare and what the pool may use.
//!
//! Only tasks that declare bytes come here. They start in the order of submission, with two exceptions:
//!
//! * A task that fits may pass an older one that does not, but only [`MOST_PASSES`] times; then nothing passes
//!   until the oldest has started. So every task starts after finitely many others, however large it is.
//! * When every task of the pool waits, so that none could ever finish and give bytes back, the oldest held
//!   task starts over budget. This is the only way for the budget to be exceeded.
//!
//! The gate must not know threads or slots. It hands admitted tasks to a function that pushes them to the
//! ready queue, and calls it under its lock: whoever holds the lock sees a task either held, or ready, or begun.

use super::sync::{Mutex, lock};
use std::collections::VecDeque;

/// How many younger tasks may start before the oldest held one.
pub(super) const MOST_PASSES: u32 = 32;

/// How many held tasks behind the oldest are looked at when bytes come back, so that a long line costs no more
/// than a short one.
const LOOK_AHEAD: usize = 32;

/// A task as the gate sees it.
pub(super) trait Entry {
    /// The bytes that it declares.
    fn bytes(&self) -> u64;
    /// Makes it ready to start; false if it has been cancelled meanwhile.
    fn admit(&self) -> bool;
}

/// Shares a budget of bytes out among tasks.
pub(super) struct Gate<E> {
    budget: u64,
    line: Mutex<Line<E>>,
}

struct Line<E> {
    /// The bytes of all tasks that have been admitted and have not finished.
    used: u64,
    held: VecDeque<E>,
    /// How many tasks have passed the oldest held one.
    passes: u32,
}

impl<E: Entry + Clone> Gate<E> {
    pub(super) fn new(budget: u64) -> Self {
        Self { budget, line: Mutex::new(Line { used: 0, held: VecDeque::new(), passes: 0 }) }
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.line).held.is_empty()
    }

    /// Admits or holds each of `tasks`. Returns how many tasks were pushed, here and below.
    pub(super) fn enter(&self, tasks: impl Iterator<Item = E>, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        let pushed = tasks.map(|task| {
            line.held.push_back(task);
            let newest = line.held.len() - 1;
            self.admit(&mut line, newest, &mut push)
        });
        pushed.sum()
    }

    /// Takes back the bytes of an admitted task.
    pub(super) fn give_back(&self, bytes: u64, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        line.used -= bytes;
        self.admit(&mut line, 1, &mut push)
    }

    /// Forgets a task that was cancelled while it was held.
    pub(super) fn forget(&self, is_it: impl Fn(&E) -> bool, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        if let Some(index) = line.held.iter().position(is_it) {
            line.held.remove(index);
            line.passes = if index == 0 { 0 } else { line.passes };
        }
        self.admit(&mut line, 1, &mut push)
    }

    /// Admits the oldest held task whether it fits or not, if `is_stuck` says that nothing else can move.
    pub(super) fn unstick(&self, is_stuck: impl Fn() -> bool, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        while is_stuck() && !line.held.is_empty() {
            if line.start(0, &mut push) {
                return 1;
            }
        }
        0
    }

    /// Admits the oldest while they fit, then younger ones, from the index `from` on, while passes are left.
    fn admit(&self, line: &mut Line<E>, from: usize, push: &mut impl FnMut(E)) -> usize {
        let fits = |line: &Line<E>, index: usize| {
            line.held.get(index).is_some_and(|task| {
                line.used.checked_add(task.bytes()).is_some_and(|used| used <= self.budget)
            })
        };
        let mut started = 0;
        let mut gone = 0;
        while fits(line, 0) {
            started += usize::from(line.start(0, push));
            gone += 1;
        }
        let mut index = from.saturating_sub(gone).max(1);
        let end = index + LOOK_AHEAD;
        while index < end && line.passes < MOST_PASSES && line.used < self.budget && index < line.held.len() {
            if fits(line, index) {
                started += usize::from(line.start(index, push));
            } else {
                index += 1;
            }
        }
        started
    }
}

impl<E: Entry + Clone> Line<E> {
    /// Starts the held task at `index`; false if it turns out to be cancelled.
    fn start(&mut self, index: usize, push: &mut impl FnMut(E)) -> bool {
        let Some(task) = self.held.remove(index) else { return false };
        let admitted = task.admit();
        if admitted {
            self.used = self.used.saturating_add(task.bytes());
            push(task);
        }
        match index {
            0 => self.passes = 0,
            _ => self.passes += u32::from(admitted),
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    #[derive(Clone)]
    struct Fake {
        name: u64,
        bytes: u64,
        cancelled: Rc<Cell<bool>>,
    }

    impl Entry for Fake {
        fn bytes(&self) -> u64 {
            self.bytes
        }

        fn admit(&self) -> bool {
            !self.cancelled.get()
        }
    }

    fn fake(name: u64, bytes: u64) -> Fake {
        Fake { name, bytes, cancelled: Rc::default() }
    }

    /// A gate, and the names of what it let through.
    struct Bench {
        gate: Gate<Fake>,
        started: Vec<u64>,
    }

    impl Bench {
        fn new(budget: u64) -> Self {
            Self { gate: Gate::new(budget), started: Vec::new() }
        }

        fn enter(&mut self, task: Fake) {
            self.gate.enter([task].into_iter(), |task| self.started.push(task.name));
        }

        fn give_back(&mut self, bytes: u64) {
            self.gate.give_back(bytes, |task| self.started.push(task.name));
        }
    }

    #[test]
    fn what_fits_starts_and_what_does_not_waits_its_turn() {
        let mut bench = Bench::new(10);
        for task in [fake(1, 6), fake(2, 6), fake(3, 7)] {
            bench.enter(task);
        }
        assert_eq!(bench.started, [1]);
        bench.give_back(6);
        assert_eq!(bench.started, [1, 2]);
        bench.give_back(6);
        assert_eq!(bench.started, [1, 2, 3]);
        assert!(bench.gate.is_empty());
    }

    #[test]
    fn a_younger_task_passes_a_bounded_number_of_times() {
        let mut bench = Bench::new(10);
        bench.enter(fake(0, 9));
        bench.enter(fake(1, 10));
        for name in 0..u64::from(MOST_PASSES) {
            bench.enter(fake(100 + name, 1));
            assert_eq!(bench.started.last(), Some(&(100 + name)));
            bench.give_back(1);
        }
        bench.enter(fake(2, 1));
        assert_ne!(bench.started.last(), Some(&2), "the oldest would starve");
        bench.give_back(9);
        assert_eq!(bench.started.last(), Some(&1));
        bench.give_back(10);
        assert_eq!(bench.started.last(), Some(&2));
    }

    #[test]
    fn held_tasks_pass_when_bytes_come_back() {
        let mut bench = Bench::new(10);
        for task in [fake(0, 5), fake(1, 5), fake(2, 10), fake(3, 4), fake(4, 6), fake(5, 1)] {
            bench.enter(task);
        }
        assert_eq!(bench.started, [0, 1]);
        bench.give_back(5);
        assert_eq!(bench.started, [0, 1, 3, 5]);
    }

    #[test]
    fn a_cancelled_task_is_skipped_and_takes_nothing() {
        let mut bench = Bench::new(10);
        let doomed = fake(2, 10);
        for task in [fake(1, 10), doomed.clone(), fake(3, 10)] {
            bench.enter(task);
        }
        doomed.cancelled.set(true);
        bench.give_back(10);
        assert_eq!(bench.started, [1, 3]);
    }

    #[test]
    fn forgetting_the_oldest_lets_the_next_start() {
        let mut bench = Bench::new(10);
        for task in [fake(1, 5), fake(2, 10), fake(3, 6), fake(4, 5)] {
            bench.enter(task);
        }
        assert_eq!(bench.started, [1, 4]);
        bench.give_back(5);
        let forgotten = bench.gate.forget(|task| task.name == 2, |task| bench.started.push(task.name));
        assert_eq!((forgotten, bench.gate.is_empty()), (0, false));
        bench.give_back(5);
        assert_eq!(bench.started, [1, 4, 3]);
    }

    #[test]
    fn over_budget_only_when_nothing_else_can_move() {
        let mut bench = Bench::new(10);
        for task in [fake(1, 10), fake(2, 10), fake(3, 10)] {
            bench.enter(task);
        }
        assert_eq!(bench.gate.unstick(|| false, |_| panic!("it can move")), 0);
        assert_eq!(bench.gate.unstick(|| true, |task| bench.started.push(task.name)), 1);
        assert_eq!(bench.started, [1, 2]);
        bench.give_back(10);
        assert_eq!(bench.started, [1, 2], "one of the two is still over budget");
        bench.give_back(10);
        assert_eq!(bench.started, [1, 2, 3]);
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        let mut bench = Bench::new(u64::MAX);
        for task in [fake(1, u64::MAX), fake(2, u64::MAX)] {
            bench.enter(task);
        }
        assert_eq!(bench.started, [1]);
    }
}
