//! From codes to the coefficients of one block (ITU-T T.81, F.2.2 and G.1.2). Coefficients stand row by row.

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
    /// So many more blocks have no further coefficients in this scan.
    ended_blocks: i32,
}

/// The largest DC difference of 8-bit samples takes so many bits.
const DC_BITS: u8 = 11;
/// The largest other coefficient takes so many.
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
        block[0] = self.dc(part, dc, 0, bits)?;

        let mut at = 1;
        while at < 64 {
            let symbol = ac.symbol(bits)?;
            let (zeros, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));

            if length == 0 {
                if zeros < 15 {
                    break;
                }
                at += 16;
                continue;
            }

            at += zeros;
            let place = *NATURAL.get(at).ok_or(Fault::Value)?;
            block[usize::from(place)] = coefficient(ac_value(bits, length)?)?;
            at += 1;
        }

        // A run of 16 zeros may not lead out of the block.
        if at > 64 { Err(Fault::Value) } else { Ok(()) }
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
        match (scan.first, scan.high, codes.dc, codes.ac) {
            (0, 0, Some(dc), _) => {
                block[0] = self.dc(part, dc, scan.low, bits)?;
                Ok(())
            }
            (0, ..) => {
                block[0] |= i16::from(bits.bit()?) << scan.low;
                Ok(())
            }
            (_, 0, _, Some(ac)) => self.ac_first(scan, ac, bits, block),
            (_, _, _, Some(ac)) => self.ac_refine(scan, ac, bits, block),
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

    fn ac_first(
        &mut self,
        scan: &Scan,
        ac: &Table,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        if self.ended_blocks > 0 {
            self.ended_blocks -= 1;
            return Ok(());
        }

        let mut at = scan.first;
        while at <= scan.last {
            let symbol = ac.symbol(bits)?;
            let (zeros, length) = (u32::from(symbol >> 4), u32::from(symbol & 15));

            if length == 0 {
                if zeros < 15 {
                    self.ended_blocks = (1 << zeros) - 1 + bits.take(zeros)?;
                    return Ok(());
                }
                at += 16;
                continue;
            }

            at += zeros as usize;
            if at > scan.last {
                return Err(Fault::Value);
            }
            block[usize::from(NATURAL[at])] = coefficient(ac_value(bits, length)? << scan.low)?;
            at += 1;
        }

        if at > scan.last + 1 {
            Err(Fault::Value)
        } else {
            Ok(())
        }
    }

    fn ac_refine(
        &mut self,
        scan: &Scan,
        ac: &Table,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> Result<(), Fault> {
        let bit = 1_i16 << scan.low;
        let mut at = scan.first;

        while self.ended_blocks == 0 && at <= scan.last {
            let symbol = ac.symbol(bits)?;
            let (mut zeros, length) = (u32::from(symbol >> 4), symbol & 15);
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

            // Past coefficients that are there already, each with its next bit, and past `zeros` that are not.
            loop {
                let coefficient = &mut block[usize::from(*NATURAL.get(at).ok_or(Fault::Value)?)];
                if *coefficient != 0 {
                    refine(coefficient, bit, bits)?;
                } else if zeros == 0 {
                    *coefficient = value;
                    break;
                } else {
                    zeros -= 1;
                }

                at += 1;
                if at > scan.last {
                    return Err(Fault::Value);
                }
            }
            at += 1;
        }

        if self.ended_blocks > 0 {
            for place in &NATURAL[at..=scan.last] {
                let coefficient = &mut block[usize::from(*place)];
                if *coefficient != 0 {
                    refine(coefficient, bit, bits)?;
                }
            }
            self.ended_blocks -= 1;
        }

        Ok(())
    }
}

/// The next bit of a coefficient that is not zero.
#[inline]
fn refine(coefficient: &mut i16, bit: i16, bits: &mut Bits<'_>) -> Result<(), Fault> {
    if bits.bit()? {
        let away = if *coefficient > 0 { bit } else { -bit };
        *coefficient = coefficient.checked_add(away).ok_or(Fault::Value)?;
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
