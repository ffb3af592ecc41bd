//! The Fibonacci numbers one after another, exactly, and how much memory they need.

use crate::addition::Adder;
use crate::block::{Block, LIMBS, blocks_for, limbs};
use crate::isa::Isa;
use crate::rows::Filling;

/// The binary logarithm of the golden ratio: how many more bits a term has than the term before.
const BITS_PER_TERM: f64 = 0.694_241_913_630_617_3;

/// The binary logarithm of the square root of five: F(n) is the golden ratio's n-th power divided
/// by that root.
const BITS_LESS: f64 = 1.160_964_047_443_681;

/// Limbs that hold F(`n`): at most one limb more than it needs.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
pub fn limbs_of(n: usize) -> usize {
    (((n as f64) * BITS_PER_TERM - BITS_LESS).max(0.0) / 64.0) as usize + 1
}

/// Blocks that F(0) to F(`size` - 1) are computed in, each beginning with a block of its own.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
pub fn blocks_of_all(size: usize) -> usize {
    // A sum is computed in a limb more than the longer one of its terms has. So every term from the
    // first with 8 k limbs on has a block number k. Counting from one term earlier makes up for the
    // logarithm's rounding.
    let bits = |block: usize| ((block * LIMBS - 1) * 64) as f64;
    let first_longer_than = |block: usize| ((bits(block) + BITS_LESS) / BITS_PER_TERM) as usize;
    let first_with = |block: usize| match block {
        0 => 0,
        block => first_longer_than(block) - 1,
    };

    (0..blocks_for(limbs_of(size) + 1))
        .map(first_with)
        .take_while(|&first| first < size)
        .map(|first| size - first)
        .sum()
}

/// Two neighbouring terms in two small buffers that stay in cache; the next one replaces the older.
#[derive(Debug)]
pub struct Pair {
    adder: Adder,
    /// F(n), zero from its length on.
    current: Vec<Block>,
    /// F(n + 1), zero from its length on.
    next: Vec<Block>,
    /// Limbs of `current`.
    current_limbs: usize,
    /// Limbs of `next`.
    next_limbs: usize,
}

impl Pair {
    /// F(0) and F(1), with room to go on until the second is F(`last`), added on `isa`.
    #[must_use]
    pub fn up_to(last: usize, isa: Isa) -> Self {
        let room = blocks_for(limbs_of(last) + 1);
        let (current, mut next) = (vec![Block::default(); room], vec![Block::default(); room]);
        next[0].0[0] = 1;

        Self {
            adder: Adder::on(isa),
            current,
            next,
            current_limbs: 0,
            next_limbs: 1,
        }
    }

    /// F(n), without leading zero limbs: F(0) has none.
    #[must_use]
    pub fn current(&self) -> &[u64] {
        &limbs(&self.current)[..self.current_limbs]
    }

    /// F(n + 1), without leading zero limbs.
    #[must_use]
    pub fn next(&self) -> &[u64] {
        &limbs(&self.next)[..self.next_limbs]
    }

    /// Goes from n to n + 1. The caller stays within the room that it asked for.
    pub fn advance(&mut self) {
        let blocks = self.blocks();
        self.adder
            .add(&mut self.current[..blocks], &self.next[..blocks]);

        self.turn();
    }

    /// Goes from n to n + 1, and adds the new term to `list`.
    pub fn advance_into(&mut self, list: &mut Filling<'_>) {
        let blocks = self.blocks();
        list.add(
            self.adder,
            &mut self.current[..blocks],
            &self.next[..blocks],
        );

        self.turn();
        list.end_row(self.next_limbs);
    }

    /// Blocks that the sum of both terms may need.
    fn blocks(&self) -> usize {
        blocks_for(self.next_limbs + 1).min(self.next.len())
    }

    /// Makes the sum, which stands in `current`, the next term.
    fn turn(&mut self) {
        let longer = limbs(&self.current)
            .get(self.next_limbs)
            .is_some_and(|&limb| limb != 0);
        let sum_limbs = self.next_limbs + usize::from(longer);

        std::mem::swap(&mut self.current, &mut self.next);
        self.current_limbs = self.next_limbs;
        self.next_limbs = sum_limbs;
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::rows::Rows;

    #[test]
    fn every_term_and_every_size_equals_num_bigint_on_every_instruction_set() {
        let terms: Vec<Vec<u64>> =
            std::iter::successors(Some((BigUint::ZERO, BigUint::from(1_u32))), |(a, b)| {
                Some((b.clone(), a + b))
            })
            .map(|(a, _)| {
                if a == BigUint::ZERO {
                    vec![]
                } else {
                    a.to_u64_digits()
                }
            })
            .take(3001)
            .collect();

        let mut exact = 0;
        for (n, term) in terms.iter().enumerate() {
            assert!(
                (term.len()..=term.len() + 1).contains(&limbs_of(n)),
                "F({n})"
            );

            let room = blocks_of_all(n);
            let spare = 3 * blocks_for(limbs_of(n) + 1);
            assert!(
                (exact..=exact + spare).contains(&room),
                "{n} terms need {exact}, not {room}"
            );
            exact += match n {
                0 | 1 => n,
                _ => (terms[n - 1].len() + 1).div_ceil(LIMBS),
            };
        }

        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let (mut pair, mut rows) = (Pair::up_to(3000, isa), Rows::default());

            // The second time the pages are warm, and rows are streamed.
            for _ in 0..2 {
                let mut keeping = Pair::up_to(3000, isa);
                let fill = |list: &mut Filling<'_>| {
                    list.push(keeping.current());
                    list.push(keeping.next());
                    (2..=3000).for_each(|_| keeping.advance_into(list));
                };
                rows.fill(3001, blocks_of_all(3001), fill).unwrap();
                assert!(rows.iter().eq(&terms), "{isa}");
            }

            for n in 1..=3000 {
                assert_eq!(
                    (pair.current(), pair.next()),
                    (&*terms[n - 1], &*terms[n]),
                    "{isa}, F({n})"
                );
                if n < 3000 {
                    pair.advance();
                }
            }
        }
    }

    #[test]
    fn the_reference_term_has_its_known_limbs() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut pair = Pair::up_to(199_999, isa);
            for _ in 0..199_998 {
                pair.advance();
            }

            let limbs = pair.next();
            assert_eq!(limbs.len(), 2170);
            assert_eq!(
                (limbs[0], limbs[1], limbs[2169]),
                (0xcd38_cf5e_6518_a29d, 0x7e2d_718d_efab_0416, 0x5c40_b4da),
                "{isa}"
            );
        }
    }
}
