//! From codes to the coefficients of one block (ITU-T T.81, F.2.2 and G.1.2). Coefficients stand
//! row by row.

use super::bits::{Bits, Fault};
use super::huffman::Table;
use super::scan::Scan;
use super::tables::{Codes, NATURAL};

/// The 64 coefficients of 8 x 8 samples.
pub(super) type Block = [i16; 64];

/// What goes from block to block within a scan, up to the next restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// The last DC value of each part.
    predictors: [i32; 4],
    /// The number of next blocks that have no further coefficients in this scan.
    ended_blocks: i32,
}

/// Coefficients in the order of the file, which a scan brings from their bit `low` on.
#[derive(Clone, Copy)]
struct Band {
    first: usize,
    last: usize,
    low: u32,
}

/// The bits of the largest DC difference of 8-bit samples.
const DC_BITS: u8 = 11;

/// The bits of the largest other coefficient.
const AC_BITS: u32 = 10;

impl State {
    /// Begins again, as after a restart marker.
    pub(super) fn restart(&mut self) -> Result<(), Fault> {
        let complete = self.ended_blocks == 0;
        *self = Self::default();

        if complete { Ok(()) } else { Err(Fault::Value) }
    }

    /// All of a block, which must be zero before.
    pub(super) fn sequential(
        &mut self,
        part: usize,
        codes: Codes<'_>,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        let (Some(dc), Some(ac)) = (codes.dc, codes.ac) else {
            return Err(Fault::Code);
        };
        let band = Band {
            first: 1,
            last: 63,
            low: 0,
        };

        block[0] = self.dc(part, dc, 0, bits)?;
        read_band(band, ac, bits, block)?;

        Ok(())
    }

    /// What a progressive scan brings for a block.
    pub(super) fn progressive(
        &mut self,
        part: usize,
        scan: &Scan,
        codes: Codes<'_>,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        let band = Band {
            first: scan.first,
            last: scan.last,
            low: scan.low,
        };

        match (scan.first, scan.high, codes.dc, codes.ac) {
            (0, 0, Some(dc), _) => {
                block[0] = self.dc(part, dc, scan.low, bits)?;
                Ok(())
            }
            (0, ..) => {
                block[0] |= i16::from(bits.bit()?) << scan.low;
                Ok(())
            }
            (_, 0, _, Some(ac)) => self.ac_first(band, ac, bits, block),
            (_, _, _, Some(ac)) => self.ac_refine(band, ac, bits, block),
            _ => Err(Fault::Code),
        }
    }

    fn dc(&mut self, part: usize, dc: &Table, low: u32, bits: &mut Bits<'_>) -> Result<i16, Fault> {
        let length = dc.symbol(bits)?;
        if length > DC_BITS {
            return Err(Fault::Value);
        }

        let predictor = &mut self.predictors[part];
        *predictor += signed(bits, u32::from(length))?;
        coefficient(i32::from(coefficient(*predictor)?) << low)
    }

    /// The first bits of a band.
    fn ac_first(
        &mut self,
        band: Band,
        ac: &Table,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        if self.ended_blocks > 0 {
            self.ended_blocks -= 1;
            return Ok(());
        }

        if let Some(length) = read_band(band, ac, bits, block)? {
            self.ended_blocks = (1 << length) - 1 + bits.take(length)?;
        }

        Ok(())
    }

    /// One more bit of a band.
    fn ac_refine(
        &mut self,
        band: Band,
        ac: &Table,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        let bit = 1_i16 << band.low;
        let mut at = band.first;

        while self.ended_blocks == 0 && at <= band.last {
            let symbol = ac.symbol(bits)?;
            let (zeros, length) = (u32::from(symbol >> 4), symbol & 15);
            let mut value = 0;

            match (length, zeros) {
                (0, 15) => {}
                (0, _) => {
                    self.ended_blocks = (1 << zeros) + bits.take(zeros)?;
                    break;
                }
                (1, _) => value = if bits.bit()? { bit } else { -bit },
                _ => return Err(Fault::Value),
            }

            let places = &NATURAL[at..=band.last];
            at += refine_up_to_zero(zeros, places, bit, bits, block)?.ok_or(Fault::Value)?;
            block[usize::from(NATURAL[at])] = value;
            at += 1;
        }

        if self.ended_blocks > 0 {
            let places = &NATURAL[at..=band.last];
            refine_up_to_zero(u32::MAX, places, bit, bits, block)?;
            self.ended_blocks -= 1;
        }

        Ok(())
    }
}

/// Reads a band of a block, in which it must be zero. If a code ends the band early, the result is
/// the number of bits in which the file says how many more blocks it ends.
#[inline]
fn read_band(
    band: Band,
    ac: &Table,
    bits: &mut Bits<'_>,
    block: &mut Block,
) -> Result<Option<u32>, Fault> {
    let mut at = band.first;

    while at <= band.last {
        let symbol = ac.symbol(bits)?;
        let (zeros, length) = (u32::from(symbol >> 4), u32::from(symbol & 15));

        if length == 0 {
            if zeros < 15 {
                return Ok(Some(zeros));
            }
            at += 16;
            continue;
        }

        at += zeros as usize;
        if at > band.last {
            return Err(Fault::Value);
        }
        block[usize::from(NATURAL[at])] = coefficient(ac_value(bits, length)? << band.low)?;
        at += 1;
    }

    // A run of 16 zeros must not lead out of the band.
    if at > band.last + 1 {
        Err(Fault::Value)
    } else {
        Ok(None)
    }
}

/// Refines the coefficients at `places` that are not zero, past `zeros` that are. The result is the
/// index in `places` of the next zero, if there is one.
#[inline]
fn refine_up_to_zero(
    zeros: u32,
    places: &[u8],
    bit: i16,
    bits: &mut Bits<'_>,
    block: &mut Block,
) -> Result<Option<usize>, Fault> {
    let mut zeros_left = zeros;

    for (index, place) in places.iter().enumerate() {
        let coefficient = &mut block[usize::from(*place)];

        if *coefficient != 0 {
            refine(coefficient, bit, bits)?;
        } else if zeros_left == 0 {
            return Ok(Some(index));
        } else {
            zeros_left -= 1;
        }
    }

    Ok(None)
}

/// Reads the next bit of a coefficient that is not zero.
#[inline]
fn refine(coefficient: &mut i16, bit: i16, bits: &mut Bits<'_>) -> Result<(), Fault> {
    if bits.bit()? {
        let away_from_zero = if *coefficient > 0 { bit } else { -bit };
        *coefficient = coefficient
            .checked_add(away_from_zero)
            .ok_or(Fault::Value)?;
    }

    Ok(())
}

/// A number of `length` bits, of which the smaller half stands for negative ones.
#[inline]
fn signed(bits: &mut Bits<'_>, length: u32) -> Result<i32, Fault> {
    let value = bits.take(length)?;
    let half = 1 << length >> 1;

    Ok(if value < half {
        value + 1 - (1 << length)
    } else {
        value
    })
}

#[inline]
fn ac_value(bits: &mut Bits<'_>, length: u32) -> Result<i32, Fault> {
    if length > AC_BITS {
        Err(Fault::Value)
    } else {
        signed(bits, length)
    }
}

#[inline]
fn coefficient(value: i32) -> Result<i16, Fault> {
    i16::try_from(value).map_err(|_| Fault::Value)
}
