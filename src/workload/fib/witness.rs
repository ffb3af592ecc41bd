//! The last terms by another method: fast doubling with num-bigint. They are the witness that the
//! tasks' last terms are right, and give the decimal digits. Never timed.

use num_bigint::BigUint;

use crate::digest::Digest;

/// The digits at each end of the last term that an answer holds.
const END_DIGITS: u64 = 20;

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
    /// The witness for F(0) to F(`size` - 1).
    pub(super) fn of(size: usize) -> Self {
        let (before, last) = match size {
            0 => (None, None),
            1 => (None, Some(BigUint::ZERO)),
            _ => {
                let (before, last) = neighbours(size - 2);
                (Some(before), Some(last))
            }
        };

        let checksum = checksum(&limbs(before.as_ref()), &limbs(last.as_ref()));
        let ends = last.as_ref().map(DecimalEnds::of).unwrap_or_default();

        Self {
            digits: ends.digits,
            leading: ends.leading,
            trailing: ends.trailing,
            checksum,
        }
    }
}

/// The little-endian limbs of a term without leading zero limbs; empty for zero or a missing term.
fn limbs(term: Option<&BigUint>) -> Vec<u64> {
    match term {
        Some(term) if *term != BigUint::ZERO => term.to_u64_digits(),
        _ => Vec::new(),
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
/// F(2k+1) = F(k)^2 + F(k+1)^2 (D. E. Knuth, The Art of Computer Programming, vol. 1, 1.2.8, from
/// the addition formula).
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

/// The number of a number's decimal digits, and the first and last of them.
#[derive(Debug, Default, PartialEq)]
struct DecimalEnds {
    digits: u64,
    leading: String,
    trailing: String,
}

impl DecimalEnds {
    /// The ends of `number`; a long number is not written in full.
    fn of(number: &BigUint) -> Self {
        // The number's bits allow at least this many digits, and at most one more.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative"
        )]
        let digits =
            (number.bits().saturating_sub(1) as f64 * std::f64::consts::LOG10_2) as u64 + 1;
        let length = usize::try_from(END_DIGITS).unwrap_or(usize::MAX);

        if digits <= 2 * END_DIGITS {
            let text = number.to_string();
            let length = length.min(text.len());
            return Self {
                digits: text.len() as u64,
                leading: text[..length].to_owned(),
                trailing: text[text.len() - length..].to_owned(),
            };
        }

        // One digit fewer is cut off than the estimate allows: near a power of ten it may be one
        // too high.
        let cut = digits - 1 - END_DIGITS;
        let top = (number / power_of_ten(cut)).to_string();
        let bottom = (number % power_of_ten(END_DIGITS)).to_string();

        Self {
            digits: cut + top.len() as u64,
            leading: top[..length].to_owned(),
            trailing: format!("{bottom:0>length$}"),
        }
    }
}

fn power_of_ten(exponent: u64) -> BigUint {
    BigUint::from(10_u32).pow(u32::try_from(exponent).unwrap_or(u32::MAX))
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
        let ends_of_text = |number: &BigUint| {
            let text = number.to_string();
            let length = text.len().min(20);
            DecimalEnds {
                digits: text.len() as u64,
                leading: text[..length].to_owned(),
                trailing: text[text.len() - length..].to_owned(),
            }
        };

        for n in [
            1, 2, 5, 10, 90, 91, 180, 190, 191, 192, 193, 200, 385, 386, 1000, 4321,
        ] {
            let number = neighbours(n).0;
            assert_eq!(DecimalEnds::of(&number), ends_of_text(&number), "F({n})");
        }

        for exponent in [39, 40, 41, 100] {
            let power = BigUint::from(10_u32).pow(exponent);
            for number in [&power - 1_u32, power] {
                assert_eq!(DecimalEnds::of(&number), ends_of_text(&number));
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
