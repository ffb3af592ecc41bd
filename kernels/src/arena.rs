//! A large piece of memory that is written over and over: on huge pages where the system gives
//! them, because filling it page by page would cost more than computing what goes in.

use std::collections::TryReserveError;

use memmap2::{MmapMut, MmapOptions};

use crate::block::Block;

/// The size and alignment of a huge page on x86-64, and on aarch64 with pages of 4 KiB.
const HUGE_PAGE: usize = 2 << 20;

/// Zeroed blocks.
#[derive(Debug)]
pub struct Arena(Memory);

#[derive(Debug)]
enum Memory {
    /// Straight from the system; a page exists only once it has been written.
    Mapped { map: MmapMut, blocks: usize },
    /// From the allocator, where the system maps nothing.
    Heap(Vec<Block>),
}

impl Arena {
    /// An arena of `blocks` blocks. An error means that there is too little memory.
    pub fn new(blocks: usize) -> Result<Self, TryReserveError> {
        mapped(blocks).map_or_else(
            || Self::on_heap(blocks),
            |map| Ok(Self(Memory::Mapped { map, blocks })),
        )
    }

    fn on_heap(blocks: usize) -> Result<Self, TryReserveError> {
        let mut heap = Vec::new();
        heap.try_reserve_exact(blocks)?;
        heap.resize(blocks, Block::default());

        Ok(Self(Memory::Heap(heap)))
    }

    /// How many of the blocks have their pages from the start on.
    #[must_use]
    pub fn blocks_with_pages(&self) -> usize {
        match &self.0 {
            Memory::Mapped { .. } => 0,
            Memory::Heap(heap) => heap.len(),
        }
    }

    /// All blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        match &self.0 {
            Memory::Mapped { map, blocks } => {
                let first = first_aligned(map);
                // SAFETY: every pattern of bytes is a block, and `align_to` sees to the alignment.
                #[expect(unsafe_code, reason = "a view of mapped bytes")]
                let (_, aligned, _) = unsafe { map[first..].align_to::<Block>() };

                &aligned[..*blocks]
            }
            Memory::Heap(heap) => heap,
        }
    }

    /// All blocks, to write them.
    pub fn blocks_mut(&mut self) -> &mut [Block] {
        match &mut self.0 {
            Memory::Mapped { map, blocks } => {
                let first = first_aligned(map);
                // SAFETY: every pattern of bytes is a block, and `align_to_mut` sees to the
                // alignment.
                #[expect(unsafe_code, reason = "a view of mapped bytes")]
                let (_, aligned, _) = unsafe { map[first..].align_to_mut::<Block>() };

                &mut aligned[..*blocks]
            }
            Memory::Heap(heap) => heap,
        }
    }
}

/// A mapping with room for `blocks` blocks from the first boundary of a huge page on.
fn mapped(blocks: usize) -> Option<MmapMut> {
    let bytes = blocks
        .checked_mul(size_of::<Block>())?
        .checked_add(HUGE_PAGE)?;
    let map = MmapOptions::new().len(bytes).map_anon().ok()?;

    // Only advice: a system without huge pages goes on with small ones.
    #[cfg(target_os = "linux")]
    map.advise(memmap2::Advice::HugePage).ok();

    Some(map)
}

/// The first byte of `map` that lies on the boundary of a huge page.
fn first_aligned(map: &MmapMut) -> usize {
    map.as_ptr().align_offset(HUGE_PAGE).min(HUGE_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_or_not_an_arena_is_zeroed_aligned_and_complete() {
        for make in [Arena::new, Arena::on_heap] {
            for blocks in [0, 1, 1000, HUGE_PAGE / 64, HUGE_PAGE / 64 + 1] {
                let mut arena = make(blocks).unwrap();
                assert_eq!(arena.blocks().len(), blocks);
                assert!(
                    arena
                        .blocks()
                        .iter()
                        .all(|block| *block == Block::default())
                );

                arena.blocks_mut().fill(Block([7; 8]));
                assert!(arena.blocks().iter().all(|block| *block == Block([7; 8])));
            }
        }

        let large = Arena::new(1).unwrap();
        assert!(
            large.blocks().as_ptr().addr().is_multiple_of(HUGE_PAGE),
            "not on a huge page"
        );
    }

    #[test]
    fn too_little_memory_is_an_error() {
        for blocks in [usize::MAX, usize::MAX / 64, 1 << 56] {
            assert!(Arena::new(blocks).is_err(), "{blocks}");
        }
    }
}
