//! What a JPEG's components mean. The standard leaves it open, and files are made for libjpeg's
//! rules: a JFIF marker decides before Adobe's marker, and Adobe's marker before the components'
//! names.

use super::frame::Frame;
use super::segment;

/// What the components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

/// What the markers before the first scan say about colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Markers {
    jfif: bool,
    /// The transform in Adobe's marker.
    adobe: Option<u8>,
}

impl Markers {
    /// Notes what a segment says about colours.
    pub(super) fn note(&mut self, marker: u8, content: &[u8]) {
        match marker {
            segment::APP_0 if content.len() >= 14 && content.starts_with(b"JFIF\0") => {
                self.jfif = true;
            }
            segment::APP_14 if content.len() >= 12 && content.starts_with(b"Adobe") => {
                self.adobe = Some(content[11]);
            }
            _ => {}
        }
    }

    /// The meaning that libjpeg gives to the components.
    pub(super) fn colour(self, frame: &Frame) -> Colour {
        match frame.components.len() {
            1 => Colour::Grey,
            3 if self.jfif => Colour::YCbCr,
            3 => match self.adobe {
                Some(0) => Colour::Rgb,
                None if named_rgb(frame) => Colour::Rgb,
                Some(_) | None => Colour::YCbCr,
            },
            _ => match self.adobe {
                None | Some(0) => Colour::Cmyk,
                Some(_) => Colour::Ycck,
            },
        }
    }

    /// Whether the fast decoder gives them the same meaning. It ignores JFIF, lets the names decide
    /// before Adobe's marker, and refuses transforms that it does not know.
    pub(super) fn fast_agrees(self, frame: &Frame) -> bool {
        let fast = match (self.adobe, frame.components.len()) {
            (_, 1) => Colour::Grey,
            (_, 3) if named_rgb(frame) => Colour::Rgb,
            (Some(0), 3) => Colour::Rgb,
            (None | Some(1 | 2), 3) => Colour::YCbCr,
            _ => return false,
        };

        fast == self.colour(frame)
    }
}

/// Whether the components are named after the colours.
fn named_rgb(frame: &Frame) -> bool {
    frame
        .components
        .iter()
        .map(|component| component.id)
        .eq(*b"RGB")
}
