//! All scans of a file, from its first byte to its end marker, followed code by code. Every fault
//! is an error: nothing is made up for data that are damaged or missing.

use super::bits::Bits;
use super::block::{Block, State};
use super::coefficients::Coefficients;
use super::frame::{self, Frame};
use super::header::{Header, Route};
use super::progress::Progress;
use super::scan::Scan;
use super::segment;
use super::tables::{Codes, Tables};
use crate::workload::image::broken::Broken;

/// What receives a file's blocks.
pub(super) trait Sink {
    /// The first scan with `component` begins, which is quantised with `table`.
    fn begin(&mut self, component: usize, table: [u16; 64]);

    /// Quantisation tables are defined after the first scan.
    fn late_tables(&mut self) {}

    /// A block with all its coefficients.
    fn block(&mut self, component: usize, row: usize, column: usize, block: &Block);
}

/// Receives the blocks and keeps none of them.
#[derive(Default)]
struct Check {
    late_tables: bool,
}

impl Sink for Check {
    fn begin(&mut self, _component: usize, _table: [u16; 64]) {}

    fn late_tables(&mut self) {
        self.late_tables = true;
    }

    fn block(&mut self, _component: usize, _row: usize, _column: usize, _block: &Block) {}
}

/// Makes sure that the file is one whole picture.
pub(in crate::workload::image) fn check(file: &[u8]) -> Result<(), Broken> {
    let mut check = Check::default();
    read(file, &mut check)?;

    // The fast decoder takes all quantisation tables as they are at the first scan.
    let mut start = file;
    if check.late_tables && Header::read(&mut start)?.route == Route::Fast {
        return Err(Broken::Unsupported(
            "it defines quantisation tables between its scans".to_owned(),
        ));
    }

    Ok(())
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
            (segment::DEFINE_QUANTISATION, Some(picture)) if picture.progress.has_begun() => {
                sink.late_tables();
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
    /// What the scans brought so far, if the picture is progressive.
    coefficients: Option<Coefficients>,
}

impl Picture {
    fn new(frame: Frame) -> Result<Self, Broken> {
        let coefficients = frame.progressive.then(|| Coefficients::new(&frame));

        Ok(Self {
            progress: Progress::new(&frame),
            coefficients: coefficients.transpose()?,
            frame,
        })
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

        let interval = tables.restart_interval;

        match &mut self.coefficients {
            Some(coefficients) => {
                progressive(
                    &self.frame,
                    &scan,
                    &codes,
                    interval,
                    &mut bits,
                    coefficients,
                )?;
            }
            None => sequential(&self.frame, &scan, &codes, interval, &mut bits, sink)?,
        }

        Ok(bits.rest())
    }

    /// Gives the blocks of a progressive picture to `sink`, now that they are complete.
    fn end(&mut self, sink: &mut impl Sink) -> Result<(), Broken> {
        self.progress.complete()?;

        let Some(coefficients) = self.coefficients.take() else {
            return Ok(());
        };
        for (component, (blocks, columns)) in coefficients.components().enumerate() {
            for (place, block) in blocks.iter().enumerate() {
                sink.block(component, place / columns, place % columns, block);
            }
        }

        Ok(())
    }
}

/// Gives the blocks of a scan to `sink`.
fn sequential(
    frame: &Frame,
    scan: &Scan,
    codes: &[Codes<'_>],
    interval: usize,
    bits: &mut Bits<'_>,
    sink: &mut impl Sink,
) -> Result<(), Broken> {
    let outcome = scan.blocks(
        frame,
        interval,
        &mut State::default(),
        bits,
        State::restart,
        |state, bits, place| {
            let mut block = [0; 64];
            state.sequential(place.part, codes[place.part], bits, &mut block)?;

            let component = scan.parts[place.part].component;
            sink.block(component, place.row, place.column, &block);
            Ok(())
        },
    );

    outcome.map_err(|located| located.broken(frame))
}

/// Adds what a scan brings to `coefficients`.
fn progressive(
    frame: &Frame,
    scan: &Scan,
    codes: &[Codes<'_>],
    interval: usize,
    bits: &mut Bits<'_>,
    coefficients: &mut Coefficients,
) -> Result<(), Broken> {
    let outcome = scan.blocks(
        frame,
        interval,
        &mut State::default(),
        bits,
        State::restart,
        |state, bits, place| {
            let component = scan.parts[place.part].component;
            let block = coefficients.block(component, place.row, place.column);

            state.progressive(place.part, scan, codes[place.part], bits, block)
        },
    );

    outcome.map_err(|located| located.broken(frame))
}
