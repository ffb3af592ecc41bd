//! Random numbers as the other files need them.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A number from 0 to below `bound`, by multiplying instead of dividing (D. Lemire, Fast random
/// integer generation in an interval, 2019). The bias is below 2^-32 for any number of rounds.
pub(crate) fn below(bound: usize, generator: &mut Xoshiro256PlusPlus) -> usize {
    let product = u128::from(generator.next_u64()) * bound as u128;

    usize::try_from(product >> 64).unwrap_or_default()
}
