//! A xoshiro256++ generator with a public state, which the lane loop needs and `rand_xoshiro` does
//! not offer. A test holds it to `rand_xoshiro`, output for output.
//!
//! Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS
//! 47(4), 2021.

/// A generator's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xoshiro256PlusPlus(pub [u64; 4]);

impl Xoshiro256PlusPlus {
    /// The next output.
    #[inline(always)]
    pub fn next_output(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        step(a, b, c, d)
    }

    /// Skips 2^128 outputs, by the authors' polynomial.
    pub fn jump(&mut self) {
        const POLYNOMIAL: [u64; 4] = [
            0x180e_c6d3_3cfd_0aba,
            0xd5a6_1266_f0c9_392c,
            0xa958_2618_e03f_c9aa,
            0x39ab_dc45_29b1_661c,
        ];

        let mut sum = [0; 4];
        for bit in 0..256 {
            if POLYNOMIAL[bit / 64] >> (bit % 64) & 1 == 1 {
                for (sum, word) in sum.iter_mut().zip(self.0) {
                    *sum ^= word;
                }
            }

            self.next_output();
        }

        self.0 = sum;
    }
}

/// One step of the generator with these four state words, and its output.
#[inline(always)]
pub fn step(s0: &mut u64, s1: &mut u64, s2: &mut u64, s3: &mut u64) -> u64 {
    let output = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
    let shifted = *s1 << 17;

    *s2 ^= *s0;
    *s3 ^= *s1;
    *s1 ^= *s2;
    *s0 ^= *s3;
    *s2 ^= shifted;
    *s3 = s3.rotate_left(45);

    output
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn outputs_and_jumps_equal_rand_xoshiro() {
        let mut words = rand_xoshiro::SplitMix64::seed_from_u64(7);
        let mut ours = Xoshiro256PlusPlus(std::array::from_fn(|_| words.next_u64()));
        let mut theirs = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);

        for _ in 0..3 {
            for _ in 0..100 {
                assert_eq!(ours.next_output(), theirs.next_u64());
            }

            ours.jump();
            theirs.jump();
        }
    }
}
