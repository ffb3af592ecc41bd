//! Residues of natural numbers stored as 64-bit limbs, least significant first: a quick witness
//! that all limbs are right.

/// The modulus of [`residue`]: the Mersenne prime 2^61 - 1.
pub const MERSENNE_61: u64 = (1 << 61) - 1;

/// The number modulo 2^61 - 1, from 0 to 2^61 - 2.
///
/// Since 2^61 = 1 there, 2^64 = 8 and multiplying by a power of two rotates 61 bits: Horner's rule
/// needs no multiplication. Eight chains run side by side, because a single one would wait for
/// itself; chain `k` takes the limbs `k`, `k + 8`, `k + 16`, ..., so each of its steps is worth 8^8
/// = 2^24.
#[must_use]
pub fn residue(limbs: &[u64]) -> u64 {
    let (chunks, rest) = limbs.as_chunks::<8>();

    let mut chains = [0_u64; 8];
    for (chain, &limb) in chains.iter_mut().zip(rest) {
        *chain = fold(limb);
    }

    for chunk in chunks.iter().rev() {
        for k in 0..8 {
            chains[k] = fold(rotate(chains[k], 24) + fold(chunk[k]));
        }
    }

    let sum = chains
        .iter()
        .rev()
        .fold(0, |sum, &chain| fold(rotate(sum, 3) + chain));

    // The same residue has two forms after folding: 0 and the modulus itself.
    if sum >= MERSENNE_61 {
        sum - MERSENNE_61
    } else {
        sum
    }
}

/// The sum of two residues.
#[must_use]
pub fn add_residues(a: u64, b: u64) -> u64 {
    let sum = a + b;

    if sum >= MERSENNE_61 {
        sum - MERSENNE_61
    } else {
        sum
    }
}

/// A number of at most 61 bits (or 2^61 + 6 at most) with the same residue.
#[inline(always)]
fn fold(x: u64) -> u64 {
    (x & MERSENNE_61) + (x >> 61)
}

/// `x` times 2^`bits` modulo 2^61 - 1, as a number of at most 61 bits.
#[inline(always)]
fn rotate(x: u64, bits: u32) -> u64 {
    let x = fold(x);

    ((x << bits) & MERSENNE_61) | (x >> (61 - bits))
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn big(limbs: &[u64]) -> BigUint {
        BigUint::from_slice(
            &limbs
                .iter()
                .flat_map(|&limb| [limb & 0xffff_ffff, limb >> 32])
                .map(|half| u32::try_from(half).unwrap())
                .collect::<Vec<_>>(),
        )
    }

    /// Pairs of rows with long carries: random limbs, limbs of all ones and limbs of zero, of every
    /// length to 40.
    fn rows() -> Vec<(Vec<u64>, Vec<u64>)> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut limb = move || match random.next_u64() % 3 {
            0 => u64::MAX,
            1 => 0,
            _ => random.next_u64(),
        };

        let mut rows: Vec<_> = (0..41_usize)
            .flat_map(|length| (0..20).map(move |_| length))
            .map(|length| {
                (
                    (0..length).map(|_| limb()).collect(),
                    (0..length).map(|_| limb()).collect(),
                )
            })
            .collect();

        for length in 1..40 {
            let ones = vec![u64::MAX; length];
            let mut unit = vec![0; length];
            unit[0] = 1;
            rows.push((ones.clone(), unit));
            rows.push((ones.clone(), ones));
        }

        rows
    }

    #[test]
    fn residues_equal_num_bigint() {
        for (a, b) in rows() {
            assert_eq!(BigUint::from(residue(&a)), big(&a) % MERSENNE_61, "{a:x?}");
            assert_eq!(
                BigUint::from(add_residues(residue(&a), residue(&b))),
                (big(&a) + big(&b)) % MERSENNE_61
            );
        }

        assert_eq!(residue(&[MERSENNE_61]), 0);
    }
}
