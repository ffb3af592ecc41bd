//! The Fibonacci numbers one after another, exactly, and how much room they need.

use super::limbs::add_assign;

/// The binary logarithm of the golden ratio: how many bits a term has more than the one before.
const BITS_PER_TERM: f64 = 0.694_241_913_630_617_3;

/// The binary logarithm of the square root of five: F(n) is the golden ratio's n-th power by that root.
const BITS_LESS: f64 = 1.160_964_047_443_681;

/// Limbs that hold F(`n`): at most one more than it needs.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
pub fn limbs_of(n: usize) -> usize {
    (((n as f64) * BITS_PER_TERM - BITS_LESS).max(0.0) / 64.0) as usize + 1
}

/// Limbs that hold F(0) to F(`size` - 1) one behind another: a few more than they need.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
pub fn limbs_of_all(size: usize) -> usize {
    // Every term from the first with more than k limbs on has a limb number k. Counting from one term
    // earlier covers what rounding the logarithm can be wrong by.
    let first_longer_than = |k: usize| ((k as f64 * 64.0 + BITS_LESS) / BITS_PER_TERM) as usize;
    (0..limbs_of(size))
        .map(|k| if k == 0 { 0 } else { first_longer_than(k) - 1 })
        .take_while(|&first| first < size)
        .map(|first| size - first)
        .sum()
}

/// Two neighbouring terms in two small buffers that stay in cache; the next one replaces the older.
#[derive(Debug)]
pub struct Pair {
    /// F(n), zero from its length on.
    current: Vec<u64>,
    /// F(n + 1), zero from its length on.
    next: Vec<u64>,
    /// Limbs of `current`.
    current_limbs: usize,
    /// Limbs of `next`.
    next_limbs: usize,
}

impl Pair {
    /// F(0) and F(1), with room to go on to F(`last`).
    #[must_use]
    pub fn up_to(last: usize) -> Self {
        // One term beyond, and whole chunks of eight limbs: the addition then has no ragged end.
        let room = (limbs_of(last + 1) + 1).next_multiple_of(8);
        let (current, mut next) = (vec![0; room], vec![0; room]);
        next[0] = 1;
        Self { current, next, current_limbs: 0, next_limbs: 1 }
    }

    /// F(n), without leading zero limbs: F(0) has none.
    #[must_use]
    pub fn current(&self) -> &[u64] {
        &self.current[..self.current_limbs]
    }

    /// Goes from n to n + 1. The caller stays within the room it asked for.
    #[inline]
    pub fn advance(&mut self) {
        let chunks = (self.next_limbs + 1).next_multiple_of(8).min(self.next.len());
        add_assign(&mut self.current[..chunks], &self.next[..chunks]);
        let sum_limbs =
            self.next_limbs + usize::from(self.current.get(self.next_limbs).is_some_and(|&x| x != 0));
        std::mem::swap(&mut self.current, &mut self.next);
        self.current_limbs = self.next_limbs;
        self.next_limbs = sum_limbs;
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    #[test]
    fn every_term_and_every_size_equals_num_bigint() {
        let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
        let mut pair = Pair::up_to(3000);
        let mut exact = 0;
        for n in 0..=3000 {
            let limbs = a.to_u64_digits();
            let limbs = if n == 0 { &[] } else { &limbs[..] };
            assert_eq!(pair.current(), limbs, "F({n})");
            assert!((limbs.len()..=limbs.len() + 1).contains(&limbs_of(n)), "F({n})");
            assert!(limbs_of_all(n) >= exact, "{n} terms need {exact}, not {}", limbs_of_all(n));
            assert!(limbs_of_all(n) <= exact + 2 * limbs_of(n) + 1, "{n} terms need {exact}");
            exact += limbs.len();
            (a, b) = (b.clone(), a + b);
            if n < 3000 {
                pair.advance();
            }
        }
    }

    #[test]
    fn the_reference_term_has_its_known_limbs() {
        let mut pair = Pair::up_to(199_999);
        for _ in 0..199_999 {
            pair.advance();
        }
        let limbs = pair.current();
        assert_eq!(limbs.len(), 2170);
        assert_eq!(
            (limbs[0], limbs[1], limbs[2169]),
            (0xcd38_cf5e_6518_a29d, 0x7e2d_718d_efab_0416, 0x5c40_b4da)
        );
    }
}
