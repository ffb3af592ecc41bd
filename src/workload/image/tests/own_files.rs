//! The workload on the user's own pictures: which files become tasks, and how the others are
//! reported.

use image::{DynamicImage, ImageFormat};

use super::*;

fn save_picture(folder: &TempDir, name: &str) {
    DynamicImage::new_rgb8(30, 40)
        .save(folder.path().join(name))
        .unwrap();
}

/// A folder with sound pictures, and a file of each kind that is not used.
fn mixed_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);

    for name in ["B.PNG", "a", "c.jpeg", ".hidden.png"] {
        DynamicImage::new_rgb8(30, 40)
            .save_with_format(path(name), ImageFormat::Png)
            .unwrap();
    }

    let whole = fs::read(path("a")).unwrap();
    fs::write(path("d.png"), &whole[..whole.len() - 9]).unwrap();
    fs::write(path("empty.jpg"), "").unwrap();
    fs::write(path("notes.txt"), "no picture").unwrap();
    DynamicImage::new_rgb8(15, 90)
        .save(path("slim.png"))
        .unwrap();
    fs::create_dir(path("inner")).unwrap();

    folder
}

#[test]
fn files_are_taken_in_order_and_broken_ones_named() {
    let folder = mixed_folder();
    let prepared = prepare(&json!({"input": folder.path()})).unwrap();

    let names: Vec<String> = (0..prepared.tasks())
        .map(|index| prepared.describe(index, &prepared.task(index, &Stop::new()).unwrap()))
        .map(|text| text.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["B.PNG", "a", "c.jpeg"]);

    let problems = prepared.problems();
    let expected = [
        ("d.png", "is truncated"),
        ("empty.jpg", "is empty"),
        ("notes.txt", "is neither a JPEG nor a PNG picture"),
        (
            "slim.png",
            "is too small: 15 x 90 pixels with a padding of 4 are 23 x 98",
        ),
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (line, (name, reason)) in problems.iter().zip(expected) {
        let line = line.to_string();
        let start = format!("{} {reason}", folder.path().join(name).display());
        assert!(line.starts_with(&start) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_folder_without_a_usable_picture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refusal_of = |input: &Path| refusal(prepare(&json!({"input": input})));

    let empty = refusal_of(folder.path());
    let reason = "it has no visible files; use another input";
    assert!(empty.contains(reason), "{empty}");

    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "no picture").unwrap();
    let foreign = refusal_of(folder.path());
    let reason = "notes.txt is neither a JPEG nor a PNG picture";
    assert!(foreign.contains(reason), "{foreign}");

    let missing = refusal_of(&folder.path().join("missing"));
    assert!(missing.contains("missing: No such file"), "{missing}");

    let no_folder = refusal_of(&notes);
    assert!(no_folder.contains("cannot read the folder"), "{no_folder}");
}

#[test]
fn a_picture_that_takes_too_much_memory_is_named_and_the_others_are_used() {
    let folder = tempfile::tempdir().unwrap();
    save_picture(&folder, "a.png");
    let mut large = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut large, 60);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    encoder.set_progressive(true);
    encoder
        .encode(
            &vec![90; 3 * 400 * 400],
            400,
            400,
            jpeg_encoder::ColorType::Rgb,
        )
        .unwrap();
    fs::write(folder.path().join("b.jpg"), &large).unwrap();
    let input = json!({"input": folder.path()});

    let tensors = 2 * 3 * 24 * 24 * 4;
    let pixels = 3 * 400 * 400;
    let coefficients = 2 * pixels;
    let row_of_blocks = 8 * 3 * 400 * 8;
    // Once for this picture, and once for what the allocator keeps of an earlier one.
    let of_both = 2 * coefficients;
    let needed = tensors + large.len() as u64 + pixels + of_both + row_of_blocks;
    let enough = prepare_within(Bytes(needed), &input).unwrap();
    assert_eq!((enough.tasks(), enough.task_bytes()), (2, Bytes(needed)));
    assert!(enough.problems().is_empty());

    let short = prepare_within(Bytes(needed - 1), &input).unwrap();
    let problems = short.problems();
    let reason = "b.jpg is too large: a task with it needs 2.5";
    assert_eq!(short.tasks(), 1);
    assert!(problems[0].message.contains(reason), "{problems:?}");

    // The PNG's decoder is granted a megabyte for itself.
    let error = refusal(prepare_within(Bytes(100_000), &input));
    assert!(error.contains("no picture in"), "{error}");
    assert!(error.contains("a.png is too large"), "{error}");
}

#[test]
fn other_pictures_under_the_same_names_are_other_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let save = |name: &str, grey: u8| {
        let picture = image::RgbImage::from_pixel(30, 40, image::Rgb([grey; 3]));
        picture.save(folder.path().join(name)).unwrap();
    };
    let inputs = |changes: Value| prepare(&changes).unwrap().inputs(&Stop::new()).unwrap();
    let inputs_of_folder = || inputs(json!({"input": folder.path()}));

    save("a.png", 1);
    save("b.png", 2);
    let first = inputs_of_folder();
    assert!(first.is_some());
    assert_eq!(inputs_of_folder(), first);

    save("b.png", 3);
    assert_ne!(inputs_of_folder(), first);

    fs::remove_file(folder.path().join("a.png")).unwrap();
    save("b.png", 2);
    assert_ne!(inputs_of_folder(), first);

    let generated = inputs(json!({"data_dir": home.path()}));
    assert_eq!(generated, None, "a generated set is the same everywhere");
}

#[test]
fn tensors_are_not_saved_among_the_pictures() {
    let folder = tempfile::tempdir().unwrap();
    save_picture(&folder, "a.png");
    let prepare_saving =
        |tensors: &Path| prepare(&json!({"input": folder.path(), "save_tensors": tensors}));

    let error = refusal(prepare_saving(&folder.path().join(".")));
    assert!(error.contains("is the folder of the pictures"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    assert!(prepare_saving(&folder.path().join("tensors")).is_ok());
}

#[test]
fn a_file_that_changes_after_the_check_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    save_picture(&folder, "a.png");
    let prepared = prepare(&json!({"input": folder.path()})).unwrap();
    let error = |index| {
        let result = prepared.task(index, &Stop::new());
        result.unwrap_err().to_string()
    };

    DynamicImage::new_rgb8(31, 40).save(&path).unwrap();
    let resized = error(0);
    assert!(
        resized.contains("a.png has become 31 x 40 pixels"),
        "{resized}"
    );

    fs::remove_file(&path).unwrap();
    let missing = error(0);
    assert!(missing.contains("a.png cannot be read"), "{missing}");

    let beyond = error(7);
    assert_eq!(beyond, "there is no task 7");
}
