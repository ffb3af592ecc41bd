//! Sums on every path against num-bigint: `cargo +nightly fuzz run addition`. The bytes are both numbers, one
//! after the other; a byte of 255 is a whole limb of ones, so that long carries are found quickly.

#![no_main]

use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use parbench_kernels::addition::{Adder, Store};
use parbench_kernels::block::{Block, limbs};
use parbench_kernels::isa::Isa;

fuzz_target!(|bytes: &[u8]| {
    let (a, b) = bytes.split_at(bytes.len() / 2);
    let blocks = b.len().div_ceil(16).max(1);
    let (a, b) = (number(a, blocks), number(b, blocks));
    let big = |blocks: &[Block]| {
        BigUint::from_bytes_le(&limbs(blocks).iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>())
    };
    let mut expected = (big(&a) + big(&b)).to_u64_digits();
    expected.resize(blocks * 8, 0);
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let mut sum = a.clone();
        Adder::on(isa).add(&mut sum, &b);
        assert_eq!(limbs(&sum), expected, "{isa}");

        for store in [Store::Cached, Store::Streamed] {
            let (mut sum, mut kept) = (a.clone(), a.clone());
            Adder::on(isa).add_keeping(&mut sum, &b, &mut kept, store);
            assert_eq!((limbs(&sum), limbs(&kept)), (&expected[..], &expected[..]), "{isa}, {store:?}");
        }
    }
});

/// Limbs from bytes: 255 is all ones, 0 is zero, anything else stands at both ends of its limb.
fn number(bytes: &[u8], blocks: usize) -> Vec<Block> {
    let mut number = vec![Block::default(); blocks];
    for (k, &byte) in bytes.iter().take(blocks * 8).enumerate() {
        let limb = if byte == 255 { u64::MAX } else { u64::from(byte) << 56 | u64::from(byte) };
        number[k / 8].0[k % 8] = limb;
    }
    number
}
