//! Filling memory with one value past the caches: the limit for any program that writes as much.

use parbench_kernels::block::Block;
use parbench_kernels::isa::Isa;

/// Writes `value` to every limb of `blocks`: past the caches on an instruction set that can, and
/// through them on any other.
pub(crate) fn fill(blocks: &mut [Block], value: u64, isa: Isa) {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if isa.is_available() => {
            // SAFETY: the guard has just seen that this CPU has AVX-512, and the fence follows.
            unsafe { x86::stream_avx512(blocks, value) };
            x86::fence();
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 if isa.is_available() => {
            // SAFETY: the guard has just seen that this CPU has AVX2, and the fence follows.
            unsafe { x86::stream_avx2(blocks, value) };
            x86::fence();
        }
        _ => blocks.fill(Block([value; 8])),
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm_sfence, _mm256_set1_epi64x, _mm256_stream_si256, _mm512_set1_epi64,
        _mm512_stream_si512,
    };

    use parbench_kernels::block::Block;

    /// The caller calls [`fence`] before anything else touches `blocks`.
    #[target_feature(enable = "avx512f")]
    pub(super) fn stream_avx512(blocks: &mut [Block], value: u64) {
        let vector = _mm512_set1_epi64(value.cast_signed());

        for block in blocks {
            // SAFETY: a block is 64 writable bytes, aligned to 64.
            unsafe {
                _mm512_stream_si512(std::ptr::from_mut(block).cast(), vector);
            }
        }
    }

    /// The caller calls [`fence`] before anything else touches `blocks`.
    #[target_feature(enable = "avx2")]
    pub(super) fn stream_avx2(blocks: &mut [Block], value: u64) {
        let vector = _mm256_set1_epi64x(value.cast_signed());

        for block in blocks {
            let half: *mut __m256i = std::ptr::from_mut(block).cast();

            // SAFETY: a block is 64 writable bytes, aligned to 64: two halves of 32.
            unsafe {
                _mm256_stream_si256(half, vector);
                _mm256_stream_si256(half.add(1), vector);
            }
        }
    }

    /// Orders what this thread has streamed before everything that follows.
    pub(super) fn fence() {
        // SAFETY: SSE is part of every x86-64 CPU, and a fence touches no memory.
        unsafe { _mm_sfence() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_filled_on_every_path() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut blocks = vec![Block::default(); 37];
            fill(&mut blocks, u64::MAX - 5, isa);
            assert_eq!(blocks, [Block([u64::MAX - 5; 8]); 37], "{isa}");
        }
    }
}
