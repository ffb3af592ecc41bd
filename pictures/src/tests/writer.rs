//! Writes JPEGs of every structure: any sampling factors, interleaved or a scan for each component,
//! baseline or progressive, with restarts, with the markers that decide about colours. Plain and
//! slow, for small pictures.

use std::collections::HashMap;

use super::blocks::{Blocks, quantisation, transformed};
use super::coder::{Band, Coder};

/// The structure of a file.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    pub width: usize,
    pub height: usize,
    /// Each component's share of columns and rows.
    pub factors: Vec<[usize; 2]>,
    /// A scan for each component.
    pub separate: bool,
    pub progressive: bool,
    /// Units between two restarts; 0 without restarts.
    pub restarts: u16,
    pub jfif: bool,
    /// The transform in Adobe's marker.
    pub adobe: Option<u8>,
    /// The components' names; those after the third go on from it.
    pub ids: [u8; 3],
}

/// Writes pictures, and keeps what costs most: the blocks, which many structures share.
#[derive(Default)]
pub(super) struct Writer {
    blocks: HashMap<BlocksKey, Blocks>,
}

/// What a component's blocks depend on.
#[derive(PartialEq, Eq, Hash)]
struct BlocksKey {
    component: usize,
    factors: [usize; 2],
    largest: [usize; 2],
    width: usize,
    height: usize,
}

impl Structure {
    /// A 4:4:4 baseline picture without any marker about colours.
    pub(super) fn plain(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            factors: vec![[1, 1]; 3],
            separate: false,
            progressive: false,
            restarts: 0,
            jfif: false,
            adobe: None,
            ids: [1, 2, 3],
        }
    }

    /// Whether the standard allows all components in one scan: it has at most 10 blocks in a unit.
    pub(super) fn may_interleave(&self) -> bool {
        self.factors
            .iter()
            .map(|[across, down]| across * down)
            .sum::<usize>()
            <= 10
    }

    /// The largest factor along each axis.
    pub(super) fn largest(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            self.factors
                .iter()
                .map(|factors| factors[axis])
                .max()
                .unwrap()
        })
    }

    /// Units of the interleaved order.
    pub(super) fn units(&self) -> [usize; 2] {
        let [across, down] = self.largest();

        [
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        ]
    }

    /// The blocks that a scan of `component` alone holds.
    fn blocks_alone(&self, component: usize) -> [usize; 2] {
        let largest = self.largest();
        let factors = self.factors[component];
        let sides = [self.width, self.height];

        [0, 1].map(|axis| {
            (sides[axis] * factors[axis])
                .div_ceil(largest[axis])
                .div_ceil(8)
        })
    }

    fn id(&self, component: usize) -> u8 {
        self.ids.get(component).copied().unwrap_or(200)
    }
}

impl Writer {
    /// The file whose component `c` has the value `value(c, x, y)` in the middle of the picture's
    /// pixel (x, y).
    pub(super) fn write(
        &mut self,
        structure: &Structure,
        value: impl Fn(usize, f64, f64) -> f64,
    ) -> Vec<u8> {
        let mut blocks = Vec::new();
        for component in 0..structure.factors.len() {
            let key = BlocksKey {
                component,
                factors: structure.factors[component],
                largest: structure.largest(),
                width: structure.width,
                height: structure.height,
            };
            let entry = self.blocks.entry(key);
            let component_blocks =
                entry.or_insert_with(|| transformed(structure, component, &value));
            blocks.push(component_blocks.clone());
        }

        let mut file = head(structure);
        let components: Vec<usize> = (0..structure.factors.len()).collect();
        let groups: Vec<&[usize]> = if structure.separate {
            components.chunks(1).collect()
        } else {
            vec![components.as_slice()]
        };

        let mut write = |group: &[usize], band: Band| {
            scan(structure, &blocks, group, band, &mut file);
        };
        if structure.progressive {
            for group in &groups {
                write(group, Band::first_pass(0, 0));
            }
            for component in components.chunks(1) {
                write(component, Band::first_pass(1, 5));
                write(component, Band::first_pass(6, 63));
                write(component, Band::second_pass(1, 63));
            }
            for group in &groups {
                write(group, Band::second_pass(0, 0));
            }
        } else {
            for group in &groups {
                write(group, Band::ALL);
            }
        }

        file.extend([0xFF, 0xD9]);
        file
    }
}

/// Everything before the first scan.
fn head(structure: &Structure) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, content: &[u8]| {
        file.extend([0xFF, marker]);
        file.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        file.extend(content);
    };

    if structure.jfif {
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    }
    if let Some(transform) = structure.adobe {
        segment(
            0xEE,
            &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat(),
        );
    }

    for component in 0..structure.factors.len() {
        let mut table = vec![u8::try_from(component).unwrap()];
        table.extend([quantisation(component); 64]);
        segment(0xDB, &table);
    }

    let size =
        [structure.height, structure.width].map(|side| u16::try_from(side).unwrap().to_be_bytes());
    let mut frame = vec![8];
    frame.extend(size.concat());
    frame.push(u8::try_from(structure.factors.len()).unwrap());
    for (component, [across, down]) in structure.factors.iter().enumerate() {
        let factors = u8::try_from(16 * across + down).unwrap();
        frame.extend([
            structure.id(component),
            factors,
            u8::try_from(component).unwrap(),
        ]);
    }
    segment(if structure.progressive { 0xC2 } else { 0xC0 }, &frame);

    // Twelve DC codes of four bits; 254 AC codes of eight bits and two of nine, so that every
    // symbol has one.
    let dc: Vec<u8> = (0..12).collect();
    let ac: Vec<u8> = (0..=255).collect();
    segment(
        0xC4,
        &[&[0], [0, 0, 0, 12].as_slice(), &[0; 12], &dc].concat(),
    );
    segment(
        0xC4,
        &[&[0x10], [0; 7].as_slice(), &[254, 2], &[0; 7], &ac].concat(),
    );

    if structure.restarts > 0 {
        segment(0xDD, &structure.restarts.to_be_bytes());
    }
    file
}

/// One scan: its header and its data.
fn scan(
    structure: &Structure,
    blocks: &[Blocks],
    components: &[usize],
    band: Band,
    file: &mut Vec<u8>,
) {
    let count = u8::try_from(components.len()).unwrap();
    file.extend([0xFF, 0xDA, 0, 6 + 2 * count, count]);
    for component in components {
        file.extend([structure.id(*component), 0]);
    }
    file.extend(band.bytes());

    let alone = components.len() == 1;
    let [columns, rows] = if alone {
        structure.blocks_alone(components[0])
    } else {
        structure.units()
    };
    let interval = usize::from(structure.restarts);
    let mut coder = Coder::new(band);

    for unit in 0..columns * rows {
        if interval > 0 && unit > 0 && unit % interval == 0 {
            let number = (unit / interval - 1) % 8;
            coder.restart(u8::try_from(number).unwrap());
        }

        for component in components {
            let [across, down] = if alone {
                [1, 1]
            } else {
                structure.factors[*component]
            };
            for place in 0..across * down {
                let row = unit / columns * down + place / across;
                let column = unit % columns * across + place % across;
                let block = &blocks[*component][row][column];
                coder.block(*component, block, structure.progressive);
            }
        }
    }

    coder.flush();
    file.extend(coder.bytes);
}
