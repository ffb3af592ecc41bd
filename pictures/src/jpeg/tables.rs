//! The tables that a file defines between its scans: Huffman codes, quantisation, the restart
//! interval.

use super::huffman::Table;
use super::scan::{Part, Scan};
use super::segment;
use crate::broken::Broken;

/// The tables that are defined so far.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    quantisation: [Option<[u16; 64]>; 4],
    /// Units between two restart markers; 0 without restarts.
    pub restart_interval: usize,
}

/// The Huffman tables of a scan's part.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a> {
    pub dc: Option<&'a Table>,
    pub ac: Option<&'a Table>,
}

/// Where each coefficient stands in its block, in the order of the file (the zigzag order).
pub(super) const NATURAL: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

impl Tables {
    /// Takes over what a segment defines; other segments change nothing.
    pub(super) fn define(&mut self, marker: u8, content: &[u8]) -> Result<(), Broken> {
        match marker {
            segment::DEFINE_HUFFMAN => self.define_codes(content),
            segment::DEFINE_QUANTISATION => self.define_quantisation(content),
            segment::RESTART_INTERVAL => match *content {
                [high, low] => {
                    self.restart_interval = usize::from(u16::from_be_bytes([high, low]));
                    Ok(())
                }
                _ => Err(Broken::Damaged(
                    "its restart interval has a wrong length".to_owned(),
                )),
            },
            _ => Ok(()),
        }
    }

    fn define_codes(&mut self, mut content: &[u8]) -> Result<(), Broken> {
        let damaged = || Broken::Damaged("a Huffman table has a wrong length".to_owned());

        while let Some((&kind, rest)) = content.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
            let symbols = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(symbols).ok_or_else(damaged)?;
            let table = Table::new(counts, symbols)?;

            let tables = if kind >> 4 == 0 {
                &mut self.dc
            } else {
                &mut self.ac
            };
            let slot = tables
                .get_mut(usize::from(kind & 15))
                .filter(|_| kind >> 4 <= 1)
                .ok_or_else(|| Broken::Damaged(format!("there is no Huffman table {kind:02X}")))?;

            *slot = Some(table);
            content = rest;
        }

        Ok(())
    }

    fn define_quantisation(&mut self, mut content: &[u8]) -> Result<(), Broken> {
        let damaged = || Broken::Damaged("a quantisation table has a wrong length".to_owned());

        while let Some((&kind, rest)) = content.split_first() {
            let width = usize::from(kind >> 4) + 1;
            let slot = self
                .quantisation
                .get_mut(usize::from(kind & 15))
                .filter(|_| width <= 2)
                .ok_or_else(|| {
                    Broken::Damaged(format!("there is no quantisation table {kind:02X}"))
                })?;
            let (values, rest) = rest.split_at_checked(64 * width).ok_or_else(damaged)?;

            let mut table = [0; 64];
            for (value, place) in values.chunks_exact(width).zip(NATURAL) {
                table[usize::from(place)] = value
                    .iter()
                    .fold(0, |value, byte| 256 * value + u16::from(*byte));
            }

            *slot = Some(table);
            content = rest;
        }

        Ok(())
    }

    /// The codes of `part`. An error if a table that `scan` needs is not defined.
    pub(super) fn codes(
        &self,
        scan: &Scan,
        part: Part,
        progressive: bool,
    ) -> Result<Codes<'_>, Broken> {
        let codes = Codes {
            dc: self.dc[part.dc].as_ref(),
            ac: self.ac[part.ac].as_ref(),
        };
        let first_dc = scan.first == 0 && scan.high == 0;
        let any_ac = !progressive || scan.first > 0;

        if first_dc && codes.dc.is_none() || any_ac && codes.ac.is_none() {
            return Err(Broken::Damaged(
                "a scan uses a Huffman table that is not defined".to_owned(),
            ));
        }

        Ok(codes)
    }

    /// Quantisation table `number`.
    pub(super) fn quantisation(&self, number: usize) -> Result<[u16; 64], Broken> {
        self.quantisation[number]
            .ok_or_else(|| Broken::Damaged(format!("quantisation table {number} is not defined")))
    }
}
