//! In which order the arms of a round run. Rounds stand in blocks of two: the first one's order is
//! drawn, the second one's is its mirror image (as ABBA or BAAB for two arms), so that what going
//! first costs or gains, and any steady drift within a block, falls on every pair of arms alike.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

/// The order of `arms` arms in round `number`, counted from 0, of which the first `warmup` come
/// before the blocks: indices of the arms.
///
/// Warm-up rounds take turns between the plain order and its mirror image, and the cold round has
/// the plain one. It is part of no block, also where there is no warm-up: figures leave it out, and
/// the round that mirrors it would stand alone.
#[must_use]
pub fn order(seed: u64, number: u32, warmup: u32, arms: usize) -> Vec<usize> {
    let (mut order, mirrored) = match number.checked_sub(warmup.max(1)) {
        None => ((0..arms).collect(), number % 2 == 1),
        Some(counted) => (drawn(seed, counted / 2, arms), counted % 2 == 1),
    };
    if mirrored {
        order.reverse();
    }

    order
}

/// A random permutation for each block, by the shuffle of Fisher and Yates, from a generator of the
/// block's own, so that a round's order needs no history.
fn drawn(seed: u64, block: u32, arms: usize) -> Vec<usize> {
    let mixed = SplitMix64::seed_from_u64(seed).next_u64();
    let mut random = SplitMix64::seed_from_u64(mixed ^ u64::from(block));
    let mut order: Vec<usize> = (0..arms).collect();

    for last in (1..arms).rev() {
        order.swap(last, below(&mut random, last + 1));
    }
    order
}

/// A number from 0 to `bound` - 1: the upper half of the product of 64 random bits with the bound.
/// Its bias is below `bound` divided by 2^64.
fn below(random: &mut SplitMix64, bound: usize) -> usize {
    let product = u128::from(random.next_u64()) * bound as u128;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is below the bound, a usize"
    )]
    {
        (product >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_mirrored_and_every_permutation_is_drawn_as_often() {
        let mut counts = std::collections::HashMap::new();
        for block in 0..6000 {
            let (first, second) = (order(7, 1 + 2 * block, 1, 3), order(7, 2 + 2 * block, 1, 3));
            assert!(first.iter().rev().eq(&second));
            *counts.entry(first).or_insert(0) += 1;
        }

        // Four standard deviations of 6000 fair draws among six.
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|count| (885..=1115).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn each_of_two_arms_goes_first_in_every_block() {
        let first = |seed, block: u32| order(seed, 1 + 2 * block, 1, 2)[0];
        for block in 0..1000 {
            assert_ne!(
                order(7, 1 + 2 * block, 1, 2)[0],
                order(7, 2 + 2 * block, 1, 2)[0]
            );
        }
        assert!(
            (0..64).any(|block| first(7, block) != first(8, block)),
            "the seed matters"
        );
    }

    #[test]
    fn without_warm_up_the_blocks_begin_after_the_cold_round() {
        for seed in 0..8 {
            assert_eq!(order(seed, 0, 0, 3), [0, 1, 2]);
            for block in [1, 3] {
                let mut mirrored = order(seed, block + 1, 0, 3);
                mirrored.reverse();
                assert_eq!(order(seed, block, 0, 3), mirrored);
            }
        }
    }

    #[test]
    fn warm_up_rounds_take_turns() {
        let orders: Vec<_> = (0..4).map(|number| order(3, number, 4, 2)).collect();
        assert_eq!(orders, [[0, 1], [1, 0], [0, 1], [1, 0]]);
        assert_eq!(order(3, 9, 1, 1), [0], "one arm has one order");
    }
}
