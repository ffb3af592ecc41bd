//! Rows of limbs kept one behind another in one arena that is used again and again. Each row begins
//! on a block of its own, so that whole blocks can be written.

use std::collections::TryReserveError;

use crate::addition::{Adder, Store, fence};
use crate::arena::Arena;
use crate::block::{Block, LIMBS, blocks_for, limbs};

/// Rows of limbs in one arena.
#[derive(Debug, Default)]
pub struct Rows {
    arena: Option<Arena>,
    /// Blocks from the start that have been written since the arena was made: their pages exist.
    written: usize,
    places: Vec<Place>,
}

/// Where a row is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Its first block.
    start: usize,
    /// How long it is.
    limbs: usize,
}

impl Rows {
    /// Lets `work` fill in up to `rows` rows of `blocks` blocks in all, in place of those of the
    /// last time. The memory of the last time is used again if it is enough. An error means that
    /// there is too little memory.
    pub fn fill<T>(
        &mut self,
        rows: usize,
        blocks: usize,
        work: impl FnOnce(&mut Filling<'_>) -> T,
    ) -> Result<T, TryReserveError> {
        self.places.clear();
        self.places.try_reserve_exact(rows)?;

        let large_enough = self
            .arena
            .take()
            .filter(|arena| arena.blocks().len() >= blocks);
        let arena = if let Some(arena) = large_enough {
            self.arena.insert(arena)
        } else {
            let arena = self.arena.insert(Arena::new(blocks)?);
            self.written = arena.blocks_with_pages();
            arena
        };

        Ok(work(&mut Filling {
            blocks: arena.blocks_mut(),
            written: &mut self.written,
            places: &mut self.places,
            start: 0,
            end: 0,
        }))
    }

    /// The rows, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &[u64]> {
        let limbs = self
            .arena
            .as_ref()
            .map_or(&[][..], |arena| limbs(arena.blocks()));

        self.places
            .iter()
            .map(move |place| &limbs[place.start * LIMBS..][..place.limbs])
    }
}

/// Rows that are being filled in. No block is part of two rows, so one fence is enough for all that
/// was streamed: before the rows can be read, which is when this is dropped.
#[derive(Debug)]
pub struct Filling<'a> {
    blocks: &'a mut [Block],
    written: &'a mut usize,
    places: &'a mut Vec<Place>,
    /// The first block of the row that was begun last.
    start: usize,
    /// The first block of the next one.
    end: usize,
}

impl Filling<'_> {
    /// Adds `b` to `a` in place and writes the sum to the first blocks of the next row. The row
    /// counts once [`end_row`](Self::end_row) has its length.
    pub(super) fn add(&mut self, adder: Adder, a: &mut [Block], b: &[Block]) {
        let (row, store) = self.next_row(a.len());

        // SAFETY: `next_row` gives out each block once, and `drop` fences before the rows can be
        // read; `Rows::fill` drops this on every path, since it lends no more than a reference.
        #[expect(unsafe_code, reason = "streaming comes without a fence")]
        unsafe {
            adder.add_keeping_unfenced(a, b, row, store);
        }
    }

    /// The first `blocks` blocks of the next row, and the kind of store that suits their pages.
    fn next_row(&mut self, blocks: usize) -> (&mut [Block], Store) {
        let start = self.end;
        let end = start + blocks;
        (self.start, self.end) = (start, end);

        // Past the caches, a fresh page would have to be fetched once more after the system has
        // cleared it.
        let store = if end <= *self.written {
            Store::Streamed
        } else {
            Store::Cached
        };
        *self.written = end.max(*self.written);

        (&mut self.blocks[start..end], store)
    }

    /// Ends the row that was begun last: it is the first `limbs` limbs of its blocks.
    pub(super) fn end_row(&mut self, limbs: usize) {
        self.places.push(Place {
            start: self.start,
            limbs,
        });
    }

    /// Adds a copy of `row`.
    pub fn push(&mut self, row: &[u64]) {
        let (blocks, _) = self.next_row(blocks_for(row.len()));
        for (block, limbs) in blocks.iter_mut().zip(row.chunks(LIMBS)) {
            block.0[..limbs.len()].copy_from_slice(limbs);
        }

        self.end_row(row.len());
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        fence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;

    fn fill(rows: &mut Rows, blocks: usize, contents: &[Vec<u64>]) {
        rows.fill(contents.len(), blocks, |list| {
            for row in contents {
                list.push(row);
            }
        })
        .unwrap();
    }

    fn rows_of(lengths: &[usize], first: u64) -> Vec<Vec<u64>> {
        let row = |&length: &usize| (0..length).map(|k| first + k as u64).collect();
        lengths.iter().map(row).collect()
    }

    #[test]
    fn a_second_use_keeps_the_memory_and_none_of_the_rows() {
        let mut rows = Rows::default();
        let contents = rows_of(&[3, 0, 8, 9, 1], 10);
        fill(&mut rows, 5, &contents);
        assert_eq!(rows.iter().collect::<Vec<_>>(), contents);

        let place = rows.arena.as_ref().unwrap().blocks().as_ptr();
        let contents = rows_of(&[16, 7], 50);
        fill(&mut rows, 4, &contents);
        assert_eq!(rows.iter().collect::<Vec<_>>(), contents);
        assert_eq!(rows.arena.as_ref().unwrap().blocks().as_ptr(), place);

        fill(&mut rows, 4, &[]);
        assert_eq!(rows.iter().count(), 0);
    }

    #[test]
    fn only_pages_that_were_written_before_are_streamed_to() {
        let mut rows = Rows::default();
        let mut stores = |lengths: &[usize], room: usize| {
            let fill = |list: &mut Filling<'_>| {
                let store = |&blocks: &usize| {
                    let (_, store) = list.next_row(blocks);
                    list.end_row(blocks * LIMBS);
                    store
                };
                lengths.iter().map(store).collect::<Vec<_>>()
            };
            rows.fill(lengths.len(), room, fill).unwrap()
        };

        assert_eq!(stores(&[2, 3], 10), [Store::Cached, Store::Cached]);
        assert_eq!(
            stores(&[4, 2, 1], 10),
            [Store::Streamed, Store::Cached, Store::Cached]
        );
        assert_eq!(stores(&[7], 10), [Store::Streamed]);
        assert_eq!(
            stores(&[7], 2000),
            [Store::Cached],
            "a new arena has fresh pages"
        );
    }

    #[test]
    fn a_row_may_turn_out_shorter_than_its_blocks() {
        let mut rows = Rows::default();
        rows.fill(2, 3, |list| {
            list.next_row(2)
                .0
                .copy_from_slice(&[Block([1; 8]), Block([2; 8])]);
            list.end_row(8);
            list.push(&[3]);
        })
        .unwrap();

        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[1; 8][..], &[3]]);
    }

    /// The last block of a sum turns out to be empty.
    #[test]
    fn streamed_sums_are_the_rows_also_where_they_are_shorter_than_their_blocks() {
        let a = [Block([1; 8]), Block([0; 8])];
        let b = [Block([2; 8]), Block([0; 8])];

        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut rows = Rows::default();
            for _ in 0..2 {
                let add_twice = |list: &mut Filling<'_>| {
                    for _ in 0..2 {
                        list.add(Adder::on(isa), &mut a.clone(), &b);
                        list.end_row(8);
                    }
                };
                rows.fill(2, 4, add_twice).unwrap();
                assert_eq!(rows.iter().collect::<Vec<_>>(), [&[3; 8], &[3; 8]], "{isa}");
            }
        }
    }

    #[test]
    fn too_little_memory_is_an_error_and_the_rows_stay_usable() {
        let mut rows = Rows::default();
        assert!(rows.fill(1, usize::MAX / 64, |_| ()).is_err());

        fill(&mut rows, 1, &[vec![1]]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [[1]]);
    }
}
