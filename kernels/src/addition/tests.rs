//! Every path against num-bigint, on rows with long carries.

use num_bigint::BigUint;
use proptest::prelude::*;

use super::*;
use crate::block::limbs;

/// `a + b`, as num-bigint adds, in as many blocks as `a` has; the carry out of them is dropped.
fn reference(a: &[Block], b: &[Block]) -> Vec<Block> {
    let big = |blocks: &[Block]| {
        let bytes: Vec<u8> = limbs(blocks)
            .iter()
            .flat_map(|limb| limb.to_le_bytes())
            .collect();
        BigUint::from_bytes_le(&bytes)
    };

    let mut sum = (big(a) + big(b)).to_u64_digits();
    sum.resize(a.len() * 8, 0);
    sum.as_chunks().0.iter().copied().map(Block).collect()
}

fn check(a: &[Block], b: &[Block]) {
    let expected = reference(a, b);

    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let adder = Adder::on(isa);

        let mut sum = a.to_vec();
        adder.add(&mut sum, b);
        assert_eq!(sum, expected, "{isa}: {a:x?} + {b:x?}");

        for store in [Store::Cached, Store::Streamed] {
            let (mut sum, mut kept) = (a.to_vec(), vec![Block::default(); a.len()]);
            adder.add_keeping(&mut sum, b, &mut kept, store);
            assert_eq!(
                (&sum, &kept),
                (&expected, &expected),
                "{isa}, {store:?}: {a:x?} + {b:x?}"
            );
        }
    }
}

/// Limbs whose sums are often all ones, or next to it.
fn limb() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(u64::MAX),
        Just(0),
        Just(1),
        Just(u64::MAX - 1),
        Just(1 << 63),
        any::<u64>()
    ]
}

proptest! {
    #[test]
    fn sums_equal_num_bigint(
        pairs in proptest::collection::vec((proptest::array::uniform8(limb()), proptest::array::uniform8(limb())), 0..40)
    ) {
        let (a, b): (Vec<_>, Vec<_>) = pairs.into_iter().map(|(a, b)| (Block(a), Block(b))).unzip();

        check(&a, &b);
    }

    #[test]
    fn a_number_and_its_complement_are_all_ones_wherever_a_carry_enters(
        row in proptest::collection::vec(proptest::array::uniform8(limb()), 1..40),
        at in any::<prop::sample::Index>(),
    ) {
        let a: Vec<_> = row.into_iter().map(Block).collect();
        let mut b: Vec<_> = a.iter().map(|block| Block(block.0.map(|limb| !limb))).collect();
        check(&a, &b);

        let at = at.index(a.len() * 8);
        b[at / 8].0[at % 8] = b[at / 8].0[at % 8].wrapping_add(1);
        check(&a, &b);
    }
}

#[test]
fn one_carry_runs_from_every_limb_to_every_limb() {
    for blocks in [1, 2, 3, 4, 5, 8, 9, 17] {
        for first in 0..blocks * 8 {
            let (mut a, mut b) = (
                vec![Block([u64::MAX; 8]); blocks],
                vec![Block::default(); blocks],
            );
            b[first / 8].0[first % 8] = 1;
            check(&a, &b);

            // The run ends at a limb that is not all ones.
            for last in (first + 1..blocks * 8).step_by(5) {
                a[last / 8].0[last % 8] = 7;
                check(&a, &b);
                a[last / 8].0[last % 8] = u64::MAX;
            }
        }
    }
}

#[test]
fn an_instruction_set_that_is_missing_is_replaced_by_the_portable_path() {
    for isa in Isa::ALL {
        let Adder(chosen) = Adder::on(isa);
        let expected = if isa.is_available() {
            isa
        } else {
            Isa::Portable
        };

        assert_eq!(chosen, expected);
    }
}
