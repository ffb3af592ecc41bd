//! Runs a piece of work on several threads that begin at the same moment.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::threads::{Refused, start_scoped};

/// Looks at what others write before a thread lets them run, too: there may be more threads than
/// CPUs.
const LOOKS: u32 = 1_000;

/// Runs `work` on each of `parts`, every part on a thread of its own. The results stand in no
/// particular order of time, but in that of the parts. It fails when the system starts no more
/// threads.
pub(super) fn together<Part: Send, Outcome: Send>(
    parts: Vec<Part>,
    work: impl Fn(Part) -> Outcome + Sync,
) -> Result<Vec<Outcome>, Refused> {
    let workers = parts.len();
    let missing = &AtomicUsize::new(workers);
    let given_up = &AtomicBool::new(false);
    let work = &work;

    std::thread::scope(|scope| {
        let mut threads = Vec::with_capacity(workers);
        for (started, part) in parts.into_iter().enumerate() {
            let thread = start_scoped(scope, started + 1, workers, move || {
                // Spinning, because threads that sleep until the last one is there start at
                // different times.
                missing.fetch_sub(1, Ordering::AcqRel);
                spin_until(|| {
                    missing.load(Ordering::Acquire) == 0 || given_up.load(Ordering::Acquire)
                });
                (!given_up.load(Ordering::Acquire)).then(|| work(part))
            });
            match thread {
                Ok(thread) => threads.push(thread),
                Err(refused) => {
                    // Those that wait for the last one would wait forever.
                    given_up.store(true, Ordering::Release);
                    return Err(refused);
                }
            }
        }
        Ok(threads
            .into_iter()
            .filter_map(|thread| thread.join().ok().flatten())
            .collect())
    })
}

/// Spins until `done`, and lets other threads run from time to time.
pub(super) fn spin_until(done: impl Fn() -> bool) {
    let mut looks = 0_u32;
    while !done() {
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS) {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_worked_on_once_and_all_at_the_same_time() {
        let present = AtomicUsize::new(0);
        let outcomes = together(vec![10, 20, 30], |part| {
            present.fetch_add(1, Ordering::AcqRel);
            // It only ends because the other two run meanwhile.
            spin_until(|| present.load(Ordering::Acquire) == 3);
            part + 1
        });

        assert_eq!(outcomes.unwrap(), [11, 21, 31]);
    }
}
