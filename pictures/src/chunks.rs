//! A PNG's header and its chunks (the PNG specification, sections 5 and 11). The crate `image`
//! decodes the pixels.

use std::io::{self, Read};

use super::broken::Broken;
use parbench_units::Bytes;

/// What the chunks before the first pixels say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub width: usize,
    pub height: usize,
    /// Bits of a sample.
    depth: u64,
    kind: Kind,
    /// Whether a colour stands for transparent: the decoded picture then has one more channel.
    transparent: bool,
    /// The bytes of all other chunks before the first pixels, such as texts and a colour profile.
    described: u64,
    /// What a colour profile may unfold to; 0 where there is none.
    unfolded: u64,
}

/// What a pixel consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Grey,
    Rgb,
    Palette,
    GreyAlpha,
    Rgba,
}

/// Deflate's largest ratio: two bits can stand for 258 bytes.
const DENSEST: u64 = 1032;

/// The size of the decoder's buffers apart from rows of pixels.
const BUFFERS: u64 = 1 << 20;
/// The most that a colour profile may unfold to: those of real devices have at most a few
/// megabytes.
const PROFILE: u64 = 4 << 20;

impl Header {
    /// Reads up to the first data of the picture.
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, Broken> {
        let mut header = Self::read_start(reader)?;
        let mut chunk = [0; 12];

        // The checksum of the last chunk, then the length and the kind of the next one.
        loop {
            reader.read_exact(&mut chunk)?;
            let length = u32::from_be_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);

            match &chunk[8..] {
                b"IDAT" => return Ok(header),
                b"tRNS" => header.transparent = true,
                b"iCCP" => header.unfolded = PROFILE,
                b"IEND" => return Err(Broken::Damaged("it ends without a picture".to_owned())),
                _ => {}
            }
            header.described += u64::from(length);

            let skipped = io::copy(&mut reader.take(u64::from(length)), &mut io::sink())?;
            if skipped < u64::from(length) {
                return Err(Broken::Truncated);
            }
        }
    }

    fn read_start(reader: &mut impl Read) -> Result<Self, Broken> {
        let mut start = [0; 29];
        reader.read_exact(&mut start)?;
        if &start[12..16] != b"IHDR" {
            return Err(Broken::Damaged(
                "it does not begin with its header chunk".to_owned(),
            ));
        }

        let number = |at: usize| {
            u32::from_be_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]])
        };
        let (width, height) = (number(16) as usize, number(20) as usize);
        if width == 0 || height == 0 {
            return Err(Broken::Damaged(format!("it has {width} x {height} pixels")));
        }

        let kind = match start[25] {
            0 => Kind::Grey,
            2 => Kind::Rgb,
            3 => Kind::Palette,
            4 => Kind::GreyAlpha,
            6 => Kind::Rgba,
            other => return Err(Broken::Damaged(format!("there is no colour type {other}"))),
        };
        let depth = u64::from(start[24]);
        if !matches!(depth, 1 | 2 | 4 | 8 | 16) {
            return Err(Broken::Damaged(format!("it has {depth} bits a sample")));
        }

        Ok(Self {
            width,
            height,
            depth,
            kind,
            transparent: false,
            described: 0,
            unfolded: 0,
        })
    }

    /// Refuses a header that a file of `bytes` cannot hold, before memory is taken for it.
    pub(super) fn check_length(&self, bytes: u64) -> Result<(), Broken> {
        let channels = match self.kind {
            Kind::Grey | Kind::Palette => 1,
            Kind::GreyAlpha => 2,
            Kind::Rgb => 3,
            Kind::Rgba => 4,
        };
        let row = (self.width as u64)
            .saturating_mul(channels * self.depth)
            .div_ceil(8);

        if row.saturating_mul(self.height as u64) / DENSEST > bytes {
            let Self { width, height, .. } = self;
            return Err(Broken::Damaged(format!(
                "its {bytes} bytes cannot hold {width} x {height} pixels"
            )));
        }

        Ok(())
    }

    /// The decoded picture's size: a palette becomes colours, and small samples become bytes.
    pub(super) fn decoded(&self) -> Bytes {
        Bytes(self.row().saturating_mul(self.height as u64))
    }

    /// What the decoder holds besides the file and the picture: a few rows, and what other chunks
    /// say, as it is read and as it is kept.
    pub(super) fn working(&self) -> Bytes {
        let rows = self.row().saturating_mul(4);
        let described = self.described.saturating_mul(3);

        Bytes(
            rows.saturating_add(described)
                .saturating_add(self.unfolded)
                .saturating_add(BUFFERS),
        )
    }

    fn row(&self) -> u64 {
        let channels = match self.kind {
            Kind::Grey => 1 + u64::from(self.transparent),
            Kind::GreyAlpha => 2,
            Kind::Rgb | Kind::Palette => 3 + u64::from(self.transparent),
            Kind::Rgba => 4,
        };
        (self.width as u64).saturating_mul(channels * self.depth.div_ceil(8))
    }
}

/// Follows the chunks to the one that ends the file, and compares the checksum of each.
pub(super) fn check(file: &[u8]) -> Result<(), Broken> {
    let mut rest = file.get(8..).ok_or(Broken::Truncated)?;

    loop {
        let (length, after) = rest.split_first_chunk().ok_or(Broken::Truncated)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Broken::Truncated)?;
        let covered = length.checked_add(4).ok_or(Broken::Truncated)?;
        let (chunk, after) = after.split_at_checked(covered).ok_or(Broken::Truncated)?;
        let (checksum, after) = after.split_first_chunk().ok_or(Broken::Truncated)?;

        if checksum_of(chunk) != u32::from_be_bytes(*checksum) {
            let name = chunk[..4].escape_ascii();
            return Err(Broken::Damaged(format!(
                "the checksum of chunk {name} is wrong"
            )));
        }
        if chunk.starts_with(b"IEND") {
            return Ok(());
        }
        rest = after;
    }
}

/// The CRC-32 (ISO 3309) remainder of each byte.
const REMAINDERS: [u32; 256] = remainders();

const fn remainders() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;

    while byte < 256 {
        let (mut rest, mut bit) = (byte, 0);
        while bit < 8 {
            rest = (rest >> 1) ^ (0xEDB8_8320 * (rest & 1));
            bit += 1;
        }
        table[byte as usize] = rest;
        byte += 1;
    }

    table
}

fn checksum_of(bytes: &[u8]) -> u32 {
    let step =
        |rest: u32, byte: &u8| (rest >> 8) ^ REMAINDERS[((rest ^ u32::from(*byte)) & 255) as usize];
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(checksum_of(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum_of(b"IEND"), 0xAE42_6082);
    }
}
