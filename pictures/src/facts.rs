//! What is known of a picture before it is decoded: its format, its size and the memory that it
//! needs.

use image::ImageFormat;
use serde::{Deserialize, Serialize};

use crate::broken::Broken;
use crate::chunks;
use crate::jpeg::{Header, Route};
use parbench_units::Bytes;

/// The most that a picture may decode to, so that a small file cannot ask for all memory.
pub(super) const LIMIT: Bytes = Bytes(1 << 30);

/// What a file's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The size of the file.
    pub file: Bytes,
    /// The size of the decoded picture.
    pub decoded: Bytes,
    /// What the decoder holds besides these two.
    pub working: Bytes,
    /// What the allocator may go on holding of it.
    pub kept: Bytes,
    /// Whether it is a JPEG that the careful decoder takes.
    pub careful: bool,
}

/// The formats that are understood.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Jpeg,
    Png,
}

impl Facts {
    /// What a task holds of this picture at most.
    #[must_use]
    pub const fn held(&self) -> Bytes {
        Bytes(
            self.file
                .0
                .saturating_add(self.decoded.0)
                .saturating_add(self.working.0),
        )
    }

    pub(crate) fn of_jpeg(header: &Header, length: u64) -> Self {
        let (width, height) = (header.frame.width, header.frame.height);
        let decoded = Bytes((width * height * header.pixel_bytes()) as u64);

        Self {
            width,
            height,
            file: Bytes(length),
            decoded,
            working: header.working_bytes(),
            kept: header.kept_bytes(),
            careful: header.route == Route::Careful,
        }
    }

    pub(crate) fn of_png(header: &chunks::Header, length: u64) -> Self {
        Self {
            width: header.width,
            height: header.height,
            file: Bytes(length),
            decoded: header.decoded(),
            working: header.working(),
            kept: Bytes(0),
            careful: false,
        }
    }

    /// Refuses a picture that is larger than any picture may be.
    pub(super) fn check_limit(&self) -> Result<(), Broken> {
        let size = self.decoded;

        if size > LIMIT {
            Err(Broken::Large { size, limit: LIMIT })
        } else {
            Ok(())
        }
    }
}

impl Format {
    /// The format of a file that begins with `magic`.
    pub(super) fn of(magic: &[u8]) -> Result<Self, Broken> {
        match image::guess_format(magic) {
            Ok(ImageFormat::Jpeg) => Ok(Self::Jpeg),
            Ok(ImageFormat::Png) => Ok(Self::Png),
            _ if magic.is_empty() => Err(Broken::Empty),
            _ => Err(Broken::Foreign),
        }
    }
}
