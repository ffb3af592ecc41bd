//! Filling memory with one value, and nothing else: the limit of whatever writes as much. For comparison only.

use super::addition::{Copy, fence};
use super::block::Block;
use super::isa::Isa;

/// Writes `value` to every limb of `blocks`, past the caches or through them.
pub fn fill(blocks: &mut [Block], value: u64, copy: Copy, isa: Isa) {
    let filled = match (copy, isa) {
        #[cfg(target_arch = "x86_64")]
        (Copy::Streamed, Isa::Avx512) if isa.is_available() => {
            // SAFETY: the guard has just seen that this CPU has AVX-512.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for detected features"
            )]
            unsafe {
                x86::stream_avx512(blocks, value);
            }
            true
        }
        #[cfg(target_arch = "x86_64")]
        (Copy::Streamed, Isa::Avx2) if isa.is_available() => {
            // SAFETY: the guard has just seen that this CPU has AVX2.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for detected features"
            )]
            unsafe {
                x86::stream_avx2(blocks, value);
            }
            true
        }
        _ => false,
    };
    if filled {
        fence();
    } else {
        blocks.fill(Block([value; 8]));
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_set1_epi64x, _mm256_stream_si256, _mm512_set1_epi64, _mm512_stream_si512,
    };

    use crate::kernel::block::Block;

    #[target_feature(enable = "avx512f")]
    pub(super) fn stream_avx512(blocks: &mut [Block], value: u64) {
        let vector = _mm512_set1_epi64(value.cast_signed());
        for block in blocks {
            // SAFETY: a block is 64 writable bytes, aligned to 64.
            #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
            unsafe {
                _mm512_stream_si512(std::ptr::from_mut(block).cast(), vector);
            }
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn stream_avx2(blocks: &mut [Block], value: u64) {
        let vector = _mm256_set1_epi64x(value.cast_signed());
        for block in blocks {
            let place: *mut __m256i = std::ptr::from_mut(block).cast();
            // SAFETY: a block is 64 writable bytes, aligned to 64: two places of 32.
            #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
            unsafe {
                _mm256_stream_si256(place, vector);
                _mm256_stream_si256(place.add(1), vector);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_filled_on_every_path() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for copy in [Copy::Stored, Copy::Streamed] {
                let mut blocks = vec![Block::default(); 37];
                fill(&mut blocks, u64::MAX - 5, copy, isa);
                assert_eq!(blocks, [Block([u64::MAX - 5; 8]); 37], "{isa}, {copy:?}");
            }
        }
    }
}
