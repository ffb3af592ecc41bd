//! Points in a square, drawn and counted.

use anyhow::Result;
use parbench_kernels::isa::Isa;
use parbench_kernels::points::{LANES, Points};
use rand::rngs::{SmallRng, StdRng};
use rand::{Rng, RngExt, SeedableRng};

use crate::contest::{Contender, Contest, Unit};
use crate::draw::Lanes;

const POINTS: u32 = 4_000_000;

/// Every path beside its random numbers alone, and beside rand's generators.
pub(crate) fn points() -> Result<Contest> {
    let steps = u64::from(POINTS) / LANES as u64;
    let mut contenders = Vec::new();

    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let mut points = Points::new([1, 2, 3, 4]);
        contenders.push(Contender::new(format!("{isa}"), move || {
            points.count(steps, isa)
        }));

        let mut lanes = Lanes::new([1, 2, 3, 4]);
        contenders.push(Contender::new(
            format!("{isa}, random numbers alone"),
            move || lanes.draw(steps, isa),
        ));
    }

    contenders.push(Contender::new(
        "rand SmallRng, random_range of f64",
        by::<SmallRng>(),
    ));
    contenders.push(Contender::new(
        "rand StdRng, random_range of f64",
        by::<StdRng>(),
    ));

    Ok(Contest {
        title: "points drawn and counted on one thread".to_owned(),
        unit: Unit::NanosecondsPer(f64::from(POINTS), "point"),
        contenders,
    })
}

/// What one would write with rand.
fn by<R: Rng + SeedableRng>() -> impl FnMut() -> usize {
    let mut random = R::seed_from_u64(42);

    move || {
        let mut inside = || {
            let (x, y): (f64, f64) = (
                random.random_range(-1.0..1.0),
                random.random_range(-1.0..1.0),
            );
            x * x + y * y <= 1.0
        };

        (0..POINTS).filter(|_| inside()).count()
    }
}
