//! A program that shares out loops of sixteen steps, one after another, each far too short for that.

use std::process::ExitCode;

use rayon::prelude::*;

/// How many loops.
const LOOPS: u64 = 100_000;

fn main() -> ExitCode {
    // In the pool, so that one thread has nobody to hand the loops to.
    let total: u64 = rayon::scope(|_| (0..LOOPS).map(shared_out).fold(0, u64::wrapping_add));

    if total == expected() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The result of one loop.
fn shared_out(number: u64) -> u64 {
    (0..16_u64).into_par_iter().map(|step| step ^ number).sum()
}

/// The same without threads.
fn expected() -> u64 {
    let result = |number| (0..16_u64).map(|step| step ^ number).sum::<u64>();

    (0..LOOPS).map(result).fold(0, u64::wrapping_add)
}
