//! Adding two rows of limbs in place, on a given instruction set, and keeping a copy of each sum on
//! the way. Every path gives the same limbs; nothing is allocated.
//!
//! A sum of big numbers looks as if every limb had to wait for the carry of the one before. It
//! hardly ever does. Add all limbs without carries first: a limb that overflowed sends a 1 to its
//! neighbour, and that 1 stops there, unless the neighbour's own sum is all ones. Of random limbs
//! that is one in 2^64. So the vector paths compute sums and carries of several limbs at once, move
//! the carries up by one limb, add them, and are done; only a group that holds a sum of all ones is
//! done again by a path that follows carries exactly.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod chain;

use crate::block::Block;
use crate::isa::Isa;

/// How the second copy of a sum is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Through the caches: for memory whose pages are fresh, which the system has just cleared
    /// there.
    Cached,
    /// Past the caches: for memory that is much larger than they are and has been written before.
    Streamed,
}

/// Addition on one instruction set, which this CPU has.
#[derive(Clone, Copy, Debug)]
pub struct Adder(Isa);

impl Adder {
    /// On `isa`, or portably where the CPU lacks it.
    #[must_use]
    pub fn on(isa: Isa) -> Self {
        Self(if isa.is_available() {
            isa
        } else {
            Isa::Portable
        })
    }

    /// Adds `b` to `a` in place, without the carry out of the last block. Both have the same
    /// length.
    pub fn add(self, a: &mut [Block], b: &[Block]) {
        debug_assert_eq!(a.len(), b.len());

        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            Isa::Avx512 => unsafe { avx512::add(a, b) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            Isa::Avx2 => unsafe { avx2::add(a, b) },
            _ => {
                chain::add(a, b, false);
            }
        }
    }

    /// Adds like [`add`](Self::add), and writes the sum to `kept` as well, which has the same
    /// length.
    pub fn add_keeping(self, a: &mut [Block], b: &[Block], kept: &mut [Block], store: Store) {
        // SAFETY: the fence follows before anything else can touch `kept`.
        #[expect(unsafe_code, reason = "streaming comes without a fence")]
        unsafe {
            self.add_keeping_unfenced(a, b, kept, store);
        }

        if store == Store::Streamed {
            fence();
        }
    }

    /// Adds like [`add_keeping`](Self::add_keeping), without a fence: rows that are written one
    /// after another need a single one.
    ///
    /// # Safety
    ///
    /// After a streamed copy, this thread has to call [`fence`] before anything touches `kept`.
    #[expect(unsafe_code, reason = "the caller has to fence")]
    pub(super) unsafe fn add_keeping_unfenced(
        self,
        a: &mut [Block],
        b: &[Block],
        kept: &mut [Block],
        store: Store,
    ) {
        debug_assert_eq!((a.len(), a.len()), (b.len(), kept.len()));

        match (self.0, store) {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            (Isa::Avx512, Store::Cached) => unsafe { avx512::add_caching(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            (Isa::Avx512, Store::Streamed) => unsafe { avx512::add_streaming(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            (Isa::Avx2, Store::Cached) => unsafe { avx2::add_caching(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(unsafe_code, reason = "the CPU has these features")]
            (Isa::Avx2, Store::Streamed) => unsafe { avx2::add_streaming(a, b, kept) },
            _ => {
                chain::add(a, b, false);
                kept.copy_from_slice(a);
            }
        }
    }
}

/// Orders what this thread has streamed before everything that it writes from now on.
///
/// Source: the section "Safety of non-temporal stores" of `std::arch`'s `_mm_sfence` and its stream
/// intrinsics: no other access to the memory may come before the fence, not even by the thread that
/// wrote it.
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of every x86-64 CPU, and a fence touches no memory.
    #[expect(unsafe_code, reason = "a fence, on any x86-64 CPU")]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests;
