//! Random numbers by purpose, seed and index, so that nothing depends on which task draws first or
//! on how many there are.
//!
//! The stream for `purpose`, `seed` and `index` is xoshiro256++ whose state is the SHA-256 of the
//! text `parbench image <purpose> <seed> <index>` (decimal numbers, single spaces, no line end),
//! read as four little-endian 64-bit words. The purpose keeps the noise in the pictures and the
//! choice of the windows apart even where seed and index are the same.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::digest::Digest;

/// What a stream is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// The samples of a generated picture.
    Noise,
    /// The choice of a task's window.
    Window,
}

/// A stream of random numbers.
pub(super) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream for this purpose, seed and index.
    pub(super) fn new(purpose: Purpose, seed: u64, index: usize) -> Self {
        let purpose = match purpose {
            Purpose::Noise => "noise",
            Purpose::Window => "window",
        };
        let state = Digest::of(format!("parbench image {purpose} {seed} {index}"));

        Self(Xoshiro256PlusPlus::from_seed(state.bytes()))
    }

    /// Fills `bytes` with the little-endian bytes of one output after the other.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A number from 0 to below 1: the upper 53 bits of one output, times 2^-53.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (0.5_f64).powi(53)
    }

    /// A number from 0 to `last`: the upper 64 bits of one output times `last + 1`.
    pub(super) fn up_to(&mut self, last: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * (last as u128 + 1);
        usize::try_from(product >> 64).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_each_of_their_three_parts() {
        let first = |purpose, seed, index| Stream::new(purpose, seed, index).0.next_u64();
        let base = first(Purpose::Noise, 42, 7);

        assert_eq!(base, first(Purpose::Noise, 42, 7));
        assert_ne!(base, first(Purpose::Window, 42, 7));
        assert_ne!(base, first(Purpose::Noise, 43, 7));
        assert_ne!(base, first(Purpose::Noise, 42, 8));
        assert_ne!(first(Purpose::Noise, 4, 27), first(Purpose::Noise, 42, 7));
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_its_ends() {
        let mut stream = Stream::new(Purpose::Window, 1, 0);
        let draws: Vec<usize> = (0..200).map(|_| stream.up_to(3)).collect();

        assert!((0..=3).all(|value| draws.contains(&value)));
        assert!(draws.iter().all(|&value| value <= 3));
        assert_eq!(stream.up_to(0), 0);
        assert!((0..200).all(|_| (0.0..1.0).contains(&stream.unit())));
    }
}
