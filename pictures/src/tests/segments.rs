//! JPEGs with segments where usual files have none: between their scans, and behind the last one.

use super::damage::{markers, sound_structures};
use super::structures::value;
use super::writer::{Structure, Writer};

fn pixels(file: &[u8]) -> Vec<u8> {
    let mut samples = Vec::new();
    let decoded = crate::decoded(file, &mut samples).unwrap();

    decoded.samples.to_vec()
}

/// Whether pixels are the same but for how decoders round and scale up.
fn are_alike(pixels: &[u8], expected: &[u8]) -> bool {
    let differences = pixels
        .iter()
        .zip(expected)
        .map(|(left, right)| u64::from(left.abs_diff(*right)));

    pixels.len() == expected.len() && differences.sum::<u64>() < expected.len() as u64
}

/// The picture of the other tests above, and one shade below: rows of few bits.
fn half_flat(component: usize, x: f64, y: f64) -> f64 {
    value(component, x, y.min(16.0)) * f64::from(y < 16.0) + 128.0 * f64::from(y >= 16.0)
}

/// Where something may be put in: before every scan but the first, and before the end.
fn later_places(file: &[u8]) -> Vec<usize> {
    let scans = markers(file, |code| code == 0xDA);

    scans.into_iter().skip(1).chain([file.len() - 2]).collect()
}

fn with(file: &[u8], place: usize, inserted: &[u8]) -> Vec<u8> {
    let (before, after) = file.split_at(place);

    [before, inserted, after].concat()
}

#[test]
fn what_is_legal_between_and_behind_the_data_changes_nothing() {
    let adobe = |transform: u8| {
        [
            [0xFF, 0xEE, 0, 14].as_slice(),
            b"Adobe\0\x64\0\0\0\0",
            &[transform],
        ]
        .concat()
    };
    let segments = [
        vec![0xFF, 0xFE, 0, 4, 0xFF, 0xD9],
        vec![0xFF, 0xE3, 0, 4, 1, 2],
        vec![0xFF, 0xEC, 0, 3, 1],
        vec![0xFF, 0xEF, 0, 2],
        adobe(0),
        adobe(1),
        vec![0xFF, 0xFF],
    ];
    let mut writer = Writer::default();
    let plain = Structure {
        progressive: true,
        ..Structure::plain(45, 37)
    };
    let narrow = Structure::plain(17, 70);
    let structures = sound_structures().chain([plain, narrow, Structure::plain(45, 37)]);

    for structure in structures {
        let file = writer.write(&structure, half_flat);
        let expected = pixels(&file);

        for segment in &segments {
            for place in later_places(&file) {
                let picture = pixels(&with(&file, place, segment));
                assert!(
                    are_alike(&picture, &expected),
                    "{segment:X?} at {place} of {structure:?}"
                );
            }
        }

        let followed = [&file, b"garbage\xFF\xDA".as_slice()].concat();
        assert_eq!(pixels(&followed), expected);
    }
}

/// A table with `divisor` at every place, called `name`.
fn quantisation(name: u8, divisor: u8) -> Vec<u8> {
    [&[0xFF, 0xDB, 0, 67, name], [divisor; 64].as_slice()].concat()
}

#[test]
fn quantisation_tables_count_as_they_are_at_the_first_scan_of_a_component() {
    for structure in sound_structures().chain([Structure::plain(45, 37)]) {
        let file = Writer::default().write(&structure, value);
        let expected = pixels(&file);

        for place in later_places(&file) {
            // Once its first scan is there, a component keeps its table.
            let late = with(&file, place, &quantisation(0, 99));
            assert!(are_alike(&pixels(&late), &expected), "{structure:?}");
        }
        if !structure.separate {
            continue;
        }

        // A component whose first scan is still to come has the table that it finds then.
        let last = markers(&file, |code| code == 0xDA)[2];
        let table = markers(&file, |code| code == 0xDB)[2];
        let right = file[table..table + 69].to_vec();
        let mut file = with(&file, last, &right);
        file[table + 5..table + 69].fill(99);
        assert!(are_alike(&pixels(&file), &expected), "{structure:?}");
    }
}

#[test]
fn much_that_other_programs_say_of_a_picture_changes_nothing() {
    let file = Writer::default().write(&Structure::plain(45, 37), value);
    let expected = pixels(&file);
    let segment = [[0xFF, 0xE2, 0xFF, 0xFF].as_slice(), &vec![7; 65_533]].concat();

    let large = with(&file, 2, &segment.repeat(17));
    assert!(are_alike(&pixels(&large), &expected));
}
