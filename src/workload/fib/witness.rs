//! F(n) by another road: fast doubling with num-bigint. It bears witness that the tasks' last terms are
//! right, and gives their decimal digits. Never timed.

use num_bigint::BigUint;

use crate::workload::digest::Digest;

/// Digits shown of each end of a number.
const SHOWN: u64 = 20;

/// What the last terms of a list must be.
pub(super) struct Witness {
    /// Decimal digits of the last term.
    pub(super) digits: u64,
    /// Its first 20 digits, or all when it has fewer.
    pub(super) leading: String,
    /// Its last 20 digits, or all when it has fewer.
    pub(super) trailing: String,
    /// The checksum of the last two terms.
    pub(super) checksum: Digest,
}

impl Witness {
    /// Of F(0) to F(`size` - 1).
    pub(super) fn of(size: usize) -> Self {
        let limbs = |term: &BigUint| {
            if *term == BigUint::ZERO {
                vec![]
            } else {
                term.to_u64_digits()
            }
        };
        let (before, last) = match size {
            0 => (None, None),
            1 => (None, Some(BigUint::ZERO)),
            _ => {
                let (before, last) = neighbours(size - 2);
                (Some(before), Some(last))
            }
        };
        let [before_limbs, last_limbs] =
            [&before, &last].map(|term| term.as_ref().map_or(vec![], limbs));
        let checksum = checksum(&before_limbs, &last_limbs);
        let (digits, leading, trailing) = last.as_ref().map_or_else(Default::default, decimal_ends);
        Self {
            digits,
            leading,
            trailing,
            checksum,
        }
    }
}

/// SHA-256 of two terms, each as little-endian 64-bit limbs without leading zero limbs.
pub(super) fn checksum(before: &[u64], last: &[u64]) -> Digest {
    let bytes: Vec<u8> = before
        .iter()
        .chain(last)
        .flat_map(|limb| limb.to_le_bytes())
        .collect();
    Digest::of(bytes)
}

/// F(n) and F(n + 1), from the top bit of `n` down: F(2k) = F(k) (2 F(k+1) - F(k)) and
/// F(2k+1) = F(k)^2 + F(k+1)^2 (D. E. Knuth, The Art of Computer Programming, vol. 1, 1.2.8, from the
/// addition formula).
fn neighbours(n: usize) -> (BigUint, BigUint) {
    let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
    for bit in (0..usize::BITS - n.leading_zeros()).rev() {
        let even = &a * ((&b << 1_u32) - &a);
        let odd = &a * &a + &b * &b;
        (a, b) = if n >> bit & 1 == 0 {
            (even, odd)
        } else {
            (odd.clone(), even + odd)
        };
    }
    (a, b)
}

/// How many decimal digits `number` has, and the first and last of them, without writing them all.
fn decimal_ends(number: &BigUint) -> (u64, String, String) {
    // A number of so many bits has at least this many digits, and at most one more.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative"
    )]
    let digits = (number.bits().saturating_sub(1) as f64 * std::f64::consts::LOG10_2) as u64 + 1;
    if digits <= 2 * SHOWN {
        let all = number.to_string();
        let shown = all.len().min(usize::try_from(SHOWN).unwrap_or(usize::MAX));
        return (
            all.len() as u64,
            all[..shown].to_owned(),
            all[all.len() - shown..].to_owned(),
        );
    }
    let ten = BigUint::from(10_u32);
    // One digit fewer is cut off than the estimate allows: it may be one too high near a power of ten.
    let cut = digits - 1 - SHOWN;
    let top = (number / power(&ten, cut)).to_string();
    let bottom = (number % power(&ten, SHOWN)).to_string();
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    (
        cut + top.len() as u64,
        top[..shown].to_owned(),
        format!("{bottom:0>shown$}"),
    )
}

/// `base` to the power `exponent`, by squaring.
fn power(base: &BigUint, exponent: u64) -> BigUint {
    base.pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_term_has_its_known_digits() {
        let witness = Witness::of(200_000);
        assert_eq!(witness.digits, 41_797);
        assert_eq!(witness.leading, "93234651823626096072");
        assert_eq!(witness.trailing, "93976226877967737501");
    }

    #[test]
    fn the_ends_equal_the_whole_decimal_text() {
        for n in [
            1, 2, 5, 10, 90, 91, 180, 190, 191, 192, 193, 200, 385, 386, 1000, 4321,
        ] {
            let number = neighbours(n).0;
            let text = number.to_string();
            let shown = text.len().min(20);
            let expected = (
                text.len() as u64,
                text[..shown].to_owned(),
                text[text.len() - shown..].to_owned(),
            );
            assert_eq!(decimal_ends(&number), expected, "F({n})");
        }
        for exponent in [39, 40, 41, 100] {
            for number in [
                BigUint::from(10_u32).pow(exponent),
                BigUint::from(10_u32).pow(exponent) - 1_u32,
            ] {
                let (digits, leading, trailing) = decimal_ends(&number);
                let text = number.to_string();
                assert_eq!(digits, text.len() as u64);
                assert_eq!(
                    (leading.as_str(), trailing.as_str()),
                    (&text[..20], &text[text.len() - 20..])
                );
            }
        }
    }

    #[test]
    fn neighbours_follow_the_recurrence() {
        let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
        for n in 0..300 {
            assert_eq!(neighbours(n), (a.clone(), b.clone()), "F({n})");
            (a, b) = (b.clone(), a + b);
        }
    }
}
