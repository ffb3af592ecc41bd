//! Admission by memory: which tasks may start, given what they declare and what the pool may use.
//!
//! Only tasks that declare bytes come here. They start in the order of submission, with two
//! exceptions:
//!
//! * A task that fits may pass an older one that does not, but only [`MOST_PASSES`] times; then
//!   nothing passes until the oldest has started. So every task starts after finitely many others,
//!   however large it is.
//! * When every task of the pool waits, so that none could ever finish and release bytes, the
//!   oldest held task starts over budget; or, if there is no thread for it, one that a blocked task
//!   waits for. This is the only way for the budget to be exceeded.
//!
//! This file must not know threads or slots. It hands admitted tasks to a function that pushes them
//! to the ready queue, and calls it under its lock: a thread that holds the lock sees a task either
//! held, or ready, or begun.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::sync::{Mutex, lock};

/// How many younger tasks may start before the oldest held one.
pub(crate) const MOST_PASSES: u32 = 32;

/// How many held tasks behind the oldest are looked at when bytes are released, so that a long line
/// costs no more than a short one.
const LOOK_AHEAD: usize = 32;

/// A task that needs admission.
pub(crate) trait Candidate {
    /// The bytes that it declares.
    fn bytes(&self) -> u64;
    /// Makes it ready to start; false if it has been cancelled meanwhile.
    fn admit(&self) -> bool;
    /// Tells it from every other task that is held.
    fn address(&self) -> usize;
}

/// Shares a budget of bytes out among tasks.
pub(crate) struct Admission<E> {
    budget: u64,
    line: Mutex<Line<E>>,
}

struct Line<E> {
    /// The bytes of all tasks that have been admitted and have not finished.
    used: u64,
    /// By the place in the line, which counts all tasks that were ever held.
    held: BTreeMap<u64, E>,
    /// The place of each held task by its address, so that withdrawing one costs the same in a long
    /// line.
    places: HashMap<usize, u64>,
    next_place: u64,
    /// How many tasks have passed the oldest held one.
    passes: u32,
}

impl<E: Candidate + Clone> Admission<E> {
    pub(crate) fn new(budget: u64) -> Self {
        let line = Line {
            used: 0,
            held: BTreeMap::new(),
            places: HashMap::new(),
            next_place: 0,
            passes: 0,
        };
        Self {
            budget,
            line: Mutex::new(line),
        }
    }

    pub(crate) fn budget(&self) -> u64 {
        self.budget
    }

    /// Whether no task is held.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.line).held.is_empty()
    }

    /// Admits or holds each of `tasks`. Returns how many tasks were pushed, here and below.
    pub(crate) fn enter(&self, tasks: impl Iterator<Item = E>, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        let pushed = tasks.map(|task| {
            let newest = line.hold(task);
            self.admit(&mut line, newest, &mut push)
        });
        pushed.sum()
    }

    /// Takes back the bytes of an admitted task.
    pub(crate) fn release(&self, bytes: u64, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        line.used -= bytes;
        self.admit(&mut line, 0, &mut push)
    }

    /// Forgets a task that was cancelled while it was held, by its address.
    pub(crate) fn withdraw(&self, address: usize, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        if let Some(place) = line.places.get(&address).copied() {
            let was_oldest = line.oldest() == Some(place);
            line.remove(place);
            line.passes = if was_oldest { 0 } else { line.passes };
        }
        self.admit(&mut line, 0, &mut push)
    }

    /// Admits the oldest held task whether it fits or not, if `is_stuck` says that nothing else can
    /// move.
    pub(crate) fn unstick(&self, is_stuck: impl Fn() -> bool, mut push: impl FnMut(E)) -> usize {
        let mut line = lock(&self.line);
        while is_stuck() {
            let Some(oldest) = line.oldest() else { break };
            if line.start(oldest, &mut push) {
                return 1;
            }
        }
        0
    }

    /// Admits one held task, by its address, whether it fits or not, if `is_stuck` says that
    /// nothing else can move. False if it was not held or something can move.
    pub(crate) fn admit_over_budget(
        &self,
        address: usize,
        is_stuck: impl Fn() -> bool,
        mut push: impl FnMut(E),
    ) -> bool {
        let mut line = lock(&self.line);
        let place = line.places.get(&address).copied();
        place.is_some_and(|place| is_stuck() && line.start(place, &mut push))
    }

    /// Admits the oldest while they fit, then younger ones, from the place `from` on, while passes
    /// are left.
    fn admit(&self, line: &mut Line<E>, from: u64, push: &mut impl FnMut(E)) -> usize {
        let fits = |line: &Line<E>, task: &E| {
            line.used
                .checked_add(task.bytes())
                .is_some_and(|used| used <= self.budget)
        };

        let mut started = 0;
        while let Some((&oldest, task)) = line.held.first_key_value()
            && fits(line, task)
        {
            started += usize::from(line.start(oldest, push));
        }

        let Some(oldest) = line.oldest() else {
            return started;
        };
        let mut next = Bound::Included(from.max(oldest + 1));
        let mut looks = 0;
        while looks < LOOK_AHEAD && line.passes < MOST_PASSES && line.used < self.budget {
            let Some((&place, task)) = line.held.range((next, Bound::Unbounded)).next() else {
                break;
            };
            if fits(line, task) {
                started += usize::from(line.start(place, push));
            } else {
                looks += 1;
            }
            next = Bound::Excluded(place);
        }
        started
    }
}

impl<E: Candidate + Clone> Line<E> {
    /// Holds `task` at the end of the line, and returns its place.
    fn hold(&mut self, task: E) -> u64 {
        let place = self.next_place;
        self.next_place += 1;
        self.places.insert(task.address(), place);
        self.held.insert(place, task);
        place
    }

    fn oldest(&self) -> Option<u64> {
        self.held.first_key_value().map(|(&place, _)| place)
    }

    fn remove(&mut self, place: u64) -> Option<E> {
        let task = self.held.remove(&place)?;
        self.places.remove(&task.address());
        Some(task)
    }

    /// Starts the held task at `place`; false if it turns out to be cancelled.
    fn start(&mut self, place: u64, push: &mut impl FnMut(E)) -> bool {
        let is_oldest = self.oldest() == Some(place);
        let Some(task) = self.remove(place) else {
            return false;
        };

        let admitted = task.admit();
        if admitted {
            self.used = self.used.saturating_add(task.bytes());
            push(task);
        }

        if is_oldest {
            self.passes = 0;
        } else {
            self.passes += u32::from(admitted);
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

    impl Candidate for Fake {
        fn bytes(&self) -> u64 {
            self.bytes
        }

        fn admit(&self) -> bool {
            !self.cancelled.get()
        }

        fn address(&self) -> usize {
            Rc::as_ptr(&self.cancelled).addr()
        }
    }

    fn fake(name: u64, bytes: u64) -> Fake {
        Fake {
            name,
            bytes,
            cancelled: Rc::default(),
        }
    }

    /// An admission, and the names of what it admitted.
    struct Bench {
        admission: Admission<Fake>,
        started: Vec<u64>,
    }

    impl Bench {
        fn new(budget: u64) -> Self {
            Self {
                admission: Admission::new(budget),
                started: Vec::new(),
            }
        }

        fn enter(&mut self, task: Fake) {
            self.admission
                .enter([task].into_iter(), |task| self.started.push(task.name));
        }

        fn release(&mut self, bytes: u64) {
            self.admission
                .release(bytes, |task| self.started.push(task.name));
        }
    }

    #[test]
    fn what_fits_starts_and_what_does_not_waits_its_turn() {
        let mut bench = Bench::new(10);
        for task in [fake(1, 6), fake(2, 6), fake(3, 7)] {
            bench.enter(task);
        }

        assert_eq!(bench.started, [1]);

        bench.release(6);

        assert_eq!(bench.started, [1, 2]);

        bench.release(6);

        assert_eq!(bench.started, [1, 2, 3]);
        assert!(bench.admission.is_empty());
    }

    #[test]
    fn a_younger_task_passes_a_bounded_number_of_times() {
        let mut bench = Bench::new(10);
        bench.enter(fake(0, 9));
        bench.enter(fake(1, 10));
        for name in 0..u64::from(MOST_PASSES) {
            bench.enter(fake(100 + name, 1));

            assert_eq!(bench.started.last(), Some(&(100 + name)));

            bench.release(1);
        }
        bench.enter(fake(2, 1));

        assert_ne!(bench.started.last(), Some(&2), "the oldest would starve");

        bench.release(9);

        assert_eq!(bench.started.last(), Some(&1));

        bench.release(10);

        assert_eq!(bench.started.last(), Some(&2));
    }

    #[test]
    fn held_tasks_pass_when_bytes_come_back() {
        let mut bench = Bench::new(10);
        for task in [
            fake(0, 5),
            fake(1, 5),
            fake(2, 10),
            fake(3, 4),
            fake(4, 6),
            fake(5, 1),
        ] {
            bench.enter(task);
        }

        assert_eq!(bench.started, [0, 1]);

        bench.release(5);

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
        bench.release(10);

        assert_eq!(bench.started, [1, 3]);
    }

    #[test]
    fn withdrawing_the_oldest_lets_the_next_start() {
        let mut bench = Bench::new(10);
        let doomed = fake(2, 10);
        for task in [fake(1, 5), doomed.clone(), fake(3, 6), fake(4, 5)] {
            bench.enter(task);
        }

        assert_eq!(bench.started, [1, 4]);

        bench.release(5);
        let pushed = bench
            .admission
            .withdraw(doomed.address(), |task| bench.started.push(task.name));

        assert_eq!((pushed, bench.admission.is_empty()), (0, false));

        bench.release(5);

        assert_eq!(bench.started, [1, 4, 3]);
    }

    /// From the back, the front and the middle; a search of the line for each would take minutes.
    #[test]
    fn withdrawing_costs_the_same_in_a_long_line() {
        let mut bench = Bench::new(10);
        bench.enter(fake(0, 10));
        let count = 200_000;
        let held: Vec<Fake> = (1..=count).map(|name| fake(name, 10)).collect();
        for task in &held {
            bench.enter(task.clone());
        }

        let (older, younger) = held.split_at(held.len() / 2);
        let (even, odd) = (
            older.iter().rev().step_by(2),
            older.iter().rev().skip(1).step_by(2),
        );
        for task in younger.iter().rev().chain(even).chain(odd) {
            task.cancelled.set(true);

            assert_eq!(
                bench
                    .admission
                    .withdraw(task.address(), |_| panic!("the budget is used")),
                0
            );
        }

        assert!(bench.admission.is_empty());

        bench.release(10);
        bench.enter(fake(count + 1, 10));

        assert_eq!(bench.started, [0, count + 1]);
    }

    #[test]
    fn over_budget_only_when_nothing_else_can_move() {
        let mut bench = Bench::new(10);
        for task in [fake(1, 10), fake(2, 10), fake(3, 10)] {
            bench.enter(task);
        }

        assert_eq!(
            bench.admission.unstick(|| false, |_| panic!("it can move")),
            0
        );
        assert_eq!(
            bench
                .admission
                .unstick(|| true, |task| bench.started.push(task.name)),
            1
        );
        assert_eq!(bench.started, [1, 2]);

        bench.release(10);

        assert_eq!(bench.started, [1, 2], "one of the two is still over budget");

        bench.release(10);

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
