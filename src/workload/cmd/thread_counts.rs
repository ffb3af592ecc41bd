//! Numbers of threads to try in each process.

use std::collections::HashSet;

use super::variables::Threads;
use crate::machine;

/// `threads` without those that stood there before.
pub(super) fn each_once(threads: Vec<Threads>) -> Vec<Threads> {
    let mut seen = HashSet::new();

    let new = threads
        .into_iter()
        .filter(|threads| seen.insert(threads.count()));
    new.collect()
}

/// 1, 2, 4 and so on within the CPUs.
pub(super) fn doubling() -> Vec<Threads> {
    let cpus = machine::planned_cpus().get() as u64;
    let doubling = std::iter::successors(Some(1_u64), |threads| threads.checked_mul(2));

    doubling
        .take_while(|&threads| threads <= cpus)
        .map(Threads::clamped)
        .collect()
}
