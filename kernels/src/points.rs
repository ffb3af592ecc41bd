//! Random points in a square, counted when they fall into its circle: 32 generators side by side,
//! so that one vector instruction advances many of them. Counts are the same on every instruction
//! set.

use crate::isa::Isa;
use crate::xoshiro::{Xoshiro256PlusPlus, step};

/// Generators that run side by side. Part of the answer's definition: another number, other points.
pub const LANES: usize = 32;

/// `LANES` generators as a structure of arrays: word `w` of all lanes stands in one row.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Points {
    words: [[u64; LANES]; 4],
}

impl Points {
    /// Lane 0 is `first`; each further lane is the lane before it after a jump of 2^128 outputs.
    #[must_use]
    pub fn new(first: [u64; 4]) -> Self {
        let mut generator = Xoshiro256PlusPlus(first);
        let mut words = [[0; LANES]; 4];

        for lane in 0..LANES {
            for (row, word) in words.iter_mut().zip(generator.0) {
                row[lane] = word;
            }

            generator.jump();
        }

        Self { words }
    }

    /// Draws `steps` points from every lane and counts those inside the circle.
    pub fn count(&mut self, steps: u64, isa: Isa) -> u64 {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if isa.is_available() => {
                // SAFETY: the guard has just seen that this CPU has the features of `count_avx512`.
                #[expect(unsafe_code, reason = "the CPU has these features")]
                unsafe {
                    count_avx512(&mut self.words, steps)
                }
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if isa.is_available() => {
                // SAFETY: the guard has just seen that this CPU has the feature of `count_avx2`.
                #[expect(unsafe_code, reason = "the CPU has these features")]
                unsafe {
                    count_avx2(&mut self.words, steps)
                }
            }
            // It is part of every aarch64 target that has it, so the plain loop is compiled for it.
            Isa::Neon if isa.is_available() => count_groups::<8>(&mut self.words, steps),
            _ => count_groups::<1>(&mut self.words, steps),
        }
    }

    /// Draws one point from each of the first `lanes` lanes: what remains when the number of points
    /// is no multiple of [`LANES`].
    pub fn count_rest(&mut self, lanes: usize) -> u64 {
        let [s0, s1, s2, s3] = &mut self.words;
        let states = s0.iter_mut().zip(s1).zip(s2).zip(s3).take(lanes);

        states
            .map(|(((s0, s1), s2), s3)| inside(step(s0, s1, s2, s3)))
            .sum()
    }
}

/// 1 when the point is in the circle, 0 otherwise. The output's halves are its coordinates as
/// signed 32-bit fixed-point numbers: -2^31 stands for -1 and 2^31 would stand for 1. Integers, so
/// exact.
#[inline(always)]
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the bits are the coordinates"
)]
fn inside(output: u64) -> u64 {
    let x = ((output << 32) as i64) >> 32;
    let y = (output as i64) >> 32;

    // The sum of both squares at the corner is 2^63: it fits only without a sign.
    u64::from((x * x) as u64 + (y * y) as u64 <= 1 << 62)
}

/// The loop that every variant is compiled from: `WIDTH` lanes at a time for all their steps, then
/// the next ones. `WIDTH` is what was fastest for the instruction set.
#[inline(always)]
fn count_groups<const WIDTH: usize>(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    let mut total = 0;

    for first in (0..LANES).step_by(WIDTH) {
        let mut group: [[u64; WIDTH]; 4] =
            std::array::from_fn(|word| std::array::from_fn(|lane| words[word][first + lane]));
        let mut counts = [0; WIDTH];

        let [s0, s1, s2, s3] = &mut group;
        for _ in 0..steps {
            for lane in 0..WIDTH {
                let output = step(&mut s0[lane], &mut s1[lane], &mut s2[lane], &mut s3[lane]);
                counts[lane] += inside(output);
            }
        }
        total += counts.iter().sum::<u64>();

        for (row, group) in words.iter_mut().zip(group) {
            row[first..first + WIDTH].copy_from_slice(&group);
        }
    }

    total
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn count_avx512(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    count_groups::<32>(words, steps)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn count_avx2(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    count_groups::<16>(words, steps)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;

    /// The definition, with one generator of `rand_xoshiro` per lane and no lanes at all otherwise.
    fn reference(seed: u64, samples: u64) -> u64 {
        let mut generator = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut total = 0;

        for lane in 0..LANES as u64 {
            let mut stream = generator.clone();
            for _ in 0..samples / LANES as u64 + u64::from(lane < samples % LANES as u64) {
                let output = stream.next_u64();
                let [x, y] = [output & 0xffff_ffff, output >> 32]
                    .map(|half| i128::from(u32::try_from(half).unwrap().cast_signed()));
                total += u64::from(x * x + y * y <= 1 << 62);
            }

            generator.jump();
        }

        total
    }

    #[test]
    fn every_instruction_set_counts_what_rand_xoshiro_counts() {
        let mut words = rand_xoshiro::SplitMix64::seed_from_u64(42);
        let first = std::array::from_fn(|_| words.next_u64());

        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for samples in [0, 1, 31, 32, 33, 1000, 100_003] {
                let mut points = Points::new(first);
                let half = samples / 32 / 2;

                let mut count = points.count(half, isa) + points.count(samples / 32 - half, isa);
                count += points.count_rest(usize::try_from(samples % 32).unwrap());

                assert_eq!(count, reference(42, samples), "{isa}, {samples} samples");
            }
        }
    }

    #[test]
    fn corners_are_outside_and_the_rim_is_inside() {
        let point = |x: i32, y: i32| {
            inside(u64::from(y.cast_unsigned()) << 32 | u64::from(x.cast_unsigned()))
        };

        assert_eq!(point(i32::MIN, i32::MIN), 0);
        assert_eq!(point(i32::MIN, 0), 1);
        assert_eq!(point(i32::MIN, 1), 0);
        assert_eq!(point(0, 0), 1);
        assert_eq!(point(i32::MAX, i32::MAX), 0);
    }
}
