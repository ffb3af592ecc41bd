//! Writes JPEGs of every structure: any sampling factors, interleaved or a scan for each component, baseline or
//! progressive, with restarts, with the markers that decide about colours. Plain and slow, for small pictures.

use std::collections::HashMap;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::coder::Coder;

/// What a file is to be.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    pub width: usize,
    pub height: usize,
    /// Each component's share of columns and rows.
    pub factors: Vec<[usize; 2]>,
    /// A scan for each component.
    pub separate: bool,
    pub progressive: bool,
    /// Units between two restarts; 0 for none.
    pub restarts: u16,
    pub jfif: bool,
    /// The transform in Adobe's marker.
    pub adobe: Option<u8>,
    /// The components' names; those after the third go on from it.
    pub ids: [u8; 3],
}

/// A component's quantised blocks, by row and column.
type Blocks = Vec<Vec<[i32; 64]>>;

/// Writes pictures, and keeps what costs most: the blocks, which many structures share.
#[derive(Default)]
pub(super) struct Writer {
    blocks: HashMap<[usize; 7], Blocks>,
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

    fn largest(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            self.factors
                .iter()
                .map(|factors| factors[axis])
                .max()
                .unwrap()
        })
    }

    /// Units of the interleaved order.
    fn units(&self) -> [usize; 2] {
        let [across, down] = self.largest();
        [
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        ]
    }

    /// The blocks that a scan of one component holds.
    fn own_blocks(&self, component: usize) -> [usize; 2] {
        let ([across, down], [own_across, own_down]) = (self.largest(), self.factors[component]);
        [
            (self.width * own_across).div_ceil(across).div_ceil(8),
            (self.height * own_down).div_ceil(down).div_ceil(8),
        ]
    }

    fn id(&self, component: usize) -> u8 {
        self.ids.get(component).copied().unwrap_or(200)
    }
}

impl Writer {
    /// The file whose component `c` has the value `value(c, x, y)` in the middle of the picture's pixel (x, y).
    pub(super) fn write(
        &mut self,
        structure: &Structure,
        value: impl Fn(usize, f64, f64) -> f64,
    ) -> Vec<u8> {
        let mut blocks = Vec::new();
        for component in 0..structure.factors.len() {
            let ([a, b], [c, d]) = (structure.factors[component], structure.largest());
            let key = [component, a, b, c, d, structure.width, structure.height];
            let known = self.blocks.entry(key);
            let made = known.or_insert_with(|| transformed(structure, component, &value));
            blocks.push(made.clone());
        }

        let mut file = head(structure);
        let all: Vec<usize> = (0..structure.factors.len()).collect();
        let groups: Vec<&[usize]> = if structure.separate {
            all.chunks(1).collect()
        } else {
            vec![all.as_slice()]
        };

        if structure.progressive {
            for group in &groups {
                scan(structure, &blocks, group, [0, 0, 0, 1], &mut file);
            }
            for component in all.chunks(1) {
                scan(structure, &blocks, component, [1, 5, 0, 1], &mut file);
                scan(structure, &blocks, component, [6, 63, 0, 1], &mut file);
                scan(structure, &blocks, component, [1, 63, 1, 0], &mut file);
            }
            for group in &groups {
                scan(structure, &blocks, group, [0, 0, 1, 0], &mut file);
            }
        } else {
            for group in &groups {
                scan(structure, &blocks, group, [0, 63, 0, 0], &mut file);
            }
        }

        file.extend([0xFF, 0xD9]);
        file
    }
}

fn quantisation(component: usize) -> u8 {
    [1, 2, 3, 2][component]
}

/// A component's samples, transformed and quantised.
fn transformed(
    structure: &Structure,
    component: usize,
    value: &impl Fn(usize, f64, f64) -> f64,
) -> Blocks {
    let ([across, down], [own_across, own_down]) =
        (structure.largest(), structure.factors[component]);
    let [columns, rows] = structure.units();
    let ratios = [
        across as f64 / own_across as f64,
        down as f64 / own_down as f64,
    ];
    let sample = |x: usize, y: usize| {
        let [x, y] =
            [(x, ratios[0]), (y, ratios[1])].map(|(at, ratio)| (at as f64 + 0.5) * ratio - 0.5);
        value(component, x, y).clamp(0.0, 255.0) - 128.0
    };

    let block = |row: usize, column: usize| {
        let samples = std::array::from_fn(|at| sample(8 * column + at % 8, 8 * row + at / 8));
        let scale = f64::from(quantisation(component));
        forward(&samples).map(|value| {
            #[expect(clippy::cast_possible_truncation, reason = "a coefficient has 11 bits")]
            let whole = (value / scale).round() as i32;
            whole
        })
    };

    let rows = 0..rows * own_down;
    rows.map(|row| {
        (0..columns * own_across)
            .map(|column| block(row, column))
            .collect()
    })
    .collect()
}

/// The transform of the standard (A.3.3), by rows and then by columns.
fn forward(samples: &[f64; 64]) -> [f64; 64] {
    let basis: [f64; 64] = std::array::from_fn(|at| {
        let scale = if at < 8 { FRAC_1_SQRT_2 } else { 1.0 };
        scale / 2.0 * ((2 * (at % 8) + 1) as f64 * (at / 8) as f64 * PI / 16.0).cos()
    });
    let half = |input: &[f64; 64]| -> [f64; 64] {
        // Transforms each row, and turns rows into columns.
        std::array::from_fn(|at| {
            (0..8)
                .map(|x| input[8 * (at % 8) + x] * basis[8 * (at / 8) + x])
                .sum()
        })
    };
    half(&half(samples))
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

    // Twelve DC codes of four bits; 254 AC codes of eight bits and two of nine, so that every symbol has one.
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

/// One scan: its header and its data. `band` is the first and last coefficient, and the bits before and after.
fn scan(
    structure: &Structure,
    blocks: &[Blocks],
    components: &[usize],
    band: [u8; 4],
    file: &mut Vec<u8>,
) {
    let [first, last, high, low] = band;
    let count = u8::try_from(components.len()).unwrap();
    file.extend([0xFF, 0xDA, 0, 6 + 2 * count, count]);
    for component in components {
        file.extend([structure.id(*component), 0]);
    }
    file.extend([first, last, high << 4 | low]);

    let alone = components.len() == 1;
    let [columns, rows] = if alone {
        structure.own_blocks(components[0])
    } else {
        structure.units()
    };
    let mut coder = Coder::new(band.map(usize::from));

    for unit in 0..columns * rows {
        if structure.restarts > 0 && unit > 0 && unit % usize::from(structure.restarts) == 0 {
            let number = (unit / usize::from(structure.restarts) - 1) % 8;
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
                coder.block(
                    *component,
                    &blocks[*component][row][column],
                    structure.progressive,
                );
            }
        }
    }

    coder.flush();
    file.extend(coder.bytes);
}
