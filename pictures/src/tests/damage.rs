//! JPEGs with damage inside, and of kinds that are not understood.

use super::structures::value;
use super::writer::{Structure, Writer};

/// The error for `file`, or `accepted`.
fn refusal(file: &[u8]) -> String {
    let mut samples = Vec::new();

    match crate::decoded(file, &mut samples) {
        Ok(_) => "accepted".to_owned(),
        Err(broken) => broken.to_string(),
    }
}

/// Several structures of sound files.
pub(super) fn sound_structures() -> impl Iterator<Item = Structure> {
    (0..8).map(|variant| Structure {
        factors: vec![[2, 2], [1, 1], [1, 1]],
        separate: variant & 1 == 1,
        progressive: variant & 2 == 2,
        restarts: if variant & 4 == 4 { 2 } else { 0 },
        ..Structure::plain(45, 37)
    })
}

/// Files of these structures.
fn sound_files() -> Vec<Vec<u8>> {
    let mut writer = Writer::default();

    sound_structures()
        .map(|structure| writer.write(&structure, value))
        .collect()
}

/// Where the markers stand whose code satisfies `is_wanted`.
pub(super) fn markers(file: &[u8], is_wanted: impl Fn(u8) -> bool) -> Vec<usize> {
    file.windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] == 0xFF && is_wanted(pair[1]))
        .map(|(place, _)| place)
        .collect()
}

#[test]
fn every_stump_with_an_end_marker_is_noticed() {
    for file in sound_files() {
        let first = markers(&file, |code| code == 0xDA)[0];

        for length in first..file.len() - 2 {
            let message = refusal(&[&file[..length], &[0xFF, 0xD9]].concat());
            assert!(
                message.starts_with("is "),
                "{length} of {}: {message}",
                file.len()
            );
        }
    }
}

#[test]
fn missing_scans_and_restart_markers_are_noticed() {
    for file in sound_files() {
        let scans: Vec<usize> = markers(&file, |code| code == 0xDA)
            .into_iter()
            .chain([file.len() - 2])
            .collect();
        for pair in scans.windows(2) {
            let message = refusal(&[&file[..pair[0]], &file[pair[1]..]].concat());
            assert!(message.starts_with("is damaged: "), "{message}");
        }

        for place in markers(&file, |code| (0xD0..=0xD7).contains(&code)) {
            let message = refusal(&[&file[..place], &file[place + 2..]].concat());
            assert!(message.starts_with("is damaged: "), "{message}");
            let mut other = file.clone();
            other[place + 1] ^= 4;
            let message = refusal(&other);
            assert!(message.contains("restart marker"), "{message}");
        }
    }
}

#[test]
fn damaged_codes_never_panic_and_are_mostly_noticed() {
    for (index, file) in sound_files().into_iter().enumerate() {
        let first = markers(&file, |code| code == 0xDA)[0];
        let (mut noticed, mut files) = (0, 0);

        for place in (first..file.len() - 2).step_by(3) {
            let mut damaged = file.clone();
            damaged[place] ^= 0x5A;
            let message = refusal(&damaged);
            assert!(!message.contains("panicked"), "{message}");
            noticed += usize::from(message != "accepted");
            files += 1;
        }

        // Some bits are only a coefficient's value: no decoder can tell.
        assert!(noticed * 10 > files * 4, "{index}: {noticed} of {files}");
    }
}

#[test]
fn kinds_that_no_decoder_here_understands_are_named() {
    let file = &sound_files()[0];
    let frame = markers(file, |code| code == 0xC0)[0];

    for (code, kind) in [
        (0xC3, "a lossless JPEG"),
        (0xC5, "a hierarchical JPEG"),
        (0xC9, "an arithmetic-coded JPEG"),
        (0xCA, "an arithmetic-coded JPEG"),
        (0xCB, "a lossless, arithmetic-coded JPEG"),
        (0xF7, "a JPEG-LS picture"),
    ] {
        let mut other = file.clone();
        other[frame + 1] = code;
        let message = refusal(&other);
        assert!(
            message.starts_with("cannot be decoded: ") && message.contains(kind),
            "{message}"
        );
    }

    for (place, byte, says) in [(4, 12, "12 bits a sample"), (9, 2, "wrong length")] {
        let mut other = file.clone();
        other[frame + place] = byte;
        assert!(refusal(&other).contains(says), "{}", refusal(&other));
    }

    let mut other = file.clone();
    (other[frame + 5], other[frame + 6]) = (0, 0);
    assert!(refusal(&other).contains("DNL"));
}
