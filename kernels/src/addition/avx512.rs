//! Addition with AVX-512: a block is one vector. `super` explains why carries need not be waited
//! for.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_cmpeq_epi64_mask,
    _mm512_cmplt_epu64_mask, _mm512_load_si512, _mm512_mask_sub_epi64, _mm512_max_epu64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64, _mm512_store_si512,
    _mm512_stream_si512, _mm512_ternarylogic_epi64,
};

use crate::block::Block;

/// Where a sum is written besides its own place, as a constant parameter.
const NOWHERE: u8 = 0;
const CACHED: u8 = 1;
const STREAMED: u8 = 2;

/// The truth table of the carry out of a bit, from the two bits added and their sum: both are set,
/// or one is and the sum is not. For the top bits it is the carry out of the limb.
const CARRY_OUT: i32 = 0xd4;

#[target_feature(enable = "avx512f")]
pub(super) fn add(a: &mut [Block], b: &[Block]) {
    // Eight blocks in flight keep the loads busy; a ninth would find no register.
    add_groups::<8, NOWHERE>(a, b, &mut []);
}

#[target_feature(enable = "avx512f")]
pub(super) fn add_caching(a: &mut [Block], b: &[Block], kept: &mut [Block]) {
    add_groups::<4, CACHED>(a, b, kept);
}

#[target_feature(enable = "avx512f")]
pub(super) fn add_streaming(a: &mut [Block], b: &[Block], kept: &mut [Block]) {
    add_groups::<4, STREAMED>(a, b, kept);
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add_groups<const GROUP: usize, const KEEP: u8>(
    a: &mut [Block],
    b: &[Block],
    kept: &mut [Block],
) {
    let (a_groups, a_rest) = a.as_chunks_mut::<GROUP>();
    let (b_groups, b_rest) = b.as_chunks::<GROUP>();
    let (kept_groups, kept_rest) = kept.as_chunks_mut::<GROUP>();

    let mut kept_groups = kept_groups.iter_mut();
    let mut carries = _mm512_setzero_si512();
    for (a, b) in a_groups.iter_mut().zip(b_groups) {
        let kept = kept_groups
            .next()
            .map_or(&mut [][..], |group| &mut group[..]);

        carries = add_group::<GROUP, KEEP>(a, b, kept, carries);
    }

    let mut kept_rest = kept_rest.iter_mut();
    for (a, b) in a_rest.iter_mut().zip(b_rest) {
        let kept = kept_rest.next().map_or(&mut [][..], std::slice::from_mut);

        carries = add_group::<1, KEEP>(
            std::array::from_mut(a),
            std::array::from_ref(b),
            kept,
            carries,
        );
    }
}

/// Adds a group of blocks. The topmost limb of `carries` is the carry into the group; that of the
/// result is the carry out of it.
#[target_feature(enable = "avx512f")]
#[inline]
fn add_group<const GROUP: usize, const KEEP: u8>(
    a: &mut [Block; GROUP],
    b: &[Block; GROUP],
    kept: &mut [Block],
    carries: __m512i,
) -> __m512i {
    let mut sums = [_mm512_setzero_si512(); GROUP];
    let mut below = carries;
    let mut largest = _mm512_setzero_si512();

    for k in 0..GROUP {
        let (x, y) = (load(&a[k]), load(&b[k]));
        let sum = _mm512_add_epi64(x, y);
        let out = _mm512_srli_epi64::<63>(_mm512_ternarylogic_epi64::<CARRY_OUT>(x, y, sum));

        // Every limb gets the carry of the limb below it; the lowest that of the block below.
        sums[k] = _mm512_add_epi64(sum, _mm512_alignr_epi64::<7>(out, below));
        largest = _mm512_max_epu64(largest, sum);
        below = out;
    }

    if _mm512_cmpeq_epi64_mask(largest, _mm512_set1_epi64(-1)) != 0 {
        return add_exactly::<KEEP>(a, b, kept, carries);
    }

    for k in 0..GROUP {
        write::<KEEP>(&mut a[k], kept.get_mut(k), sums[k]);
    }

    below
}

/// Adds a group in which a carry may run on through limbs whose sum is all ones. A block's carries
/// fit into a byte: bit k says that limb k overflows (`generate`), or would if it got a carry
/// (`propagate`). Adding the two as numbers makes the processor's own adder run the carry through
/// the propagating bits.
#[target_feature(enable = "avx512f")]
#[cold]
#[inline(never)]
fn add_exactly<const KEEP: u8>(
    a: &mut [Block],
    b: &[Block],
    kept: &mut [Block],
    carries: __m512i,
) -> __m512i {
    let ones = _mm512_set1_epi64(-1);
    let set = _mm512_cmpeq_epi64_mask(carries, _mm512_set1_epi64(1));
    let mut carry = u32::from(set >> 7);

    for (k, (a, b)) in a.iter_mut().zip(b).enumerate() {
        let (x, y) = (load(a), load(b));
        let sum = _mm512_add_epi64(x, y);
        let generate = u32::from(_mm512_cmplt_epu64_mask(sum, x));
        let propagate = u32::from(_mm512_cmpeq_epi64_mask(sum, ones));
        let run = (2 * generate + carry) + propagate;

        // Where the run changed a bit, a carry came in; the ninth bit is the carry out of the
        // block.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low eight bits are the limbs'"
        )]
        let incoming = (run ^ propagate) as __mmask8;
        carry = run >> 8;

        let sum = _mm512_mask_sub_epi64(sum, incoming, sum, ones);
        write::<KEEP>(a, kept.get_mut(k), sum);
    }

    _mm512_set1_epi64(i64::from(carry))
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &Block) -> __m512i {
    // SAFETY: a block is 64 readable bytes, aligned to 64.
    #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
    unsafe {
        _mm512_load_si512(std::ptr::from_ref(block).cast())
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn write<const KEEP: u8>(place: &mut Block, kept: Option<&mut Block>, sum: __m512i) {
    // SAFETY: a block is 64 writable bytes, aligned to 64.
    #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
    unsafe {
        _mm512_store_si512(std::ptr::from_mut(place).cast(), sum);
    }

    let Some(kept) = kept else { return };
    let kept = std::ptr::from_mut(kept).cast();

    // SAFETY: a block is 64 writable bytes, aligned to 64. Fencing what was streamed is left to the
    // caller of `Adder::add_keeping_unfenced`.
    #[expect(unsafe_code, reason = "the intrinsics take a pointer")]
    unsafe {
        match KEEP {
            CACHED => _mm512_store_si512(kept, sum),
            STREAMED => _mm512_stream_si512(kept, sum),
            _ => (),
        }
    }
}
