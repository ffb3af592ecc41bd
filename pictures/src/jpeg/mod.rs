//! JPEG files, read with code of our own: what the header says, whether the whole file is sound,
//! and a decoder for every structure that the fast one gets wrong.
//!
//! The fast decoder, zune-jpeg, is made for the files that nearly everybody has. It decodes others
//! into wrong pixels without an error: scans of a single component with subsampling, a first
//! component that is not the largest, markers that contradict each other about colours. So
//! [`Header`] decides before anything is decoded which of the two decoders takes a file. The fast
//! one is also lenient: it fills up with grey what a damaged file does not give. So [`check`]
//! follows all codes of a file once, while preparing.
//!
//! | file | subject |
//! |---|---|
//! | `segment` | markers and the segments behind them |
//! | `frame` | size, components, subsampling, blocks |
//! | `colour` | what the components mean, decided as in libjpeg |
//! | `header` | everything before the first scan's data, and the choice of the decoder |
//! | `tables` | tables for codes, quantisation and restarts |
//! | `bits`, `huffman` | from bytes to codes |
//! | `block` | from codes to coefficients |
//! | `scan` | which blocks a scan holds, in which order |
//! | `progress` | which bits of which coefficients earlier scans brought |
//! | `file` | all scans of a file |
//! | `idct`, `upsample`, `decode` | from coefficients to pixels |

mod bits;
mod block;
mod colour;
mod decode;
mod file;
mod frame;
mod header;
mod huffman;
mod idct;
mod progress;
mod scan;
mod segment;
mod tables;
mod upsample;

pub(super) use decode::decode;
pub(super) use file::check;
pub(super) use header::{Header, Route};
