//! A Huffman table: from the next bits to a symbol (ITU-T T.81, annex C).

use super::bits::{Bits, Fault};
use crate::broken::Broken;

/// Codes of at most this length are looked up in one step.
const SHORT: usize = 9;

/// From codes to symbols.
#[derive(Clone)]
pub(super) struct Table {
    /// For the next bits, a short code's length and symbol; length 0 if the code is longer.
    short: Vec<ShortCode>,
    /// For each length, the first code that is longer, as 16 bits.
    limits: [usize; 17],
    /// For each length, what to add to a code to get its symbol's place.
    offsets: [usize; 17],
    symbols: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct ShortCode {
    length: u8,
    symbol: u8,
}

impl Table {
    /// The table with `counts` codes of each length from 1 on.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Broken> {
        let mut table = Self {
            short: vec![ShortCode::default(); 1 << SHORT],
            limits: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        let mut code = 0_usize;
        let mut place = 0_usize;

        for length in 1..=16 {
            code <<= 1;
            table.offsets[length] = place.wrapping_sub(code);

            for _ in 0..counts[length - 1] {
                if code >= 1 << length {
                    return Err(Broken::Damaged(
                        "a Huffman table has more codes than their lengths allow".to_owned(),
                    ));
                }
                if length <= SHORT {
                    let short_code = ShortCode {
                        length: u8::try_from(length).unwrap_or(0),
                        symbol: symbols[place],
                    };
                    let first = code << (SHORT - length);
                    let count = 1 << (SHORT - length);
                    table.short[first..first + count].fill(short_code);
                }

                code += 1;
                place += 1;
            }

            table.limits[length] = code << (16 - length);
        }

        Ok(table)
    }

    /// The next symbol.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        let next = bits.peek();
        let short_code = self.short[next >> (16 - SHORT)];

        if short_code.length > 0 {
            bits.skip(u32::from(short_code.length))?;
            return Ok(short_code.symbol);
        }

        self.long_symbol(next, bits)
    }

    fn long_symbol(&self, next: usize, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        for length in SHORT + 1..=16 {
            if next < self.limits[length] {
                let place = (next >> (16 - length)).wrapping_add(self.offsets[length]);
                bits.skip(u32::try_from(length).unwrap_or(16))?;
                return self.symbols.get(place).copied().ok_or(Fault::Code);
            }
        }

        // Where the data end early, the zeros after them may not be a code.
        bits.skip(16)?;
        Err(Fault::Code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_length_give_their_symbol() {
        // One code of each length: 0, 10, 110, and so on.
        let symbols: Vec<u8> = (1..=16).collect();
        let table = Table::new(&[1; 16], &symbols).unwrap();

        for length in 1..=16_u8 {
            let code = (u32::from(u16::MAX) << (17 - u32::from(length))) & 0xFFFF;
            let bytes = [
                u8::try_from(code >> 8).unwrap(),
                u8::try_from(code & 0xFF).unwrap(),
            ];
            let stuffed: Vec<u8> = bytes
                .iter()
                .flat_map(|byte| {
                    if *byte == 0xFF {
                        vec![0xFF, 0]
                    } else {
                        vec![*byte]
                    }
                })
                .collect();
            assert_eq!(table.symbol(&mut Bits::new(&stuffed)), Ok(length));
        }

        assert_eq!(
            table.symbol(&mut Bits::new(&[0xFF, 0, 0xFF, 0])),
            Err(Fault::Code)
        );
    }

    #[test]
    fn too_many_codes_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 2;
        assert!(Table::new(&counts, &[1, 2]).is_ok());
        counts[1] = 1;
        assert!(Table::new(&counts, &[1, 2, 3]).is_err());
    }
}
