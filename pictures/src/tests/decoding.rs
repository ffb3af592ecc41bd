//! Decoded pixels against those of `image`, and in memory that held another picture before.

use image::{ColorType, ImageDecoder, ImageFormat, ImageReader};

use super::super::decoding::Opened;
use super::*;
use crate::jpeg::Route;

/// A JPEG of each kind of colour, sampling and order, 21 x 13 pixels.
fn every_kind_of_jpeg() -> Vec<Vec<u8>> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    let pixels = samples(40);
    let mut files = Vec::new();

    for (color, bytes) in [
        (ColorType::Rgb, 3),
        (ColorType::Luma, 1),
        (ColorType::Cmyk, 4),
        (ColorType::CmykAsYcck, 4),
        (ColorType::Ycck, 4),
    ] {
        for (sampling, progressive) in [
            (SamplingFactor::F_1_1, false),
            (SamplingFactor::F_2_1, false),
            (SamplingFactor::F_2_2, false),
            (SamplingFactor::F_2_2, true),
        ] {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 60);
            encoder.set_sampling_factor(sampling);
            encoder.set_progressive(progressive);
            encoder
                .encode(&pixels[..21 * 13 * bytes], 21, 13, color)
                .unwrap();
            files.push(file);
        }
    }

    files
}

/// What `image` makes of a file in fresh memory: colour and samples, or its message.
fn through_image(file: &[u8], format: ImageFormat) -> Result<(ColorType, Vec<u8>), String> {
    let decoded = ImageReader::with_format(Cursor::new(file), format)
        .into_decoder()
        .and_then(|decoder| {
            let mut samples = vec![0; usize::try_from(decoder.total_bytes()).unwrap()];
            let color = decoder.color_type();
            decoder.read_image(&mut samples).map(|()| (color, samples))
        });

    decoded.map_err(|error| Broken::from(error).to_string())
}

/// What a task makes of a file in memory that held `before`. With `all_rows`, rows that the decoder
/// leaves out are black.
fn through_buffers(
    file: &[u8],
    before: &[u8],
    all_rows: bool,
) -> Result<(ColorType, Vec<u8>), String> {
    let mut samples = before.to_vec();
    let opened = Opened::new(file, false, &mut samples).map_err(|broken| broken.to_string())?;

    let rows = if all_rows { 0..opened.height } else { 0..0 };
    let decoded = opened.decode(rows).map_err(|broken| broken.to_string())?;

    Ok((decoded.color, decoded.samples.to_vec()))
}

#[test]
fn used_memory_gives_what_fresh_memory_gives_for_sound_and_for_damaged_files() {
    let (mut failed, mut left_out) = (0, 0);
    let used = [0xA5; 10_000];

    for whole in every_kind_of_jpeg() {
        let scan = whole
            .windows(2)
            .position(|marker| marker == [0xFF, 0xDA])
            .unwrap();
        let data = scan + 2 + usize::from(whole[scan + 3]);

        // A scan that begins within another one ends the picture there, without an error.
        let twice = [&whole[..data + 9], &whole[scan..]].concat();
        let flipped = (2..whole.len()).map(|place| {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x15;
            damaged
        });

        for file in [whole.clone(), twice].into_iter().chain(flipped) {
            let expected = through_buffers(&file, &[], true);
            assert_eq!(through_buffers(&file, &used, true), expected);

            failed += usize::from(expected.is_err());
            left_out += usize::from(through_buffers(&file, &used, false) != expected);
        }
    }

    assert!(failed > 0 && left_out > 0, "{failed}, {left_out}");
}

#[test]
fn sound_files_give_what_image_gives() {
    let mut compared = 0;

    for file in every_kind_of_jpeg() {
        let header = Header::read(&mut file.as_slice()).unwrap();
        let mut factors = header
            .frame
            .components
            .iter()
            .map(|component| (component.horizontal, component.vertical));
        let fast = header.route == Route::Fast;

        // The fast decoder scales other factors up wrongly, or refuses them.
        if !fast && factors.any(|factor| factor != (1, 1)) {
            continue;
        }

        let Ok((expected_color, expected)) = through_image(&file, ImageFormat::Jpeg) else {
            continue;
        };
        let (color, samples) = through_buffers(&file, &[], true).unwrap();
        let difference: u64 = samples
            .iter()
            .zip(&expected)
            .map(|(sample, expected)| u64::from(sample.abs_diff(*expected)))
            .sum();

        let allowed = if fast { 0 } else { samples.len() as u64 - 1 };
        assert_eq!((color, samples.len()), (expected_color, expected.len()));
        assert!(difference <= allowed, "{difference}");
        compared += 1;
    }

    assert!(compared > 10, "{compared}");

    let whole = png();
    assert_eq!(
        through_buffers(&whole, &[], true),
        through_image(&whole, ImageFormat::Png)
    );
}
