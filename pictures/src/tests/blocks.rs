//! From the values of a picture to a component's quantised blocks.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::writer::Structure;

/// A component's quantised blocks, by row and column.
pub(super) type Blocks = Vec<Vec<[i32; 64]>>;

/// The divisor of all coefficients of a component.
pub(super) fn quantisation(component: usize) -> u8 {
    [1, 2, 3, 2][component]
}

/// A component's samples, transformed and quantised. `value(component, x, y)` is its value at the
/// picture's pixel (x, y).
pub(super) fn transformed(
    structure: &Structure,
    component: usize,
    value: &impl Fn(usize, f64, f64) -> f64,
) -> Blocks {
    let largest = structure.largest();
    let factors = structure.factors[component];
    let ratios = [0, 1].map(|axis| largest[axis] as f64 / factors[axis] as f64);
    let scale = f64::from(quantisation(component));

    let sample = |x: usize, y: usize| {
        let [x, y] =
            [(x, ratios[0]), (y, ratios[1])].map(|(at, ratio)| (at as f64 + 0.5) * ratio - 0.5);
        value(component, x, y).clamp(0.0, 255.0) - 128.0
    };
    let block = |row: usize, column: usize| {
        let samples = std::array::from_fn(|at| sample(8 * column + at % 8, 8 * row + at / 8));
        forward(&samples).map(|value| quantised(value / scale))
    };

    let [units_across, units_down] = structure.units();
    let columns = units_across * factors[0];
    let rows = units_down * factors[1];
    (0..rows)
        .map(|row| (0..columns).map(|column| block(row, column)).collect())
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a coefficient has 11 bits")]
fn quantised(value: f64) -> i32 {
    value.round() as i32
}

/// The transform of the standard (A.3.3), by rows and then by columns.
fn forward(samples: &[f64; 64]) -> [f64; 64] {
    let basis: [f64; 64] = std::array::from_fn(|at| {
        let scale = if at < 8 { FRAC_1_SQRT_2 } else { 1.0 };
        scale / 2.0 * ((2 * (at % 8) + 1) as f64 * (at / 8) as f64 * PI / 16.0).cos()
    });

    // Transforms each row, and turns rows into columns.
    let pass = |input: &[f64; 64]| -> [f64; 64] {
        std::array::from_fn(|at| {
            (0..8)
                .map(|x| input[8 * (at % 8) + x] * basis[8 * (at / 8) + x])
                .sum()
        })
    };
    pass(&pass(samples))
}
