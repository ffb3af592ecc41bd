//! Why a file cannot be used as a picture.

use std::io;

use image::ImageError;
use parbench_units::Bytes;

/// Why a file cannot be used. The text is written after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The file system reports an error.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It has no bytes.
    #[error("is empty")]
    Empty,
    /// It begins like neither format.
    #[error("is neither a JPEG nor a PNG picture")]
    Foreign,
    /// It ends before the picture does.
    #[error("is truncated: the picture's end is missing")]
    Truncated,
    /// Something in it contradicts its format.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// It is legal, but of a kind that no decoder here understands.
    #[error("cannot be decoded: {0}; save it as an 8-bit baseline or progressive JPEG")]
    Unsupported(String),
    /// The decoder reports an error.
    #[error("cannot be decoded: {0}")]
    Undecodable(#[from] ImageError),
    /// The decoder panicked.
    #[error("cannot be decoded: the decoder panicked: {0}")]
    Panicked(String),
    /// It is larger than any picture may be.
    #[error("is too large: {size} decoded, more than {limit}")]
    Large {
        /// The size of the decoded picture.
        size: Bytes,
        /// The most that is allowed.
        limit: Bytes,
    },
    /// The system refuses the memory for it.
    #[error(
        "cannot be decoded: the system refuses {0} of memory for it; free some, or raise the limit \
         (ulimit -v)"
    )]
    Refused(Bytes),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Unreadable(error),
        }
    }
}
