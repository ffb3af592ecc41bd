//! The coefficients of a progressive picture, which are held until its last scan.

use super::block::Block;
use super::frame::{Frame, Size};
use crate::workload::image::broken::Broken;
use crate::workload::image::room;

pub(super) struct Coefficients {
    /// The blocks of one component after those of another, row by row. They are one piece of memory,
    /// which the allocator gives back where a piece for each component would stay with the thread.
    values: Vec<i16>,
    /// Where each component's blocks are.
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    /// The number of blocks before the first one.
    start: usize,
    size: Size,
}

impl Coefficients {
    /// All of them zero.
    pub(super) fn new(frame: &Frame) -> Result<Self, Broken> {
        let mut blocks = 0;
        let mut places = Vec::new();

        for component in &frame.components {
            let size = frame.padded_blocks(component);
            places.push(Place {
                start: blocks,
                size,
            });
            blocks += size.columns * size.rows;
        }

        Ok(Self {
            values: room::zeroed(size_of::<Block>() / size_of::<i16>() * blocks)?,
            places,
        })
    }

    pub(super) fn block(&mut self, component: usize, row: usize, column: usize) -> &mut Block {
        let Place { start, size } = self.places[component];
        let (blocks, _) = self.values.as_chunks_mut();

        &mut blocks[start + row * size.columns + column]
    }

    /// Each component's blocks and the number of blocks in a row.
    pub(super) fn components(&self) -> impl Iterator<Item = (&[Block], usize)> {
        let (blocks, _) = self.values.as_chunks();

        self.places.iter().map(move |Place { start, size }| {
            let end = start + size.columns * size.rows;
            (&blocks[*start..end], size.columns)
        })
    }
}
