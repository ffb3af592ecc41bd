//! A component's samples at the size of the picture. Halved sides are interpolated as libjpeg does it
//! (`jdsample.c`, "fancy upsampling"), other ratios are repeated.

use super::frame::Size;

/// The samples of one component.
pub(super) struct Plane {
    /// Rows of `stride` samples; the first `size.columns` of the first `size.rows` belong to the picture.
    pub samples: Vec<u8>,
    pub stride: usize,
    pub size: Size,
    /// So many columns and rows of the picture share a sample.
    pub ratio: Size,
}

/// Narrower components are repeated: there is nothing to interpolate between.
const NARROW: usize = 2;

impl Plane {
    /// Writes row `row` of the picture to `line`.
    pub(super) fn row(&self, row: usize, line: &mut [u8]) {
        let Size { columns, rows } = self.ratio;
        let own = row / rows;
        let interpolated = self.size.columns > NARROW;

        match (columns, rows) {
            (1, 1) => line.copy_from_slice(&self.samples(own)[..line.len()]),
            (2, 1) if interpolated => self.across(own, line),
            (1, 2) => self.down(own, self.neighbour(row), line),
            (2, 2) if interpolated => self.both(own, self.neighbour(row), line),
            _ => {
                for (pixels, sample) in line.chunks_mut(columns).zip(self.samples(own)) {
                    pixels.fill(*sample);
                }
            }
        }
    }

    fn samples(&self, row: usize) -> &[u8] {
        &self.samples[row * self.stride..][..self.size.columns]
    }

    /// The row of samples that is second nearest to the picture's row `row`, where two share a sample.
    fn neighbour(&self, row: usize) -> usize {
        let own = row / 2;
        if row.is_multiple_of(2) {
            own.saturating_sub(1)
        } else {
            (own + 1).min(self.size.rows - 1)
        }
    }

    fn across(&self, row: usize, line: &mut [u8]) {
        let samples = self.samples(row);
        let last = samples.len() - 1;

        for (place, pixels) in line.chunks_mut(2).enumerate() {
            let [left, own, right] = [place.saturating_sub(1), place, (place + 1).min(last)];
            let [left, own, right] = [left, own, right].map(|at| u16::from(samples[at]));
            write(
                pixels,
                (3 * own + left + 1) >> 2,
                (3 * own + right + 2) >> 2,
            );
        }
    }

    fn down(&self, row: usize, neighbour: usize, line: &mut [u8]) {
        let bias = if neighbour < row || row == 0 && neighbour == 0 {
            1
        } else {
            2
        };
        let pairs = self.samples(row).iter().zip(self.samples(neighbour));

        for (pixel, (own, other)) in line.iter_mut().zip(pairs) {
            *pixel = narrow((3 * u16::from(*own) + u16::from(*other) + bias) >> 2);
        }
    }

    fn both(&self, row: usize, neighbour: usize, line: &mut [u8]) {
        let (own, other) = (self.samples(row), self.samples(neighbour));
        let sum = |at: usize| 3 * u16::from(own[at]) + u16::from(other[at]);
        let last = own.len() - 1;

        for (place, pixels) in line.chunks_mut(2).enumerate() {
            let [left, here, right] =
                [place.saturating_sub(1), place, (place + 1).min(last)].map(sum);
            write(
                pixels,
                (3 * here + left + 8) >> 4,
                (3 * here + right + 7) >> 4,
            );
        }
    }
}

/// Writes two pixels, or one where the picture ends.
fn write(pixels: &mut [u8], left: u16, right: u16) {
    for (pixel, value) in pixels.iter_mut().zip([left, right]) {
        *pixel = narrow(value);
    }
}

fn narrow(value: u16) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
