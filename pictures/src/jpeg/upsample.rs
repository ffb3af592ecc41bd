//! A component's samples at the size of the picture. Halved sides are interpolated as in libjpeg
//! (`jdsample.c`, "fancy upsampling"). With other ratios samples are repeated.

use super::frame::Size;

/// The samples of one component.
pub(super) struct Plane {
    /// Rows of `stride` samples; the first `size.columns` of the first `size.rows` belong to the
    /// picture.
    pub samples: Vec<u8>,
    pub stride: usize,
    pub size: Size,
    /// How many columns and rows of the picture share a sample.
    pub ratio: Size,
}

/// The samples of components up to this width are repeated: there is nothing to interpolate
/// between.
const NARROW: usize = 2;

impl Plane {
    /// Writes row `row` of the picture to `line`.
    pub(super) fn row(&self, row: usize, line: &mut [u8]) {
        let Size { columns, rows } = self.ratio;
        let nearest = row / rows;
        let interpolated = self.size.columns > NARROW;

        match (columns, rows) {
            (1, 1) => line.copy_from_slice(&self.samples(nearest)[..line.len()]),
            (2, 1) if interpolated => self.across(nearest, line),
            (1, 2) => self.down(nearest, self.neighbour(row), line),
            (2, 2) if interpolated => self.both(nearest, self.neighbour(row), line),
            _ => {
                for (pixels, sample) in line.chunks_mut(columns).zip(self.samples(nearest)) {
                    pixels.fill(*sample);
                }
            }
        }
    }

    fn samples(&self, row: usize) -> &[u8] {
        &self.samples[row * self.stride..][..self.size.columns]
    }

    /// The row of samples that is second nearest to the picture's row `row`, where two share a
    /// sample.
    fn neighbour(&self, row: usize) -> usize {
        let nearest = row / 2;

        if row.is_multiple_of(2) {
            nearest.saturating_sub(1)
        } else {
            (nearest + 1).min(self.size.rows - 1)
        }
    }

    /// Interpolates between columns.
    fn across(&self, row: usize, line: &mut [u8]) {
        let samples = self.samples(row);
        let last = samples.len() - 1;

        for (place, pixels) in line.chunks_mut(2).enumerate() {
            let sample = |at: usize| u16::from(samples[at]);
            let [left, here, right] =
                [place.saturating_sub(1), place, (place + 1).min(last)].map(sample);

            write(
                pixels,
                (3 * here + left + 1) >> 2,
                (3 * here + right + 2) >> 2,
            );
        }
    }

    /// Interpolates between rows.
    fn down(&self, row: usize, neighbour: usize, line: &mut [u8]) {
        let bias = if neighbour < row || row == 0 && neighbour == 0 {
            1
        } else {
            2
        };
        let pairs = self.samples(row).iter().zip(self.samples(neighbour));

        for (pixel, (near, far)) in line.iter_mut().zip(pairs) {
            *pixel = narrow((3 * u16::from(*near) + u16::from(*far) + bias) >> 2);
        }
    }

    /// Interpolates between columns and rows.
    fn both(&self, row: usize, neighbour: usize, line: &mut [u8]) {
        let (near, far) = (self.samples(row), self.samples(neighbour));
        let sum = |at: usize| 3 * u16::from(near[at]) + u16::from(far[at]);
        let last = near.len() - 1;

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
