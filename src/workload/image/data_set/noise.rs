//! The pictures of a set: uniform noise as JPEGs.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use parbench_pictures::{Broken, room};

use super::{DataSet, file_name};
use crate::workload::Error;
use crate::workload::image::stream::{Purpose, Stream};

impl DataSet {
    /// The file of picture `index`.
    pub(super) fn picture(&self, index: usize) -> Result<Vec<u8>, Error> {
        let refused = |broken: Broken| Error::failed(format!("{} {broken}", file_name(index)));
        let out_of_range = |error: std::num::TryFromIntError| Error::failed(error.to_string());

        let mut samples = room::zeroed(self.samples()).map_err(refused)?;
        Stream::new(Purpose::Noise, self.seed, index).fill(&mut samples);

        // The file is smaller than its noise.
        let mut file = Vec::new();
        room::reserve(&mut file, self.samples()).map_err(refused)?;

        let side = u16::try_from(self.side.get()).map_err(out_of_range)?;
        let quality = u8::try_from(self.quality.get()).map_err(out_of_range)?;
        let mut encoder = Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(&samples, side, side, ColorType::Rgb)
            .map_err(|error| Error::failed(format!("cannot encode a picture: {error}")))?;

        Ok(file)
    }

    /// The number of samples in a picture: one for each pixel and colour.
    pub(super) fn samples(&self) -> usize {
        self.side.count() * self.side.count() * 3
    }
}
