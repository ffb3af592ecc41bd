//! From coefficients to samples: libjpeg's accurate integer transform (`jidctint.c`), which is the
//! one of Loeffler, Ligtenberg and Moschytz (1989) with 12 multiplications for eight values.

use std::num::Wrapping;

use super::block::Block;

/// Damaged files may hold coefficients that no picture has: they wrap around.
type Number = Wrapping<i32>;

/// Fraction bits of the constants.
const FRACTION: usize = 13;

/// Bits that are kept between columns and rows.
const KEPT: usize = 2;

/// `value` with [`FRACTION`] bits behind the point, as in the original's table.
const fn fixed(value: i32) -> Number {
    Wrapping(value)
}

const F_0_298: Number = fixed(2446);
const F_0_390: Number = fixed(3196);
const F_0_541: Number = fixed(4433);
const F_0_765: Number = fixed(6270);
const F_0_899: Number = fixed(7373);
const F_1_175: Number = fixed(9633);
const F_1_501: Number = fixed(12299);
const F_1_847: Number = fixed(15137);
const F_1_961: Number = fixed(16069);
const F_2_053: Number = fixed(16819);
const F_2_562: Number = fixed(20995);
const F_3_072: Number = fixed(25172);

/// Writes the samples of `block` to `samples`, whose rows are `stride` apart.
pub(super) fn transform(block: &Block, table: &[u16; 64], samples: &mut [u8], stride: usize) {
    let mut work = [Wrapping(0); 64];

    for column in 0..8 {
        let input = std::array::from_fn(|row| {
            let place = 8 * row + column;
            Wrapping(i32::from(block[place])) * Wrapping(i32::from(table[place]))
        });

        let values = transform_eight(input, FRACTION - KEPT);
        for (row, value) in values.into_iter().enumerate() {
            work[8 * row + column] = value;
        }
    }

    for (values, row) in work.as_chunks().0.iter().zip(samples.chunks_mut(stride)) {
        let values = transform_eight(*values, FRACTION + KEPT + 3);

        for (sample, value) in row.iter_mut().zip(values) {
            *sample = u8::try_from((value.0.saturating_add(128)).clamp(0, 255)).unwrap_or(0);
        }
    }
}

/// The transform of eight values, divided by 2 to the power of `shift` and rounded.
fn transform_eight(input: [Number; 8], shift: usize) -> [Number; 8] {
    let even = even_part([input[0], input[2], input[4], input[6]]);
    let odd = odd_part([input[1], input[3], input[5], input[7]]);
    let half = Wrapping(1) << (shift - 1);

    std::array::from_fn(|place| {
        let value = if place < 4 {
            even[place] + odd[place]
        } else {
            even[7 - place] - odd[7 - place]
        };
        (value + half) >> shift
    })
}

/// What the inputs 0, 2, 4 and 6 add to the first four values.
#[inline]
fn even_part([i0, i2, i4, i6]: [Number; 4]) -> [Number; 4] {
    let rotated = (i2 + i6) * F_0_541;
    let low = rotated - i6 * F_1_847;
    let high = rotated + i2 * F_0_765;

    let sum = (i0 + i4) << FRACTION;
    let difference = (i0 - i4) << FRACTION;

    [sum + high, difference + low, difference - low, sum - high]
}

/// What the inputs 1, 3, 5 and 7 add to the first four values.
#[inline]
fn odd_part([i1, i3, i5, i7]: [Number; 4]) -> [Number; 4] {
    let rotated = (i1 + i3 + i5 + i7) * F_1_175;
    let z1 = (i1 + i7) * F_0_899;
    let z2 = (i3 + i5) * F_2_562;
    let z3 = rotated - (i3 + i7) * F_1_961;
    let z4 = rotated - (i1 + i5) * F_0_390;

    [
        i1 * F_1_501 + z4 - z1,
        i3 * F_3_072 + z3 - z2,
        i5 * F_2_053 + z4 - z2,
        i7 * F_0_298 + z3 - z1,
    ]
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    use super::*;

    /// The transform as the standard defines it (A.3.3).
    fn by_definition(block: &Block, table: &[u16; 64]) -> [f64; 64] {
        let basis = |frequency: usize, place: usize| {
            let scale = if frequency == 0 { FRAC_1_SQRT_2 } else { 1.0 };
            scale * ((2 * place + 1) as f64 * frequency as f64 * PI / 16.0).cos()
        };

        std::array::from_fn(|place| {
            let sum: f64 = (0..64)
                .map(|at| {
                    let value = f64::from(block[at]) * f64::from(table[at]);
                    value * basis(at / 8, place / 8) * basis(at % 8, place % 8)
                })
                .sum();
            sum / 4.0 + 128.0
        })
    }

    #[test]
    fn samples_are_the_standards_to_one_level() {
        let mut seed = 1_u32;
        let mut number = |limit: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % limit
        };

        for _ in 0..200 {
            let table = std::array::from_fn(|_| u16::try_from(1 + number(8)).unwrap());
            let block = std::array::from_fn(|at| {
                let limit = if at == 0 {
                    120
                } else {
                    40 / u32::try_from(at).unwrap() + 1
                };
                i16::try_from(number(2 * limit)).unwrap() - i16::try_from(limit).unwrap()
            });
            let mut samples = [0; 64];
            transform(&block, &table, &mut samples, 8);

            for (sample, expected) in samples.iter().zip(by_definition(&block, &table)) {
                assert!(
                    (f64::from(*sample) - expected.clamp(0.0, 255.0)).abs() < 1.0,
                    "{sample} {expected}"
                );
            }
        }
    }

    #[test]
    fn coefficients_of_no_picture_do_no_harm() {
        transform(&[i16::MIN; 64], &[u16::MAX; 64], &mut [0; 64], 8);
        transform(&[i16::MAX; 64], &[u16::MAX; 64], &mut [0; 64], 8);
    }
}
