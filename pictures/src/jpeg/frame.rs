//! A picture's frame: its size, its components and how they are cut into blocks (ITU-T T.81, B.2.2
//! and A.2).

use super::segment;
use crate::broken::Broken;

/// The content of a frame header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Whether the coefficients come in several passes.
    pub progressive: bool,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// One for grey, three or four for colours.
    pub components: Vec<Component>,
}

/// One component: a plane of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    /// The name by which scans refer to it.
    pub id: u8,
    /// Its horizontal sampling factor: how many columns it has, in relation to the other
    /// components.
    pub horizontal: usize,
    /// Its vertical sampling factor.
    pub vertical: usize,
    /// The number of its quantisation table.
    pub table: usize,
}

/// A number of columns and of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// Why a frame of this kind is not decoded. `None` if it is, or if the marker does not begin a
/// frame.
pub(super) fn unsupported(marker: u8) -> Option<&'static str> {
    match marker {
        0xC3 => Some("it is a lossless JPEG"),
        0xC5..=0xC7 | segment::HIERARCHICAL => Some("it is a hierarchical JPEG"),
        0xC9 | 0xCA | segment::DEFINE_ARITHMETIC => Some("it is an arithmetic-coded JPEG"),
        0xCB => Some("it is a lossless, arithmetic-coded JPEG"),
        0xCD..=0xCF => Some("it is a hierarchical, arithmetic-coded JPEG"),
        segment::JPEG_LS => Some("it is a JPEG-LS picture"),
        _ => None,
    }
}

impl Frame {
    /// Whether this marker begins a frame that [`Self::parse`] understands.
    pub(super) const fn begins(marker: u8) -> bool {
        matches!(marker, 0xC0..=0xC2)
    }

    pub(super) fn parse(marker: u8, content: &[u8]) -> Result<Self, Broken> {
        let damaged = || Broken::Damaged("its frame header has a wrong length".to_owned());
        let (&[precision, h1, h2, w1, w2, count], components) =
            content.split_first_chunk().ok_or_else(damaged)?;
        let (height, width) = (u16::from_be_bytes([h1, h2]), u16::from_be_bytes([w1, w2]));

        if components.len() != 3 * usize::from(count) {
            return Err(damaged());
        }
        if precision != 8 {
            return Err(Broken::Unsupported(format!(
                "it has {precision} bits a sample, not 8"
            )));
        }
        if height == 0 {
            return Err(Broken::Unsupported(
                "its number of rows comes after the first scan (DNL)".to_owned(),
            ));
        }
        if width == 0 {
            return Err(Broken::Damaged("it has 0 columns".to_owned()));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(Broken::Unsupported(format!(
                "it has {count} components, not 1, 3 or 4"
            )));
        }

        let frame = Self {
            progressive: marker == 0xC2,
            width: usize::from(width),
            height: usize::from(height),
            components: components
                .as_chunks()
                .0
                .iter()
                .copied()
                .map(Component::parse)
                .collect::<Result<_, _>>()?,
        };
        frame.check_components()?;

        Ok(frame)
    }

    fn check_components(&self) -> Result<(), Broken> {
        let Size { columns, rows } = self.factors();

        for (index, component) in self.components.iter().enumerate() {
            if self.components[..index]
                .iter()
                .any(|earlier| earlier.id == component.id)
            {
                return Err(Broken::Damaged(format!(
                    "two components are called {}",
                    component.id
                )));
            }

            if columns % component.horizontal != 0 || rows % component.vertical != 0 {
                let factors = self.factors_in_words();
                return Err(Broken::Unsupported(format!(
                    "its components' sizes do not divide each other (sampling factors {factors})"
                )));
            }
        }

        Ok(())
    }

    /// The sampling factors as people write them: `2x2,1x1,1x1`.
    fn factors_in_words(&self) -> String {
        self.components
            .iter()
            .map(|component| format!("{}x{}", component.horizontal, component.vertical))
            .collect::<Vec<_>>()
            .join(",")
    }

    /// The largest sampling factors.
    pub(super) fn factors(&self) -> Size {
        let columns = self
            .components
            .iter()
            .map(|component| component.horizontal)
            .max();
        let rows = self
            .components
            .iter()
            .map(|component| component.vertical)
            .max();

        Size {
            columns: columns.unwrap_or(1),
            rows: rows.unwrap_or(1),
        }
    }

    /// How many units of the interleaved order cover the picture.
    pub(super) fn units(&self) -> Size {
        let factors = self.factors();

        Size {
            columns: self.width.div_ceil(8 * factors.columns),
            rows: self.height.div_ceil(8 * factors.rows),
        }
    }

    /// The samples of a component that belong to the picture.
    pub(super) fn samples(&self, component: &Component) -> Size {
        let factors = self.factors();

        Size {
            columns: (self.width * component.horizontal).div_ceil(factors.columns),
            rows: (self.height * component.vertical).div_ceil(factors.rows),
        }
    }

    /// The blocks of a component that belong to the picture: those in a scan of this component
    /// alone.
    pub(super) fn blocks(&self, component: &Component) -> Size {
        let Size { columns, rows } = self.samples(component);

        Size {
            columns: columns.div_ceil(8),
            rows: rows.div_ceil(8),
        }
    }

    /// The blocks of a component in interleaved scans: filled up to whole units.
    pub(super) fn padded_blocks(&self, component: &Component) -> Size {
        let Size { columns, rows } = self.units();

        Size {
            columns: columns * component.horizontal,
            rows: rows * component.vertical,
        }
    }

    /// Refuses a frame that a file of `bytes` cannot hold, before memory is taken for it: a block
    /// takes at least one bit.
    pub(crate) fn check_length(&self, bytes: u64) -> Result<(), Broken> {
        let blocks: u64 = self
            .components
            .iter()
            .map(|component| self.blocks(component))
            .map(|size| size.columns as u64 * size.rows as u64)
            .sum();

        if blocks.div_ceil(8) > bytes {
            let Self { width, height, .. } = self;
            return Err(Broken::Damaged(format!(
                "its {bytes} bytes cannot hold {width} x {height} pixels"
            )));
        }

        Ok(())
    }

    /// The samples of all components, filled up to whole units.
    pub(super) fn padded_samples(&self) -> u64 {
        self.components
            .iter()
            .map(|component| self.padded_blocks(component))
            .map(|size| 64 * (size.columns as u64) * (size.rows as u64))
            .sum()
    }
}

impl Component {
    fn parse([id, factors, table]: [u8; 3]) -> Result<Self, Broken> {
        let (horizontal, vertical) = (factors >> 4, factors & 15);

        if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
            return Err(Broken::Damaged(format!(
                "component {id} has the sampling factors {horizontal}x{vertical}; they range \
                 from 1 to 4"
            )));
        }
        if table > 3 {
            return Err(Broken::Damaged(format!(
                "component {id} uses quantisation table {table} of 4"
            )));
        }

        Ok(Self {
            id,
            horizontal: usize::from(horizontal),
            vertical: usize::from(vertical),
            table: usize::from(table),
        })
    }
}
