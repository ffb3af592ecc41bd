//! Which arm of a round goes first. Rounds stand in blocks of two: the first one's order is drawn, the
//! second one's is its mirror image (ABBA or BAAB), so that what going first costs or gains, and any steady
//! drift within a block, falls on both arms alike.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

use crate::results::Order;

/// The order of round `number`, counted from 0, of which the first `warmup` come before the blocks. Warm-up
/// rounds take turns, and the cold round among them always begins with the serial arm.
#[must_use]
pub fn order(seed: u64, number: u32, warmup: u32) -> Order {
    let (serial_first, mirrored) = match number.checked_sub(warmup) {
        None => (true, number % 2 == 1),
        Some(counted) => (drawn(seed, counted / 2), counted % 2 == 1),
    };
    if serial_first == mirrored { Order::DistributedFirst } else { Order::SerialFirst }
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
    fn warm_up_rounds_take_turns() {
        let orders: Vec<_> = (0..4).map(|number| order(3, number, 4)).collect();
        let (serial, distributed) = (Order::SerialFirst, Order::DistributedFirst);
        assert_eq!(orders, [serial, distributed, serial, distributed]);
    }
}
