//! Many threads, many tasks, everything at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::*;

#[test]
fn many_threads_submit_everything_at_once() {
    let pool = builder(3).memory_budget(64).build().unwrap();
    let used = Arc::new(AtomicU64::new(0));
    thread::scope(|scope| {
        for seed in 0..8 {
            let (pool, used) = (&pool, &used);
            scope.spawn(move || (0..40).for_each(|round| mix(pool, used, seed * 1000 + round)));
        }
    });
    pool.shutdown();

    assert_eq!(used.load(Ordering::SeqCst), 0);
}

/// Plain, failing, cancelled, nested and declared tasks, fetched in every way.
fn mix(pool: &TaskPool, used: &Arc<AtomicU64>, seed: u64) {
    let plain: Vec<_> = (0..20)
        .map(|i| pool.submit(move || seed + i).unwrap())
        .collect();
    let failing = pool
        .submit(move || -> u64 { std::panic::resume_unwind(Box::new("on purpose")) })
        .unwrap();
    let doomed = pool.submit(move || seed).unwrap();
    let was_cancelled = doomed.cancel();
    let declared: Vec<_> = (0..10)
        .map(|i| {
            let (used, bytes) = (Arc::clone(used), (seed * 7 + i * 13) % 64 + 1);
            let code = move || {
                let now = used.fetch_add(bytes, Ordering::SeqCst) + bytes;
                used.fetch_sub(bytes, Ordering::SeqCst);
                now
            };
            pool.task("declared").bytes(bytes).submit(code).unwrap()
        })
        .collect();
    let handle = pool.handle();
    let nested = pool
        .submit(move || {
            let refs: Vec<_> = (0..5).map(|i| handle.submit(move || i).unwrap()).collect();
            let (ready, pending) = wait(refs, 2, None);
            get_all(ready.into_iter().chain(pending))
                .unwrap()
                .into_iter()
                .sum::<u64>()
        })
        .unwrap();
    let (first, rest) = wait(plain, 7, None);

    assert_eq!((first.len(), rest.len()), (7, 13));

    let sum: u64 = get_all(first.into_iter().chain(rest))
        .unwrap()
        .into_iter()
        .sum();

    assert_eq!(sum, 20 * seed + 190);
    assert!(failing.get().is_err());
    assert_eq!(doomed.get().is_err(), was_cancelled);
    assert!(
        get_all(declared)
            .unwrap()
            .into_iter()
            .all(|used| used <= 64)
    );
    assert_eq!(nested.get(), Ok(10));
}
