//! What a task of `fib` and `pi` costs, beside what one would write instead, in one process.
//! `cargo bench --bench kernels`; the times of `pi` are for a million points: a nanosecond a point is 1 ms.

#![expect(clippy::expect_used, reason = "a bench that cannot prepare has nothing to say but that")]

use std::num::NonZeroUsize;

use divan::{Bencher, black_box};
use num_bigint::BigUint;
use parbench::event::Silent;
use parbench::kernel::isa::Isa;
use parbench::kernel::points::{LANES, Points};
use parbench::stop::Stop;
use parbench::units::Bytes;
use parbench::workload::{Context, Shared, find};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::json;

const TERMS: usize = 200_000;
const POINTS: u64 = 1_000_000;

fn main() {
    divan::main();
}

fn fib(keep: &str) -> Shared {
    let stop = Stop::new();
    let context =
        Context { stop: &stop, observer: &Silent, workers: NonZeroUsize::MIN, memory: Bytes(4 << 30) };
    let definition = find("fib").expect("the fib workload is registered");
    let params = json!({"size": TERMS, "tasks": 1, "keep": keep});
    let workload = (definition.prepare)(params, &context).expect("2 GB of memory are free");
    // The first task touches fresh pages; what is measured is the warm list.
    workload.task(0, &stop).expect("the task works");
    workload
}

#[divan::bench(args = ["all", "last"], sample_count = 20)]
fn fib_task(bencher: Bencher<'_, '_>, keep: &str) {
    let workload = fib(keep);
    bencher.bench_local(|| workload.task(0, &Stop::new()));
}

#[divan::bench(sample_count = 20)]
fn fib_last_by_num_bigint() -> BigUint {
    let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
    for _ in 1..TERMS {
        a += &b;
        std::mem::swap(&mut a, &mut b);
    }
    a
}

#[divan::bench(args = Isa::ALL.into_iter().filter(|isa| isa.is_available()))]
fn pi_million(bencher: Bencher<'_, '_>, isa: Isa) {
    let mut points = Points::new([1, 2, 3, 4]);
    bencher.bench_local(|| points.count(POINTS / LANES as u64, isa));
}

#[divan::bench]
fn pi_million_by_one_generator(bencher: Bencher<'_, '_>) {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(42);
    let half = |bits: u64| f64::from(u32::try_from(bits & 0xffff_ffff).unwrap_or_default()) / 2_f64.powi(32);
    bencher.bench_local(|| {
        let drawn = (0..POINTS).map(|_| generator.next_u64());
        drawn.filter(|&bits| half(bits).powi(2) + half(black_box(bits) >> 32).powi(2) <= 1.0).count()
    });
}
