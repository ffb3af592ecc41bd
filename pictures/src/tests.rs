//! Which files count as sound, what is known from their headers, and how a broken file is reported.

mod blocks;
mod coder;
mod damage;
mod decoding;
mod segments;
mod structures;
mod writer;

use std::fs;
use std::path::PathBuf;

use image::{ExtendedColorType, ImageEncoder};
use tempfile::TempDir;

use super::decoding::catching_panics;
use super::*;
use parbench_units::Bytes;

fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();

    (folder, path)
}

/// A square of `side` x `side` RGB pixels.
fn samples(side: usize) -> Vec<u8> {
    (0..side * side * 3)
        .map(|at| u8::try_from(at * at % 251).unwrap())
        .collect()
}

/// A JPEG of 40 x 40 pixels.
fn jpeg(progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    encoder.set_progressive(progressive);
    encoder.set_restart_interval(5);

    // A thumbnail's end marker inside a segment is not the picture's.
    let thumbnail = b"Exif\0\0\xFF\xD8\xFF\xD9".to_vec();
    encoder.add_app_segment(1, thumbnail).unwrap();

    encoder
        .encode(&samples(40), 40, 40, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

/// A PNG of 20 x 20 pixels.
fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder
        .write_image(&samples(20), 20, 20, ExtendedColorType::Rgb8)
        .unwrap();

    bytes
}

#[test]
fn whole_files_are_sound_even_with_something_behind_them() {
    for (bytes, side) in [(jpeg(false), 40), (jpeg(true), 40), (png(), 20)] {
        for tail in [&b""[..], b"\xFF", b"more"] {
            let bytes = [&bytes, tail].concat();
            let pixels = side * side * 3;
            let (_folder, path) = file("whole", &bytes);

            let facts = survey(&path).unwrap();
            check(&path).unwrap();
            assert_eq!((facts.width, facts.height), (side, side));
            assert_eq!(facts.file, Bytes(bytes.len() as u64));
            assert_eq!(facts.decoded, Bytes(pixels as u64));

            let mut buffers = Buffers::default();
            let decoded = open(&path, false, &mut buffers)
                .unwrap()
                .decode(0..side)
                .unwrap();
            assert_eq!(decoded.width, side);
            assert_eq!(decoded.samples.len(), pixels);
        }
    }
}

#[test]
fn every_shorter_file_is_noticed() {
    for bytes in [jpeg(false), jpeg(true), png()] {
        for length in 0..bytes.len() {
            let (_folder, path) = file("short", &bytes[..length]);
            let broken = survey(&path).and_then(|_| check(&path)).unwrap_err();

            let expected = match length {
                0 => matches!(broken, Broken::Empty),
                1..8 => matches!(broken, Broken::Foreign | Broken::Truncated),
                _ => matches!(broken, Broken::Truncated),
            };
            assert!(expected, "{length} of {}: {broken}", bytes.len());
        }
    }
}

#[test]
fn a_panic_of_a_decoder_is_an_error() {
    let outcome = catching_panics(|| -> Result<(), Broken> { panic!("index 7 out of range") });

    assert_eq!(
        outcome.unwrap_err().to_string(),
        "cannot be decoded: the decoder panicked: index 7 out of range"
    );
}

#[test]
fn memory_is_known_from_the_header() {
    let working_is = |bytes: &[u8], working: u64, kept: u64| {
        let (_folder, path) = file("picture", bytes);
        let facts = survey(&path).unwrap();
        let sum = facts.file.0 + facts.decoded.0 + working;

        assert_eq!((facts.working, facts.kept), (Bytes(working), Bytes(kept)));
        assert_eq!(facts.held(), Bytes(sum));
    };

    // 40 x 40 pixels in units of 16 x 16: 48 x 48 for the first component, 24 x 24 for the others.
    let samples = 48 * 48 + 2 * 24 * 24;
    working_is(&jpeg(false), 8 * samples / 3, 0);
    working_is(&jpeg(true), 2 * samples + 8 * samples / 3, 2 * samples);
    working_is(&png(), 4 * 60 + (1 << 20), 0);
}

#[test]
fn memory_of_earlier_pictures_is_given_back_where_the_next_one_needs_it() {
    let facts = |file, decoded, working| Facts {
        width: 1,
        height: 1,
        file: Bytes(file),
        decoded: Bytes(decoded),
        working: Bytes(working),
        kept: Bytes(0),
        careful: false,
    };
    let kept = |facts: &Facts| {
        let mut buffers = Buffers {
            file: Vec::new(),
            largest_file: 100,
            samples: vec![0; 200],
        };
        buffers.make_room(facts, Bytes(350));
        buffers.largest_file + buffers.samples.len()
    };

    assert_eq!(kept(&facts(100, 200, 50)), 300);
    assert_eq!(kept(&facts(10, 200, 51)), 0);
    assert_eq!(kept(&facts(151, 10, 0)), 0);
}

#[test]
fn reasons_are_told_apart() {
    let reason = |bytes: &[u8]| {
        let (_folder, path) = file("picture.jpg", bytes);
        check(&path).unwrap_err().to_string()
    };
    let foreign = "is neither a JPEG nor a PNG picture";

    assert_eq!(reason(b""), "is empty");
    assert_eq!(reason(b"hello, I am a text"), foreign);
    assert_eq!(reason(b"GIF89a\x01\0\x01\0\0\0\0;"), foreign);

    let mut damaged = png();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    assert_eq!(
        reason(&damaged),
        "is damaged: the checksum of chunk IDAT is wrong"
    );

    let missing = check(Path::new("/no/such/file")).unwrap_err().to_string();
    assert!(
        missing.starts_with("cannot be read: No such file"),
        "{missing}"
    );
}

/// What a colour profile unfolds to is known only afterwards. One that is larger than any device's
/// is left out, so that no more is held than is counted.
#[test]
fn a_colour_profile_is_counted_however_large_it_is() {
    let with_profile = |bytes: usize| {
        let mut picture = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut picture);
        encoder.set_icc_profile(vec![0; bytes]).unwrap();
        encoder
            .write_image(&samples(20), 20, 20, ExtendedColorType::Rgb8)
            .unwrap();
        file("picture.png", &picture)
    };

    let plain = png().len() as u64;

    for bytes in [3 << 20, 30 << 20] {
        let (_folder, path) = with_profile(bytes);
        let facts = check(&path).unwrap();
        let described = 3 * (facts.file.0 - plain - 12);
        assert_eq!(facts.working, Bytes(4 * 60 + described + (5 << 20)));
    }
}
