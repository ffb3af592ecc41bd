//! Fibonacci numbers, the last two or all of them.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use num_bigint::BigUint;
use parbench_kernels::arena::Arena;
use parbench_kernels::block::Block;
use parbench_kernels::fibonacci::{Pair, blocks_of_all};
use parbench_kernels::isa::Isa;
use parbench_kernels::rows::Rows;

use crate::contest::{Contender, Contest, Unit};
use crate::fill::fill;

const TERMS: usize = 200_000;
const PAGE_BLOCKS: usize = 4096 / size_of::<Block>();

/// The last two terms only.
pub(crate) fn last() -> Result<Contest> {
    let mut contenders = Vec::new();

    for isa in available() {
        contenders.push(Contender::new(format!("{isa}"), move || {
            let mut pair = Pair::up_to(TERMS - 1, isa);
            (2..TERMS).for_each(|_| pair.advance());
            pair
        }));
    }

    #[cfg(feature = "gmp")]
    contenders.push(Contender::new("GMP, `a += &b` of rug", || {
        let (mut a, mut b) = (rug::Integer::ZERO, rug::Integer::from(1));
        for _ in 2..TERMS {
            a += &b;
            std::mem::swap(&mut a, &mut b);
        }
        (a, b)
    }));

    contenders.push(Contender::new("num-bigint, `a += &b`", || {
        let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
        for _ in 2..TERMS {
            a += &b;
            std::mem::swap(&mut a, &mut b);
        }
        (a, b)
    }));

    Ok(Contest {
        title: format!("{TERMS} terms, the last two kept"),
        unit: Unit::Milliseconds,
        contenders,
    })
}

/// All terms, in memory that has been written before.
pub(crate) fn list() -> Result<Contest> {
    let mut contenders = Vec::new();

    for isa in available() {
        let mut rows = Rows::default();
        contenders.push(Contender::timed_by(format!("{isa}"), move || {
            timed_list(&mut rows, isa)
        }));
    }

    let mut arena = arena()?;
    contenders.push(Contender::new(
        "filling the same bytes past the caches",
        move || {
            fill(arena.blocks_mut(), 7, Isa::detect());
        },
    ));

    contenders.push(Contender::timed_by(
        "num-bigint, a `Vec` of terms and its drop",
        || {
            let start = Instant::now();
            let mut terms = Vec::with_capacity(TERMS);
            terms.extend([BigUint::ZERO, BigUint::from(1_u32)]);
            for n in 2..TERMS {
                let next: BigUint = &terms[n - 1] + &terms[n - 2];
                terms.push(next);
            }
            drop(std::hint::black_box(terms));
            start.elapsed()
        },
    ));

    Ok(Contest {
        title: format!("{TERMS} terms kept, warm memory"),
        unit: Unit::Milliseconds,
        contenders,
    })
}

/// All terms, in memory that the system has yet to provide.
pub(crate) fn fresh() -> Result<Contest> {
    let mut contenders = Vec::new();

    for isa in available() {
        contenders.push(Contender::timed_by(format!("{isa}"), move || {
            timed_list(&mut Rows::default(), isa)
        }));
    }

    contenders.push(Contender::timed_by("touching the same fresh pages", || {
        let start = Instant::now();
        let Ok(mut arena) = arena() else {
            return Duration::MAX;
        };
        for page in arena.blocks_mut().chunks_mut(PAGE_BLOCKS) {
            page[0] = Block([7; 8]);
        }
        let time = start.elapsed();

        drop(std::hint::black_box(arena));
        time
    }));

    Ok(Contest {
        title: format!("{TERMS} terms kept, fresh memory"),
        unit: Unit::Milliseconds,
        contenders,
    })
}

/// Two lists at once: they share the memory's bandwidth.
pub(crate) fn two_lists() -> Result<Contest> {
    let isa = Isa::detect();
    let (mut first, mut second) = (Rows::default(), Rows::default());
    let (mut first_arena, mut second_arena) = (arena()?, arena()?);
    let mut alone = Rows::default();

    let contenders = vec![
        Contender::timed_by(format!("{isa}, two lists on two threads"), move || {
            let start = Instant::now();
            thread::scope(|scope| {
                scope.spawn(|| timed_list(&mut first, isa));
                timed_list(&mut second, isa);
            });
            start.elapsed()
        }),
        Contender::timed_by(
            "two threads filling the same bytes past the caches",
            move || {
                let start = Instant::now();
                thread::scope(|scope| {
                    scope.spawn(|| fill(first_arena.blocks_mut(), 7, isa));
                    fill(second_arena.blocks_mut(), 7, isa);
                });
                start.elapsed()
            },
        ),
        Contender::timed_by(format!("{isa}, one list on one thread"), move || {
            timed_list(&mut alone, isa)
        }),
    ];

    Ok(Contest {
        title: format!("twice {TERMS} terms kept, warm memory"),
        unit: Unit::Milliseconds,
        contenders,
    })
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

/// As much memory as a list takes.
fn arena() -> Result<Arena> {
    Arena::new(blocks_of_all(TERMS)).context("2 GB of memory are needed for each contender of fib")
}

/// Fills in the whole list. A list that does not fit counts as endless.
fn timed_list(rows: &mut Rows, isa: Isa) -> Duration {
    let start = Instant::now();
    let result = rows.fill(TERMS, blocks_of_all(TERMS), |list| {
        let mut pair = Pair::up_to(TERMS - 1, isa);
        list.push(pair.current());
        list.push(pair.next());
        (2..TERMS).for_each(|_| pair.advance_into(list));
    });
    let time = start.elapsed();

    if result.is_ok() { time } else { Duration::MAX }
}
