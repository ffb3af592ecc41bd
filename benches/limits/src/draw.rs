//! The random numbers of the points alone: the kernel's lanes without the counting.

use parbench_kernels::isa::Isa;
use parbench_kernels::points::LANES;
use parbench_kernels::xoshiro::{Xoshiro256PlusPlus, step};

/// `LANES` generators side by side, laid out as the kernel's points are.
#[repr(align(64))]
pub(crate) struct Lanes {
    words: [[u64; LANES]; 4],
}

impl Lanes {
    /// Lane 0 is `first`; each further lane is the lane before it after a jump of 2^128 outputs.
    pub(crate) fn new(first: [u64; 4]) -> Self {
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

    /// Draws `steps` outputs from every lane. Returns a mixture of them, so that none can be left
    /// out.
    pub(crate) fn draw(&mut self, steps: u64, isa: Isa) -> u64 {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if isa.is_available() => {
                // SAFETY: the guard has just seen that this CPU has the features of `draw_avx512`.
                unsafe { draw_avx512(&mut self.words, steps) }
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if isa.is_available() => {
                // SAFETY: the guard has just seen that this CPU has the feature of `draw_avx2`.
                unsafe { draw_avx2(&mut self.words, steps) }
            }
            Isa::Neon if isa.is_available() => draw_groups::<8>(&mut self.words, steps),
            _ => draw_groups::<1>(&mut self.words, steps),
        }
    }
}

/// The kernel's loop with another body: `WIDTH` lanes at a time for all their steps, then the next
/// ones.
#[inline(always)]
fn draw_groups<const WIDTH: usize>(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    let mut mixture = 0;

    for first in (0..LANES).step_by(WIDTH) {
        let mut group: [[u64; WIDTH]; 4] =
            std::array::from_fn(|word| std::array::from_fn(|lane| words[word][first + lane]));
        let mut outputs = [0; WIDTH];

        let [s0, s1, s2, s3] = &mut group;
        for _ in 0..steps {
            for lane in 0..WIDTH {
                outputs[lane] ^= step(&mut s0[lane], &mut s1[lane], &mut s2[lane], &mut s3[lane]);
            }
        }
        mixture = outputs
            .iter()
            .fold(mixture, |mixture, output| mixture ^ output);

        for (row, group) in words.iter_mut().zip(group) {
            row[first..first + WIDTH].copy_from_slice(&group);
        }
    }

    mixture
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn draw_avx512(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    draw_groups::<32>(words, steps)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn draw_avx2(words: &mut [[u64; LANES]; 4], steps: u64) -> u64 {
    draw_groups::<16>(words, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_draws_the_same_outputs() {
        let expected = Lanes::new([1, 2, 3, 4]).draw(1000, Isa::Portable);

        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            assert_eq!(Lanes::new([1, 2, 3, 4]).draw(1000, isa), expected, "{isa}");
        }
    }
}
