//! Addition limb after limb, each with the carry of the limb before: exact whatever the limbs are.
//! It is the portable path, and the AVX2 path falls back to it.

use crate::block::Block;

/// Adds `b` and `carry` to `a` in place and returns the carry out.
pub(super) fn add(a: &mut [Block], b: &[Block], mut carry: bool) -> bool {
    // Blocks of a fixed length unroll into one unbroken chain of add-with-carry instructions.
    for (a, b) in a.iter_mut().zip(b) {
        for (a, &b) in a.0.iter_mut().zip(&b.0) {
            (*a, carry) = add_with_carry(*a, b, carry);
        }
    }

    carry
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    // `u64::carrying_add` means the same, but today's compiler makes it half as fast.
    let mut sum = 0;
    let carry = std::arch::x86_64::_addcarry_u64(u8::from(carry), a, b, &mut sum);
    (sum, carry != 0)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    a.carrying_add(b, carry)
}
