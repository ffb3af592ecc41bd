//! Adding two rows of limbs in place, on the instruction set that is asked for, and keeping a copy of each
//! sum on the way. Every path gives the same limbs; nothing is allocated.
//!
//! A sum of big numbers looks as if every limb had to wait for the carry of the one before. It hardly ever
//! does. Add all limbs without carries first: a limb that overflowed sends a 1 to its neighbour, and that 1
//! stops there, unless the neighbour's own sum is all ones. Of random limbs that is one in 2^64. So the vector
//! paths compute sums and carries of several limbs at once, move the carries up by one limb, add them, and are
//! done; only a group that holds a sum of all ones is done again by a path that follows carries exactly.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod chain;

use super::block::Block;
use super::isa::Isa;

/// How the copy of a sum is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Through the caches: for memory whose pages are fresh, which the system has just filled there.
    Stored,
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

    /// Adds `b` to `a` in place, without the carry out of the last block. Both have the same length.
    pub fn add(self, a: &mut [Block], b: &[Block]) {
        debug_assert_eq!(a.len(), b.len());
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            Isa::Avx512 => unsafe { avx512::add(a, b) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            Isa::Avx2 => unsafe { avx2::add(a, b) },
            _ => {
                chain::add(a, b, false);
            }
        }
    }

    /// Adds like [`add`](Self::add), and writes the sum to `kept` as well, which has the same length.
    pub fn add_keeping(self, a: &mut [Block], b: &[Block], kept: &mut [Block], copy: Copy) {
        self.add_keeping_unfenced(a, b, kept, copy);

        if copy == Copy::Streamed {
            fence();
        }
    }

    /// Adds like [`add_keeping`](Self::add_keeping), without the [`fence`] that must stand between a streamed copy
    /// and every other access to it. Only [`Filling`](super::rows::Filling) calls it: nothing but its own rows is
    /// written there, and it fences before anybody can reach them.
    pub(super) fn add_keeping_unfenced(
        self,
        a: &mut [Block],
        b: &[Block],
        kept: &mut [Block],
        copy: Copy,
    ) {
        debug_assert_eq!((a.len(), a.len()), (b.len(), kept.len()));
        match (self.0, copy) {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            (Isa::Avx512, Copy::Stored) => unsafe { avx512::add_storing(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx512` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            (Isa::Avx512, Copy::Streamed) => unsafe { avx512::add_streaming(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            (Isa::Avx2, Copy::Stored) => unsafe { avx2::add_storing(a, b, kept) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Adder` holds `Avx2` only if the CPU has it.
            #[expect(
                unsafe_code,
                reason = "calling a function compiled for features the CPU has"
            )]
            (Isa::Avx2, Copy::Streamed) => unsafe { avx2::add_streaming(a, b, kept) },
            _ => {
                chain::add(a, b, false);
                kept.copy_from_slice(a);
            }
        }
    }
}

/// Orders what this thread has streamed before whatever it writes from now on.
///
/// Source: the section "Safety of non-temporal stores" of `std::arch`'s `_mm_sfence` and its stream intrinsics: no
/// other access to the memory may come before the fence, not even by the thread that wrote it.
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of every x86-64 CPU, and a fence touches no memory.
    #[expect(
        unsafe_code,
        reason = "the intrinsic needs a feature that is always there"
    )]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests;
