//! The same work on many values, on several threads: for what readers wait for after measuring, never
//! while something is measured.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Times that a thread takes values, as far as there are enough: few beside the work on them, and
/// enough for all threads to end at nearly the same time.
const TURNS: usize = 8;

/// What `work` makes of each of `values`, in their order, on `threads` threads. Where the system
/// refuses one, the others do its share.
pub fn side_by_side<T: Sync, R: Send>(
    values: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let at_once = values.len().div_ceil(TURNS * threads.max(1)).max(1);
    let pieces: Vec<&[T]> = values.chunks(at_once).collect();
    let next = AtomicUsize::new(0);

    // Relaxed is enough for a counter: the results travel through the ends of the threads.
    let share = || {
        let mut results = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(place) else {
                return results;
            };
            results.push((place, piece.iter().map(&work).collect::<Vec<R>>()));
        }
    };

    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(pieces.len()))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, share).ok())
            .collect();
        let mut results = share();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().flat_map(|(_, piece)| piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_their_values() {
        for count in [0, 1, 2, 15, 16, 17, 1000] {
            let values: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = (0..count).map(|value| 2 * value).collect();

            assert_eq!(side_by_side(&values, 3, |value| 2 * value), doubled);
        }
    }

    #[test]
    #[should_panic(expected = "the seventh")]
    fn a_panic_reaches_the_caller() {
        side_by_side(&[1, 2, 3, 4, 5, 6, 7], 2, |&value| {
            assert_ne!(value, 7, "the seventh");
        });
    }
}
