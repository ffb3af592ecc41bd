//! Addition with AVX2: a block is two vectors. `super` explains why carries need not be waited for.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256, _mm256_blend_epi32,
    _mm256_cmpeq_epi64, _mm256_extract_epi64, _mm256_load_si256, _mm256_or_si256,
    _mm256_permute4x64_epi64, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
    _mm256_store_si256, _mm256_stream_si256, _mm256_testz_si256,
};

use super::chain;
use crate::block::Block;

/// Where a sum is written besides its own place, as a constant parameter.
const NOWHERE: u8 = 0;
const CACHED: u8 = 1;
const STREAMED: u8 = 2;

/// Blocks in flight: with two, all sums stay in the sixteen registers.
const GROUP: usize = 2;

#[target_feature(enable = "avx2")]
pub(super) fn add(a: &mut [Block], b: &[Block]) {
    add_groups::<NOWHERE>(a, b, &mut []);
}

#[target_feature(enable = "avx2")]
pub(super) fn add_caching(a: &mut [Block], b: &[Block], kept: &mut [Block]) {
    add_groups::<CACHED>(a, b, kept);
}

#[target_feature(enable = "avx2")]
pub(super) fn add_streaming(a: &mut [Block], b: &[Block], kept: &mut [Block]) {
    add_groups::<STREAMED>(a, b, kept);
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_groups<const KEEP: u8>(a: &mut [Block], b: &[Block], kept: &mut [Block]) {
    let (a_groups, a_rest) = a.as_chunks_mut::<GROUP>();
    let (b_groups, b_rest) = b.as_chunks::<GROUP>();
    let (kept_groups, kept_rest) = kept.as_chunks_mut::<GROUP>();

    let mut kept_groups = kept_groups.iter_mut();
    let mut carries = _mm256_setzero_si256();
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

/// Adds a group of blocks. The lowest limb of `carries` is the carry into the group; that of the
/// result is the carry out of it.
#[target_feature(enable = "avx2")]
#[inline]
fn add_group<const BLOCKS: usize, const KEEP: u8>(
    a: &mut [Block; BLOCKS],
    b: &[Block; BLOCKS],
    kept: &mut [Block],
    carries: __m256i,
) -> __m256i {
    let ones = _mm256_set1_epi64x(-1);
    let mut sums = [[_mm256_setzero_si256(); 2]; BLOCKS];
    let mut below = carries;
    let mut all_ones = _mm256_setzero_si256();

    for k in 0..BLOCKS {
        for (half, place) in sums[k].iter_mut().enumerate() {
            let (x, y) = (load(&a[k], half), load(&b[k], half));
            let sum = _mm256_add_epi64(x, y);

            // The carry out of the top bit: both bits are set, or one is and that of the sum is
            // not.
            let (and, or) = (_mm256_and_si256(x, y), _mm256_or_si256(x, y));
            let out = _mm256_srli_epi64::<63>(_mm256_or_si256(and, _mm256_andnot_si256(sum, or)));

            // Every limb gets the carry of the limb below it; the lowest that of the vector below.
            let turned = _mm256_permute4x64_epi64::<0b10_01_00_11>(out);
            *place = _mm256_add_epi64(sum, _mm256_blend_epi32::<0b11>(turned, below));
            all_ones = _mm256_or_si256(all_ones, _mm256_cmpeq_epi64(sum, ones));
            below = turned;
        }
    }

    if _mm256_testz_si256(all_ones, all_ones) == 0 {
        let carry = chain::add(a, b, _mm256_extract_epi64::<0>(carries) != 0);
        for (k, kept) in kept.iter_mut().enumerate() {
            *kept = a[k];
        }

        return _mm256_set1_epi64x(i64::from(carry));
    }

    for k in 0..BLOCKS {
        write::<KEEP>(&mut a[k], kept.get_mut(k), sums[k]);
    }

    below
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &Block, half: usize) -> __m256i {
    let limbs: *const u64 = &raw const block.0[half * 4];

    // SAFETY: half a block is 32 readable bytes, aligned to 32.
    #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
    unsafe {
        _mm256_load_si256(limbs.cast())
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn write<const KEEP: u8>(place: &mut Block, kept: Option<&mut Block>, sums: [__m256i; 2]) {
    for (half, sum) in sums.into_iter().enumerate() {
        // SAFETY: half a block is 32 writable bytes, aligned to 32.
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        unsafe {
            _mm256_store_si256(std::ptr::from_mut(place).cast::<__m256i>().add(half), sum);
        }
    }

    let Some(kept) = kept else { return };
    for (half, sum) in sums.into_iter().enumerate() {
        // SAFETY: half a block is 32 writable bytes, aligned to 32. Fencing what was streamed is
        // left to the caller of `Adder::add_keeping_unfenced`.
        #[expect(unsafe_code, reason = "the intrinsics take a pointer")]
        unsafe {
            let place = std::ptr::from_mut(kept).cast::<__m256i>().add(half);
            match KEEP {
                CACHED => _mm256_store_si256(place, sum),
                STREAMED => _mm256_stream_si256(place, sum),
                _ => (),
            }
        }
    }
}
