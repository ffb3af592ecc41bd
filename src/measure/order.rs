//! Which arm of a round goes first. Rounds stand in blocks of two: the first one's order is drawn, the
//! second one's is its mirror image (ABBA or BAAB), so that what going first costs or gains, and any steady
//! drift within a block, falls on both arms alike.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

use crate::results::Order;

/// The order of round `number`, counted from 0, of which the first `warmup` come before the blocks. Warm-up
/// rounds take turns, and the cold round always begins with the serial arm. It is part of no block, also where there
/// is no warm-up: figures leave it out, and the round that mirrors it would stand alone.
#[must_use]
pub fn order(seed: u64, number: u32, warmup: u32) -> Order {
    let (serial_first, mirrored) = match number.checked_sub(warmup.max(1)) {
        None => (true, number % 2 == 1),
        Some(counted) => (drawn(seed, counted / 2), counted % 2 == 1),
    };
    if serial_first == mirrored {
        Order::DistributedFirst
    } else {
        Order::SerialFirst
    }
}

/// A fair coin for each block; a block's own generator, so that a round's order needs no history.
fn drawn(seed: u64, block: u32) -> bool {
    let mixed = SplitMix64::seed_from_u64(seed).next_u64();
    SplitMix64::seed_from_u64(mixed ^ u64::from(block)).next_u64() >> 63 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_mirrored_drawn_fairly_and_repeatable() {
        let first = |seed, block: u32| order(seed, 1 + 2 * block, 1) == Order::SerialFirst;
        let mut heads = 0;
        for block in 0..1000 {
            assert_ne!(order(7, 1 + 2 * block, 1), order(7, 2 + 2 * block, 1));
            heads += u32::from(first(7, block));
        }
        // Four standard deviations of a fair coin.
        assert!((437..=563).contains(&heads), "{heads}");
        assert!((0..64).any(|block| first(7, block) != first(8, block)));
    }

    #[test]
    fn without_warm_up_the_blocks_begin_after_the_cold_round() {
        for seed in 0..8 {
            assert_eq!(order(seed, 0, 0), Order::SerialFirst);
            assert_ne!(order(seed, 1, 0), order(seed, 2, 0));
            assert_ne!(order(seed, 3, 0), order(seed, 4, 0));
        }
    }

    #[test]
    fn warm_up_rounds_take_turns() {
        let orders: Vec<_> = (0..4).map(|number| order(3, number, 4)).collect();
        let (serial, distributed) = (Order::SerialFirst, Order::DistributedFirst);
        assert_eq!(orders, [serial, distributed, serial, distributed]);
    }
}
