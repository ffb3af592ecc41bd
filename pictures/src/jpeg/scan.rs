//! A scan's header, and the order in which the scan holds its blocks (ITU-T T.81, B.2.3 and A.2).

use super::bits::{Bits, Fault};
use super::frame::{Frame, Size};
use crate::broken::Broken;

/// The content of a scan header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// The components in it, in the order of their blocks.
    pub parts: Vec<Part>,
    /// The first coefficient.
    pub first: usize,
    /// The last one.
    pub last: usize,
    /// The lowest bit that earlier scans brought; 0 if this is the first one.
    pub high: u32,
    /// The lowest bit that this scan brings.
    pub low: u32,
}

/// A component in a scan, and the numbers of its Huffman tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub component: usize,
    pub dc: usize,
    pub ac: usize,
}

/// Where a block is: the part of the scan, and the place in its component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub part: usize,
    pub row: usize,
    pub column: usize,
}

/// The most blocks that a unit of interleaved scans may hold.
const MOST_BLOCKS: usize = 10;

impl Scan {
    pub(super) fn parse(content: &[u8], frame: &Frame) -> Result<Self, Broken> {
        let damaged = |what: &str| Broken::Damaged(format!("a scan's header {what}"));
        let (&count, rest) = content.split_first().ok_or_else(|| damaged("is empty"))?;
        let count = usize::from(count);

        if !(1..=4).contains(&count) || rest.len() != 2 * count + 3 {
            return Err(damaged("has a wrong length"));
        }

        let (parts, rest) = rest.split_at(2 * count);
        let parts: Vec<Part> = parts
            .as_chunks()
            .0
            .iter()
            .map(|bytes| Part::parse(*bytes, frame))
            .collect::<Result<_, _>>()?;
        let &[first, last, bits] = rest else {
            return Err(damaged("has a wrong length"));
        };

        let is_repeated = |index: usize| {
            parts[..index]
                .iter()
                .any(|part| part.component == parts[index].component)
        };
        if (0..count).any(is_repeated) {
            return Err(damaged("names a component twice"));
        }

        let scan = Self {
            parts,
            first: usize::from(first),
            last: usize::from(last),
            high: u32::from(bits >> 4),
            low: u32::from(bits & 15),
        };
        if scan.parts.len() > 1 && scan.unit_blocks(frame) > MOST_BLOCKS {
            return Err(damaged("puts more than 10 blocks into a unit"));
        }

        if frame.progressive {
            scan.check_progressive()
        } else {
            Ok(scan.sequential())
        }
    }

    /// A sequential scan brings everything. Its header is ignored in this, because some encoders
    /// write something else.
    fn sequential(self) -> Self {
        Self {
            first: 0,
            last: 63,
            high: 0,
            low: 0,
            ..self
        }
    }

    fn check_progressive(self) -> Result<Self, Broken> {
        let Self {
            ref parts,
            first,
            last,
            high,
            low,
        } = self;
        let coefficients = if first == 0 {
            last == 0
        } else {
            parts.len() == 1 && first <= last && last <= 63
        };
        let bits = low <= 13 && (high == 0 || high == low + 1);

        if coefficients && bits {
            Ok(self)
        } else {
            let what = format!("{first} to {last}, bits {high} to {low}");
            Err(Broken::Damaged(format!(
                "a scan of coefficients {what} is not allowed"
            )))
        }
    }

    fn unit_blocks(&self, frame: &Frame) -> usize {
        self.parts
            .iter()
            .map(|part| &frame.components[part.component])
            .map(|component| component.horizontal * component.vertical)
            .sum()
    }

    /// Calls `visit` for each block of the scan in order, and `restart` at each restart marker and
    /// at the end.
    ///
    /// The first fault ends it, with the row of the picture near which it is.
    pub(super) fn blocks<S>(
        &self,
        frame: &Frame,
        interval: usize,
        state: &mut S,
        bits: &mut Bits<'_>,
        restart: impl Fn(&mut S) -> Result<(), Fault>,
        mut visit: impl FnMut(&mut S, &mut Bits<'_>, Place) -> Result<(), Fault>,
    ) -> Result<(), Located> {
        let units = self.units(frame);
        let unit_sizes = self.unit_sizes(frame);
        let row_height = frame.height.div_ceil(units.rows);
        let mut until_restart = interval;
        let mut next_restart = 0;

        for row in 0..units.rows {
            let located = |fault| Located {
                fault,
                row: row * row_height,
            };

            for column in 0..units.columns {
                if interval > 0 && until_restart == 0 {
                    restart(state).map_err(located)?;
                    bits.restart(next_restart).map_err(located)?;
                    next_restart = (next_restart + 1) % 8;
                    until_restart = interval;
                }
                until_restart = until_restart.wrapping_sub(1);

                for (part, size) in unit_sizes.iter().enumerate() {
                    for down in 0..size.rows {
                        for across in 0..size.columns {
                            let place = Place {
                                part,
                                row: row * size.rows + down,
                                column: column * size.columns + across,
                            };
                            visit(state, bits, place).map_err(located)?;
                        }
                    }
                }
            }
        }

        let located = |fault| Located {
            fault,
            row: frame.height,
        };
        restart(state).map_err(located)?;
        bits.finish().map_err(located)
    }

    /// A scan of one component consists of that component's blocks, others of the units of the
    /// whole picture.
    fn units(&self, frame: &Frame) -> Size {
        match self.parts[..] {
            [part] => frame.blocks(&frame.components[part.component]),
            _ => frame.units(),
        }
    }

    /// Each part's blocks in a unit.
    fn unit_sizes(&self, frame: &Frame) -> Vec<Size> {
        if self.parts.len() == 1 {
            return vec![Size {
                columns: 1,
                rows: 1,
            }];
        }

        self.parts
            .iter()
            .map(|part| &frame.components[part.component])
            .map(|component| Size {
                columns: component.horizontal,
                rows: component.vertical,
            })
            .collect()
    }
}

/// What is wrong, and near which row of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located {
    pub fault: Fault,
    pub row: usize,
}

impl Located {
    /// The error for the user.
    pub(super) fn broken(self, frame: &Frame) -> Broken {
        let Self { fault, row } = self;

        match fault {
            Fault::Truncated => Broken::Truncated,
            _ => Broken::Damaged(format!("{fault}, near row {row} of {}", frame.height)),
        }
    }
}

impl Part {
    fn parse([id, tables]: [u8; 2], frame: &Frame) -> Result<Self, Broken> {
        let component = frame
            .components
            .iter()
            .position(|component| component.id == id)
            .ok_or_else(|| {
                Broken::Damaged(format!(
                    "a scan names component {id}, which the frame lacks"
                ))
            })?;
        let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));

        if dc > 3 || ac > 3 {
            return Err(Broken::Damaged(format!(
                "a scan uses the Huffman tables {dc} and {ac} of 4"
            )));
        }

        Ok(Self { component, dc, ac })
    }
}
