//! JPEGs of every structure against the picture that they were made from. It is known by
//! construction, and smooth, so that the ways of scaling a component up hardly differ.

use std::fs;
use std::path::Path;

use super::writer::{Structure, Writer};
use crate::{Broken, Decoded};

/// A component's value at a place of the picture. Each has its own direction. The first has a
/// ripple that only coefficients beyond the first few can give.
pub(super) fn value(component: usize, x: f64, y: f64) -> f64 {
    match component {
        0 => 60.0 + 0.6 * x + 0.5 * y + (x * 1.9).sin(),
        1 => 100.0 + 0.3 * x - 0.2 * y,
        2 => 150.0 - 0.2 * x + 0.3 * y,
        _ => 220.0 - 0.6 * x - 0.2 * y,
    }
}

/// What libjpeg takes a file's components for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

fn expected(meaning: Meaning, x: usize, y: usize) -> Vec<f64> {
    let at = |component| value(component, x as f64, y as f64).clamp(0.0, 255.0);
    let (first, cb, cr) = (at(0), at(1) - 128.0, at(2) - 128.0);
    let rgb = [
        first + 1.402 * cr,
        first - 0.344_136 * cb - 0.714_136 * cr,
        first + 1.772 * cb,
    ];
    let rgb = rgb.map(|value| value.clamp(0.0, 255.0));
    let black = at(3) / 255.0;

    match meaning {
        Meaning::Grey => vec![first],
        Meaning::YCbCr => rgb.to_vec(),
        Meaning::Rgb => vec![first, at(1), at(2)],
        Meaning::Cmyk => vec![first * black, at(1) * black, at(2) * black],
        Meaning::Ycck => rgb.map(|value| (255.0 - value) * black).to_vec(),
    }
}

/// How far samples are from the picture.
struct Distance {
    mean: f64,
    largest: f64,
}

fn distance(structure: &Structure, meaning: Meaning, decoded: &[u8]) -> Distance {
    let channels = expected(meaning, 0, 0).len();
    let (mut sum, mut largest) = (0.0, 0.0_f64);
    assert_eq!(
        decoded.len(),
        structure.width * structure.height * channels,
        "{structure:?}"
    );

    for (place, pixel) in decoded.chunks_exact(channels).enumerate() {
        let truth = expected(meaning, place % structure.width, place / structure.width);
        for (sample, value) in pixel.iter().zip(truth) {
            let difference = (f64::from(*sample) - value).abs();
            sum += difference;
            largest = largest.max(difference);
        }
    }

    Distance {
        mean: sum / decoded.len() as f64,
        largest,
    }
}

/// Whether the file is decoded right; an error if it is refused.
fn is_right(writer: &mut Writer, structure: &Structure, meaning: Meaning) -> Result<(), Broken> {
    let file = writer.write(structure, value);
    let mut samples = Vec::new();
    let Decoded { samples, .. } = crate::decoded(&file, &mut samples)?;

    let Distance { mean, largest } = distance(structure, meaning, samples);
    assert!(
        mean < 1.5 && largest < 60.0,
        "mean {mean}, largest {largest}: {structure:?}"
    );

    Ok(())
}

#[test]
fn every_combination_of_factors_is_decoded_right() {
    let mut writer = Writer::default();
    let sides = [1, 2, 4];
    let factors: Vec<[usize; 2]> = sides
        .iter()
        .flat_map(|across| sides.map(|down| [*across, down]))
        .collect();
    let adobe = [None, Some(0), Some(1), Some(2), Some(7)];
    let markers = [false, true].map(|jfif| adobe.map(|adobe| (jfif, adobe)));
    let markers = markers.concat();
    let mut files = 0;

    for combination in 0..factors.len().pow(3) {
        let chosen = [1, 9, 81].map(|step| factors[combination / step % 9]);
        let restarts = [2, 3, 5, 7][combination % 4];

        for variant in 0..8 * markers.len() {
            let (jfif, adobe) = markers[variant / 8];
            let structure = Structure {
                factors: chosen.to_vec(),
                separate: variant & 1 == 1,
                progressive: variant & 2 == 2,
                // Some divide each row of units, others go on from row to row.
                restarts: if variant & 4 == 4 { restarts } else { 0 },
                jfif,
                adobe,
                ..Structure::plain(45, 37)
            };
            let is_rgb = !jfif && adobe == Some(0);
            let meaning = if is_rgb { Meaning::Rgb } else { Meaning::YCbCr };

            if structure.separate || structure.may_interleave() {
                is_right(&mut writer, &structure, meaning)
                    .unwrap_or_else(|broken| panic!("{broken}: {structure:?}"));
                files += 1;
            }
        }
    }

    assert!(files > 36_000, "{files}");
}

#[test]
fn pictures_of_every_small_size_are_decoded_right() {
    let mut writer = Writer::default();
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33];

    for width in sides {
        for height in sides {
            for factors in [[1, 1], [2, 1], [1, 2], [2, 2], [4, 1]] {
                for progressive in [false, true] {
                    let structure = Structure {
                        factors: vec![factors, [1, 1], [1, 1]],
                        progressive,
                        ..Structure::plain(width, height)
                    };
                    is_right(&mut writer, &structure, Meaning::YCbCr).unwrap();
                }
            }
        }
    }
}

#[test]
fn markers_decide_about_colours_as_libjpeg_decides() {
    let mut writer = Writer::default();

    for ids in [[1, 2, 3], *b"RGB", [0, 1, 2], [1, 34, 35]] {
        for jfif in [false, true] {
            for adobe in [None, Some(0), Some(1), Some(2), Some(7)] {
                for progressive in [false, true] {
                    let structure = Structure {
                        progressive,
                        jfif,
                        adobe,
                        ids,
                        ..Structure::plain(40, 20)
                    };
                    let rgb = !jfif && (adobe == Some(0) || adobe.is_none() && ids == *b"RGB");
                    let meaning = if rgb { Meaning::Rgb } else { Meaning::YCbCr };
                    is_right(&mut writer, &structure, meaning).unwrap();

                    let four = Structure {
                        factors: vec![[1, 1]; 4],
                        ..structure
                    };
                    let meaning = if matches!(adobe, None | Some(0)) {
                        Meaning::Cmyk
                    } else {
                        Meaning::Ycck
                    };
                    is_right(&mut writer, &four, meaning).unwrap();
                }
            }
        }
    }
}

#[test]
fn grey_and_four_components_have_factors_too() {
    let mut writer = Writer::default();

    for factors in [[1, 1], [2, 2], [4, 1], [3, 2]] {
        for variant in 0..8 {
            let grey = Structure {
                factors: vec![factors],
                progressive: variant & 1 == 1,
                restarts: if variant & 2 == 2 { 2 } else { 0 },
                separate: variant & 4 == 4,
                ..Structure::plain(45, 37)
            };
            is_right(&mut writer, &grey, Meaning::Grey).unwrap();

            if factors != [3, 2] {
                let four = Structure {
                    factors: vec![factors, [1, 1], [1, 1], factors],
                    ..grey
                };
                let refused = !four.separate && !four.may_interleave();
                assert!(
                    refused || is_right(&mut writer, &four, Meaning::Cmyk).is_ok(),
                    "{four:?}"
                );
            }
        }
    }
}

#[test]
fn factors_of_three_are_decoded_right_or_refused_by_name() {
    let mut writer = Writer::default();
    let structure = |factors: [[usize; 2]; 3]| Structure {
        factors: factors.to_vec(),
        separate: true,
        ..Structure::plain(45, 37)
    };

    is_right(
        &mut writer,
        &structure([[3, 3], [1, 1], [3, 1]]),
        Meaning::YCbCr,
    )
    .unwrap();
    let refused = is_right(
        &mut writer,
        &structure([[3, 1], [2, 1], [1, 1]]),
        Meaning::YCbCr,
    );
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("sampling factors 3x1,2x1,1x1"),
        "{message}"
    );
}

/// Small files that some decoders get wrong, each with the pixels that libjpeg-turbo makes of it.
#[test]
fn known_files_are_decoded_as_libjpeg_decodes_them() {
    for name in [
        "scan-per-component-420",
        "scan-per-component-1x1-2x1-1x1",
        "first-component-narrower",
        "second-component-2x2",
        "jfif-and-adobe-transform-0",
        "jfif-with-ids-rgb",
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("known");
        let read = |kind: &str| fs::read(folder.join(name).with_extension(kind)).unwrap();
        let (mut samples, mut expected) = (Vec::new(), Vec::new());
        let (jpeg, png) = (read("jpg"), read("png"));
        let jpeg = crate::decoded(&jpeg, &mut samples).unwrap();
        let png = crate::decoded(&png, &mut expected).unwrap();
        assert_eq!((jpeg.width, jpeg.height), (png.width, png.height));

        let differences: Vec<f64> = jpeg
            .samples
            .iter()
            .zip(png.samples)
            .map(|(sample, expected)| f64::from(sample.abs_diff(*expected)))
            .collect();
        let mean = differences.iter().sum::<f64>() / differences.len() as f64;
        assert!(
            mean < 1.5 && differences.iter().all(|difference| *difference < 60.0),
            "{name}: mean {mean}"
        );
    }
}
