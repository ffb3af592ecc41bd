//! Memory that the system may refuse: asked for in a way that gives an error instead of ending the
//! process.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::broken::Broken;
use parbench_units::Bytes;

/// glibc maps each block that is larger than this, and unmaps it when it is given back. Smaller
/// ones may stay with the thread, up to twice this much (`M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`
/// of mallopt(3)), where nobody counts them.
const ALWAYS_MAPPED: usize = 32 << 20;
/// What stays of smaller ones at most.
pub(super) const MOST_KEPT: Bytes = Bytes(2 * ALWAYS_MAPPED as u64);
/// Smaller ones than this may well stay.
const SMALL: usize = 1 << 20;

/// What tasks have claimed and may not have taken yet.
static ROOM: Room = Room::new(is_granted);

/// Makes sure that the system will grant `bytes` more, for a library that would otherwise end the
/// process. Where it would not grant them beside what others claim, this waits until one of those
/// has ended.
pub(super) fn claim(bytes: Bytes) -> Result<Claim<'static>, Broken> {
    ROOM.claim(bytes)
}

/// Memory that somebody is about to take, until this is dropped.
#[must_use]
#[derive(Debug)]
pub(super) struct Claim<'a> {
    room: &'a Room,
    bytes: Bytes,
}

/// The memory that all claim together.
#[derive(Debug)]
struct Room {
    claimed: Mutex<Bytes>,
    given_up: Condvar,
    is_granted: fn(Bytes) -> bool,
}

impl Claim<'_> {
    /// Gives up all but `bytes`: the rest has been taken.
    pub(super) fn keep(&mut self, bytes: Bytes) {
        let rest = self.bytes.0.saturating_sub(bytes.0);
        self.bytes.0 -= rest;

        self.room.give_up(Bytes(rest));
    }
}

impl Room {
    const fn new(is_granted: fn(Bytes) -> bool) -> Self {
        Self {
            claimed: Mutex::new(Bytes(0)),
            given_up: Condvar::new(),
            is_granted,
        }
    }

    fn claim(&self, bytes: Bytes) -> Result<Claim<'_>, Broken> {
        let mut claimed = self.claimed();

        loop {
            let together = Bytes(claimed.0.saturating_add(bytes.0));
            if bytes.0 == 0 || (self.is_granted)(together) {
                *claimed = together;
                return Ok(Claim { room: self, bytes });
            }
            if claimed.0 == 0 {
                return Err(Broken::Refused(bytes));
            }
            claimed = self
                .given_up
                .wait(claimed)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_up(&self, bytes: Bytes) {
        self.claimed().0 -= bytes.0;
        self.given_up.notify_all();
    }

    fn claimed(&self) -> MutexGuard<'_, Bytes> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.room.give_up(self.bytes);
    }
}

/// `length` values, all of them zero.
pub fn zeroed<T: Copy + Default>(length: usize) -> Result<Vec<T>, Broken> {
    let mut values = Vec::new();
    reserve(&mut values, length)?;
    values.resize(length, T::default());

    Ok(values)
}

/// Makes room in `values` for `length` values in total, which are given back to the system in the
/// end. What is reserved for that beyond `length` takes no memory, as it is never touched.
pub fn reserve<T>(values: &mut Vec<T>, length: usize) -> Result<(), Broken> {
    let missing = |length: usize| length.saturating_sub(values.len());
    let bytes = length.saturating_mul(size_of::<T>());
    let mapped = ALWAYS_MAPPED / size_of::<T>().max(1) + 1;

    let (exactly, more) = (missing(length), missing(length.max(mapped)));
    if bytes >= SMALL && values.try_reserve_exact(more).is_ok() {
        return Ok(());
    }
    values
        .try_reserve_exact(exactly)
        .map_err(|_| Broken::Refused(Bytes(bytes as u64)))
}

/// Whether the system would grant `bytes` just now. They are given back at once.
fn is_granted(bytes: Bytes) -> bool {
    let mut block = Vec::<u8>::new();
    let granted =
        usize::try_from(bytes.0).is_ok_and(|length| block.try_reserve_exact(length).is_ok());

    // An allocation that is never looked at may be optimised away.
    std::hint::black_box(&block);
    granted
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn what_no_system_grants_is_an_error() {
        let zeroed_values = zeroed::<u16>(usize::MAX / 4);
        assert!(matches!(zeroed_values, Err(Broken::Refused(_))));

        let claimed = claim(Bytes(u64::MAX / 2));
        assert!(matches!(claimed, Err(Broken::Refused(_))));

        assert!(claim(Bytes(1000)).is_ok());
        assert_eq!(zeroed::<i16>(3).unwrap(), [0; 3]);
    }

    #[test]
    fn two_that_do_not_fit_together_take_turns() {
        let room = Room::new(|bytes| bytes.0 <= 100);
        let (small, other) = (room.claim(Bytes(40)).unwrap(), room.claim(Bytes(60)));
        assert!(other.is_ok(), "both fit");
        drop((small, other));

        assert!(matches!(
            room.claim(Bytes(101)),
            Err(Broken::Refused(Bytes(101)))
        ));
        let most = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let _claim = room.claim(Bytes(60)).unwrap();
                        most.fetch_max(room.claimed().0, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 60, "never two at once");

        // One that waits is refused once it is alone and still does not fit.
        let holder = room.claim(Bytes(60)).unwrap();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| room.claim(Bytes(101)).map(drop));
            drop(holder);
            assert!(matches!(waiter.join().unwrap(), Err(Broken::Refused(_))));
        });

        // What was taken is claimed no longer, and nothing at all always fits.
        let mut taken = room.claim(Bytes(100)).unwrap();
        assert!(room.claim(Bytes(0)).is_ok());
        taken.keep(Bytes(30));
        assert_eq!(*room.claimed(), Bytes(30));
        drop(taken);
        assert_eq!(*room.claimed(), Bytes(0));
    }
}
