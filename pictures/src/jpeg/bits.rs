//! The bits of a scan's data: bytes in which FF is followed by 00, up to a marker (ITU-T T.81,
//! F.1.2.3).

use super::segment;

/// What can be wrong with the data of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The file ends.
    #[error("the file ends")]
    Truncated,
    /// There is a marker where codes are missing.
    #[error("the data of a scan end early")]
    Early,
    /// Bits that are no code.
    #[error("bits that are not a code")]
    Code,
    /// A value that the format does not allow.
    #[error("a code for an impossible value")]
    Value,
    /// Bytes after the last code.
    #[error("data without a place in the picture")]
    Surplus,
    /// There is another marker, or no marker.
    #[error("restart marker {0} is missing")]
    Restart(u8),
}

/// Bits that are read in order.
pub(super) struct Bits<'a> {
    /// What has not gone to `window`.
    data: &'a [u8],
    /// The next bits, from the highest on. After the first `count` there may be bits of what is
    /// still in `data`.
    window: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            window: 0,
            count: 0,
        }
    }

    /// What is left after [`Self::finish`]: it begins with a marker.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.data
    }

    /// Makes sure that 48 bits are there, or all that come before the next marker.
    #[inline]
    fn fill(&mut self) {
        if let Some(chunk) = self.data.first_chunk() {
            let word = u64::from_be_bytes(*chunk);

            if !holds_ff(word) {
                let bytes = (63 - self.count) / 8;
                self.window |= word >> self.count;
                self.count += 8 * bytes;
                self.data = &self.data[bytes as usize..];
                return;
            }
        }

        while self.count <= 48 && self.fill_byte() {}
    }

    /// Moves a byte of data to the window, if there is one before the next marker.
    fn fill_byte(&mut self) -> bool {
        let Some((byte, length)) = data_byte(self.data) else {
            return false;
        };

        self.window |= u64::from(byte) << (56 - self.count);
        self.count += 8;
        self.data = &self.data[length..];
        true
    }

    /// The next 16 bits, filled up with zeros if there are fewer.
    #[inline]
    pub(super) fn peek(&mut self) -> usize {
        if self.count < 16 {
            self.fill();
            if self.count < 16 {
                // Bits that follow the marker must not show.
                self.window &= !(u64::MAX >> self.count);
            }
        }

        (self.window >> 48) as usize
    }

    /// Goes on by `length` bits, at most 16.
    #[inline]
    pub(super) fn skip(&mut self, length: u32) -> Result<(), Fault> {
        if length > self.count {
            return Err(self.end());
        }

        self.window <<= length;
        self.count -= length;
        Ok(())
    }

    /// The next `length` bits as a number; at most 16.
    #[inline]
    pub(super) fn take(&mut self, length: u32) -> Result<i32, Fault> {
        if length == 0 {
            return Ok(0);
        }

        let bits = self.peek() >> (16 - length);
        self.skip(length)?;
        i32::try_from(bits).map_err(|_| Fault::Value)
    }

    /// The next bit.
    #[inline]
    pub(super) fn bit(&mut self) -> Result<bool, Fault> {
        Ok(self.take(1)? == 1)
    }

    /// Goes to the restart marker `number` and past it.
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Fault> {
        self.finish().map_err(|fault| match fault {
            Fault::Surplus => Fault::Restart(number),
            other => other,
        })?;

        let fill = self.data.iter().take_while(|byte| **byte == 0xFF).count();

        match self.data.get(fill) {
            Some(marker) if *marker == segment::RESTART_0 + number => {
                self.data = &self.data[fill + 1..];
                Ok(())
            }
            Some(_) => Err(Fault::Restart(number)),
            None => Err(Fault::Truncated),
        }
    }

    /// Goes to the next marker. Only padding may stand before it: the rest of a byte, and bytes
    /// that are 00 or FF throughout, which some encoders write.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        let rest_of_byte = self.count % 8;
        self.window <<= rest_of_byte;
        self.count -= rest_of_byte;

        let mut padding = true;
        while self.count > 0 {
            padding &= matches!(self.window >> 56, 0x00 | 0xFF);
            self.window <<= 8;
            self.count -= 8;
        }
        self.window = 0;

        while let Some((byte, length)) = data_byte(self.data) {
            padding &= matches!(byte, 0x00 | 0xFF);
            self.data = &self.data[length..];
        }

        if self.data.iter().all(|byte| *byte == 0xFF) {
            return Err(Fault::Truncated);
        }

        if padding { Ok(()) } else { Err(Fault::Surplus) }
    }

    fn end(&self) -> Fault {
        if self.data.iter().all(|byte| *byte == 0xFF) {
            Fault::Truncated
        } else {
            Fault::Early
        }
    }
}

/// The first byte of `data`, and the number of bytes in the file that stand for it. `None` before a
/// marker and at the end.
fn data_byte(data: &[u8]) -> Option<(u8, usize)> {
    match data {
        [0xFF, 0x00, ..] => Some((0xFF, 2)),
        [0xFF, 0xFF, ..] => {
            // Fill bytes, which belong to a marker or, as libjpeg allows, to a byte of data.
            let fill = data.iter().take_while(|byte| **byte == 0xFF).count();
            (data.get(fill) == Some(&0)).then_some((0xFF, fill + 1))
        }
        [0xFF, ..] | [] => None,
        [byte, ..] => Some((*byte, 1)),
    }
}

/// Whether one of the bytes of `word` is FF.
const fn holds_ff(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;

    (!word).wrapping_sub(ONES) & word & HIGHS != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_in_pieces_of_any_length() {
        let bytes: Vec<u8> = (0..=255)
            .flat_map(|byte| [byte, 7, 0xFF, byte / 3])
            .collect();
        let stuffed: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| {
                if *byte == 0xFF {
                    vec![0xFF, 0]
                } else {
                    vec![*byte]
                }
            })
            .chain([0xFF, 0xD9])
            .collect();
        let expected = |at: usize| i32::from(bytes[at / 8] >> (7 - at % 8) & 1);

        for length in [1, 2, 3, 5, 7, 11, 13, 16] {
            let mut bits = Bits::new(&stuffed);
            let steps = 8 * bytes.len() / length;

            for step in 0..steps {
                let value =
                    (0..length).fold(0, |value, bit| 2 * value + expected(step * length + bit));
                assert_eq!(bits.take(u32::try_from(length).unwrap()), Ok(value));
            }

            let left = 8 * bytes.len() - steps * length;
            for _ in 0..left {
                bits.bit().unwrap();
            }
            assert_eq!(bits.bit(), Err(Fault::Early));
            assert_eq!(bits.finish(), Ok(()));
            assert_eq!(bits.rest(), [0xFF, 0xD9]);
        }
    }

    #[test]
    fn only_padding_may_stand_before_a_marker() {
        let finish = |data: &[u8]| {
            let mut bits = Bits::new(data);
            bits.take(3).unwrap();
            bits.finish()
        };

        assert_eq!(finish(b"\x1F\xFF\xD9"), Ok(()));
        assert_eq!(finish(b"\x1F\xFF\xFF\xFF\xD9"), Ok(()));
        assert_eq!(finish(b"\x1F\x00\xFF\x00\xFF\xD9"), Ok(()));
        assert_eq!(finish(b"\x1F\x01\xFF\xD9"), Err(Fault::Surplus));
        assert_eq!(
            finish(b"\x1F\x00\x00\x00\x00\x00\x00\x00\x00\x01\xFF\xD9"),
            Err(Fault::Surplus)
        );
        assert_eq!(finish(b"\x1F"), Err(Fault::Truncated));
        assert_eq!(finish(b"\x1F\xFF"), Err(Fault::Truncated));
    }

    #[test]
    fn restart_markers_must_be_the_right_ones() {
        let restart = |data: &[u8]| Bits::new(data).restart(3);

        assert_eq!(restart(b"\xFF\xD3rest"), Ok(()));
        assert_eq!(restart(b"\xFF\xFF\xD3rest"), Ok(()));
        assert_eq!(restart(b"\xFF\xD4rest"), Err(Fault::Restart(3)));
        assert_eq!(restart(b"rest\xFF\xD3"), Err(Fault::Restart(3)));
        assert_eq!(restart(b"\xFF"), Err(Fault::Truncated));
    }
}
