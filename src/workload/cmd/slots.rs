//! Numbers for the tasks that run at once, such that no two of them have the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::workload::WORKER_NUMBER;

/// Numbers from 1 on, each lent to one task at a time.
#[derive(Debug, Default)]
pub(super) struct Slots {
    taken: Mutex<Vec<bool>>,
    most: AtomicUsize,
}

/// The number of the worker process that this one is, among those of one engine; 1 in any other
/// process.
fn worker_number() -> usize {
    let number = std::env::var(WORKER_NUMBER).ok();

    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// A number, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    slots: &'a Slots,
    index: usize,
}

impl Slots {
    /// At most `most` tasks run at once from now on.
    pub(super) fn expect(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// How many tasks run at once, at most; 0 if unknown.
    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// The least number that nobody has.
    pub(super) fn take(&self) -> Slot<'_> {
        let mut occupancy = self.taken();
        let index = occupancy
            .iter()
            .position(|&is_taken| !is_taken)
            .unwrap_or(occupancy.len());
        if index == occupancy.len() {
            occupancy.push(true);
        } else {
            occupancy[index] = true;
        }

        Slot { slots: self, index }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<bool>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot<'_> {
    pub(super) fn number(&self) -> usize {
        // A worker process does one task at a time.
        self.index + worker_number()
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.slots.taken()[self.index] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_lent_to_one_at_a_time_and_used_again() {
        let slots = Slots::default();
        let (first, second) = (slots.take(), slots.take());
        assert_eq!((first.number(), second.number()), (1, 2));

        drop(first);
        let again = slots.take();
        let third = slots.take();
        assert_eq!((again.number(), third.number()), (1, 3));
    }
}
