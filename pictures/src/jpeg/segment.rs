//! Markers and the segments behind them (ITU-T T.81, B.1.1).

use std::io::Read;

use crate::broken::Broken;

pub(super) const DEFINE_HUFFMAN: u8 = 0xC4;
pub(super) const DEFINE_ARITHMETIC: u8 = 0xCC;
pub(super) const RESTART_0: u8 = 0xD0;
pub(super) const END: u8 = 0xD9;
pub(super) const SCAN: u8 = 0xDA;
pub(super) const DEFINE_QUANTISATION: u8 = 0xDB;
pub(super) const NUMBER_OF_LINES: u8 = 0xDC;
pub(super) const RESTART_INTERVAL: u8 = 0xDD;
pub(super) const HIERARCHICAL: u8 = 0xDE;
pub(super) const APP_0: u8 = 0xE0;
pub(super) const APP_14: u8 = 0xEE;
pub(super) const APP_15: u8 = 0xEF;
pub(super) const JPEG_LS: u8 = 0xF7;

/// How many bytes that are not a marker may stand before one: some cameras write such files.
const STRAY: usize = 1 << 16;

/// Whether `marker` begins a segment for other programs (APP0 to APP15).
pub(super) fn is_application(marker: u8) -> bool {
    (APP_0..=APP_15).contains(&marker)
}

/// Reads the two bytes that begin every JPEG.
pub(super) fn start(reader: &mut impl Read) -> Result<(), Broken> {
    let mut start = [0; 2];
    reader.read_exact(&mut start)?;

    if start == [0xFF, 0xD8] {
        Ok(())
    } else {
        Err(Broken::Foreign)
    }
}

/// Reads the next marker, and makes `content` the content of its segment.
pub(super) fn next(reader: &mut impl Read, content: &mut Vec<u8>) -> Result<u8, Broken> {
    let marker = marker(reader)?;
    content.clear();

    // Markers that stand alone: TEM, restarts, start and end of a picture.
    if matches!(marker, 0x01 | RESTART_0..=END) {
        return Ok(marker);
    }

    let mut length = [0; 2];
    reader.read_exact(&mut length)?;
    let length = u16::from_be_bytes(length)
        .checked_sub(2)
        .ok_or_else(|| Broken::Damaged(format!("segment FF{marker:02X} has no length")))?;

    content.resize(usize::from(length), 0);
    reader.read_exact(content)?;

    Ok(marker)
}

/// A marker is FF and another byte that is neither 00 nor FF; any number of FF may stand before it.
fn marker(reader: &mut impl Read) -> Result<u8, Broken> {
    let mut byte = [0];

    for _ in 0..STRAY {
        reader.read_exact(&mut byte)?;
        if byte[0] != 0xFF {
            continue;
        }

        while byte[0] == 0xFF {
            reader.read_exact(&mut byte)?;
        }

        if byte[0] != 0 {
            return Ok(byte[0]);
        }
    }

    Err(Broken::Damaged("a marker is missing".to_owned()))
}
