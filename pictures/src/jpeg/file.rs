//! All scans of a file, from its first byte to its end marker, followed code by code. Every fault
//! is an error: nothing is made up for data that are damaged or missing.

use super::bits::Bits;
use super::block::{Block, State};
use super::frame::{self, Frame, Size};
use super::header::Header;
use super::progress::Progress;
use super::scan::Scan;
use super::segment;
use super::tables::{Codes, Tables};
use crate::broken::Broken;
use crate::room;

/// What receives a file's blocks.
pub(super) trait Sink {
    /// The first scan with `component` begins, which is quantised with `table`.
    fn begin(&mut self, component: usize, table: [u16; 64]);

    /// A segment stands after the first scan that no usual file has there.
    fn unusual_segment(&mut self) {}

    /// A block with all its coefficients.
    fn block(&mut self, component: usize, row: usize, column: usize, block: &Block);
}

/// Receives the blocks and keeps none of them.
#[derive(Default)]
struct Check {
    is_unusual: bool,
}

impl Sink for Check {
    fn begin(&mut self, _component: usize, _table: [u16; 64]) {}

    fn unusual_segment(&mut self) {
        self.is_unusual = true;
    }

    fn block(&mut self, _component: usize, _row: usize, _column: usize, _block: &Block) {}
}

/// Makes sure that the file is one whole picture. The result is its header, with the decoder that
/// takes the file now that all of it is known.
pub(crate) fn check(file: &[u8]) -> Result<Header, Broken> {
    let mut check = Check::default();
    read(file, &mut check)?;

    let mut start = file;
    let header = Header::read(&mut start)?;
    if check.is_unusual {
        // The fast decoder takes quantisation tables as they are at the first scan, and stops at
        // markers that it does not expect, without an error.
        return Ok(header.careful());
    }

    Ok(header)
}

/// Gives all blocks of a file to `sink`. What follows the end marker is ignored.
pub(super) fn read(file: &[u8], sink: &mut impl Sink) -> Result<(), Broken> {
    let mut rest = file;
    let mut content = Vec::new();
    let mut tables = Tables::default();
    let mut picture: Option<Picture> = None;

    segment::start(&mut rest)?;

    loop {
        let marker = segment::next(&mut rest, &mut content)?;

        if let Some(kind) = frame::unsupported(marker) {
            return Err(Broken::Unsupported(kind.to_owned()));
        }

        if Frame::begins(marker) {
            if picture.is_some() {
                return Err(Broken::Damaged("it has two frames".to_owned()));
            }

            let frame = Frame::parse(marker, &content)?;
            frame.check_length(file.len() as u64)?;
            picture = Some(Picture::new(frame)?);
        }

        match (marker, &mut picture) {
            (segment::SCAN, Some(picture)) => rest = picture.scan(&content, &tables, rest, sink)?,
            (segment::NUMBER_OF_LINES, _) => {
                return Err(Broken::Unsupported(
                    "its number of rows comes after a scan (DNL)".to_owned(),
                ));
            }
            (segment::END, Some(picture)) => return picture.end(sink),
            (segment::SCAN | segment::END, None) => {
                return Err(Broken::Damaged("it has no frame".to_owned()));
            }
            (_, Some(picture)) if picture.is_unusual(marker) => {
                sink.unusual_segment();
                tables.define(marker, &content)?;
            }
            _ => tables.define(marker, &content)?,
        }
    }
}

/// A picture whose scans are coming.
struct Picture {
    frame: Frame,
    progress: Progress,
    /// Each component's coefficients so far, if the picture is progressive.
    coefficients: Vec<Vec<i16>>,
}

impl Picture {
    fn new(frame: Frame) -> Result<Self, Broken> {
        let mut coefficients = Vec::new();

        for component in frame.components.iter().filter(|_| frame.progressive) {
            let Size { columns, rows } = frame.padded_blocks(component);
            coefficients.push(room::zeroed(64 * columns * rows)?);
        }

        Ok(Self {
            progress: Progress::new(&frame),
            frame,
            coefficients,
        })
    }

    /// Whether usual files have no segment with `marker` at this place: after their first scan they
    /// have codes for the next one, if any.
    fn is_unusual(&self, marker: u8) -> bool {
        let is_usual = self.frame.progressive && marker == segment::DEFINE_HUFFMAN;

        self.progress.has_begun() && !is_usual
    }

    /// Reads a scan. The result is what follows its data.
    fn scan<'a>(
        &mut self,
        header: &[u8],
        tables: &Tables,
        data: &'a [u8],
        sink: &mut impl Sink,
    ) -> Result<&'a [u8], Broken> {
        let scan = Scan::parse(header, &self.frame)?;

        for part in &scan.parts {
            let table = tables.quantisation(self.frame.components[part.component].table)?;
            if self.progress.is_first(part.component) {
                sink.begin(part.component, table);
            }
        }

        self.progress.advance(&scan)?;
        let codes: Vec<_> = scan
            .parts
            .iter()
            .map(|part| tables.codes(&scan, *part, self.frame.progressive))
            .collect::<Result<_, _>>()?;
        let mut bits = Bits::new(data);

        if self.frame.progressive {
            self.progressive(&scan, &codes, tables.restart_interval, &mut bits)?;
        } else {
            self.sequential(&scan, &codes, tables.restart_interval, &mut bits, sink)?;
        }

        Ok(bits.rest())
    }

    fn sequential(
        &self,
        scan: &Scan,
        codes: &[Codes<'_>],
        interval: usize,
        bits: &mut Bits<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), Broken> {
        let outcome = scan.blocks(
            &self.frame,
            interval,
            &mut State::default(),
            bits,
            State::restart,
            |state, bits, place| {
                let mut block = [0; 64];
                state.sequential(place.part, codes[place.part], bits, &mut block)?;
                sink.block(
                    scan.parts[place.part].component,
                    place.row,
                    place.column,
                    &block,
                );
                Ok(())
            },
        );

        outcome.map_err(|located| located.broken(&self.frame))
    }

    fn progressive(
        &mut self,
        scan: &Scan,
        codes: &[Codes<'_>],
        interval: usize,
        bits: &mut Bits<'_>,
    ) -> Result<(), Broken> {
        let Self {
            frame,
            coefficients,
            ..
        } = self;
        let padded: Vec<Size> = frame
            .components
            .iter()
            .map(|component| frame.padded_blocks(component))
            .collect();
        let outcome = scan.blocks(
            frame,
            interval,
            &mut State::default(),
            bits,
            State::restart,
            |state, bits, place| {
                let component = scan.parts[place.part].component;
                let (blocks, _) = coefficients[component].as_chunks_mut();
                let block = &mut blocks[place.row * padded[component].columns + place.column];
                state.progressive(place.part, scan, codes[place.part], bits, block)
            },
        );

        outcome.map_err(|located| located.broken(frame))
    }

    /// Gives the blocks of a progressive picture to `sink`, now that they are complete.
    fn end(&mut self, sink: &mut impl Sink) -> Result<(), Broken> {
        self.progress.complete()?;

        let coefficients = std::mem::take(&mut self.coefficients);
        for (index, coefficients) in coefficients.into_iter().enumerate() {
            let component = &self.frame.components[index];
            let columns = self.frame.padded_blocks(component).columns;
            let (blocks, _) = coefficients.as_chunks();

            for (place, block) in blocks.iter().enumerate() {
                sink.block(index, place / columns, place % columns, block);
            }
        }

        Ok(())
    }
}
