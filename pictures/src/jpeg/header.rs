//! Everything before the data of the first scan. It decides which decoder takes the file and how
//! much memory decoding needs. Reading it costs next to nothing, so tasks read it again.

use std::io::Read;

use super::colour::{Colour, Markers};
use super::frame::{self, Frame};
use super::scan::Scan;
use super::segment;
use crate::broken::Broken;
use crate::room;
use parbench_units::Bytes;

/// Which decoder takes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// zune-jpeg: fast, and right for the structures that nearly all files have.
    Fast,
    /// The one in this folder: right for every structure that is not refused.
    Careful,
}

/// What is known before any data of the picture are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub frame: Frame,
    pub colour: Colour,
    pub route: Route,
}

impl Header {
    /// Reads from a file's start to its first scan.
    pub(crate) fn read(reader: &mut impl Read) -> Result<Self, Broken> {
        let mut markers = Markers::default();
        let mut frame = None;
        let mut application_bytes = 0;
        let mut content = Vec::new();

        segment::start(reader)?;

        loop {
            let marker = segment::next(reader, &mut content)?;
            markers.note(marker, &content);
            if segment::is_application(marker) {
                application_bytes += content.len();
            }

            if let Some(kind) = frame::unsupported(marker) {
                return Err(Broken::Unsupported(kind.to_owned()));
            }

            match (marker, &frame) {
                (_, None) if Frame::begins(marker) => frame = Some(Frame::parse(marker, &content)?),
                (_, Some(_)) if Frame::begins(marker) => {
                    return Err(Broken::Damaged("it has two frames".to_owned()));
                }
                (segment::SCAN, Some(frame)) => {
                    let scan = Scan::parse(&content, frame)?;
                    let header = Self::new(frame.clone(), markers, &scan);
                    return Ok(if application_bytes > APPLICATION_BYTES {
                        header.careful()
                    } else {
                        header
                    });
                }
                (segment::SCAN, None) => {
                    return Err(Broken::Damaged("a scan without a frame".to_owned()));
                }
                (segment::END, _) => {
                    return Err(Broken::Damaged("it ends without a scan".to_owned()));
                }
                _ => {}
            }
        }
    }

    /// The same file for the careful decoder.
    pub(crate) fn careful(self) -> Self {
        Self {
            route: Route::Careful,
            ..self
        }
    }

    fn new(frame: Frame, markers: Markers, scan: &Scan) -> Self {
        let fast = markers.fast_agrees(&frame) && fast_samples(&frame) && fast_scan(&frame, scan);
        let route = if fast { Route::Fast } else { Route::Careful };

        Self {
            colour: markers.colour(&frame),
            frame,
            route,
        }
    }

    /// The bytes of a decoded pixel: grey stays grey, everything else becomes RGB.
    pub(crate) const fn pixel_bytes(&self) -> usize {
        match self.colour {
            Colour::Grey => 1,
            _ => 3,
        }
    }

    /// What the decoder holds besides the file and the decoded picture.
    pub(crate) fn working_bytes(&self) -> Bytes {
        let padded = self.frame.padded_samples();
        let rows = self.frame.units().rows as u64;

        let samples = match self.route {
            // The samples of a row of units as 16-bit numbers, before and after they are scaled up.
            Route::Fast => 8 * padded.div_ceil(rows.max(1)),
            Route::Careful => padded,
        };

        Bytes(self.coefficients().0 + samples)
    }

    /// What the allocator may go on holding once the picture is decoded, for the thread that did it:
    /// the fast decoder asks for the coefficients in blocks that are not given back to the system.
    pub(crate) fn kept_bytes(&self) -> Bytes {
        match self.route {
            Route::Fast => self.coefficients().min(room::MOST_KEPT),
            Route::Careful => Bytes(0),
        }
    }

    /// All coefficients of a progressive picture, which are held until its last scan, two bytes
    /// each.
    fn coefficients(&self) -> Bytes {
        let padded = self.frame.padded_samples();

        Bytes(if self.frame.progressive {
            2 * padded
        } else {
            0
        })
    }
}

/// The fast decoder keeps what other programs say of a picture, such as colour profiles: uncounted
/// memory, and time that grows with the square of it. Files with more than this are left to the
/// other one, which skips it.
const APPLICATION_BYTES: usize = 1 << 20;

/// In pictures as narrow as a unit the fast decoder uses columns beyond the last one as neighbours,
/// which matters much there.
const NARROW: usize = 15;

/// Whether the fast decoder scales components of these sizes up correctly.
fn fast_samples(frame: &Frame) -> bool {
    if frame.width <= NARROW {
        return false;
    }

    let factors: Vec<_> = frame
        .components
        .iter()
        .map(|component| (component.horizontal, component.vertical))
        .collect();

    matches!(
        factors[..],
        [(1, 1)] | [(1 | 2, 1) | (2, 2), (1, 1), (1, 1)]
    )
}

/// Whether the fast decoder follows files whose first scan is this one: all components at once, or
/// progressive.
fn fast_scan(frame: &Frame, scan: &Scan) -> bool {
    let in_order = scan
        .parts
        .iter()
        .map(|part| part.component)
        .eq(0..frame.components.len());

    frame.progressive || in_order
}
