//! The workload from parameters to answer, as the registry hands it out, on small pictures.

mod coder;
mod damage;
mod structures;
mod writer;

use std::fs;
use std::path::Path;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::event::Silent;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::workload::digest::Digest;
use crate::workload::{Context, Error, Prepared, Shared, find};

const PARAMS: &str = r#"{"count": 4, "side": 64, "quality": 60, "crop": 24, "padding": 4, "flip": 0.5,
    "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.6, 0.7], "seed": 42}"#;

fn prepare(changes: &Value) -> Result<Shared, Error> {
    prepare_within(Bytes(1 << 30), changes)
}

fn prepare_within(memory: Bytes, changes: &Value) -> Result<Shared, Error> {
    let mut params: Value = serde_json::from_str(PARAMS).unwrap();
    let fields = params.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        fields.insert(name.clone(), value.clone());
    }
    if fields.contains_key("input") {
        fields.retain(|name, _| !["count", "side", "quality"].contains(&name.as_str()));
    }
    let stop = Stop::new();
    let context = Context {
        stop: &stop,
        observer: &Silent,
        workers: std::num::NonZeroUsize::MIN,
        memory,
    };
    (find("image").unwrap().prepare)(params, &context)
}

fn run(prepared: &dyn Prepared) -> (Vec<Value>, Value) {
    let stop = Stop::new();
    let partials: Vec<Value> = (0..prepared.tasks())
        .map(|index| prepared.task(index, &stop).unwrap())
        .collect();
    (partials.clone(), prepared.combine(partials).unwrap())
}

fn refusal(changes: &Value) -> String {
    prepare(changes).err().expect("must be refused").to_string()
}

/// A folder with a sound JPEG, a sound PNG and one of each kind of broken file.
fn mixed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let picture = DynamicImage::new_rgb8(30, 40);
    let save = |name: &str, format| {
        picture
            .save_with_format(folder.path().join(name), format)
            .unwrap()
    };
    save("B.PNG", ImageFormat::Png);
    save("a", ImageFormat::Png);
    save("c.jpeg", ImageFormat::Png);
    save(".hidden.png", ImageFormat::Png);
    let whole = fs::read(folder.path().join("a")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("d.png", &whole[..whole.len() - 9]);
    write("empty.jpg", b"");
    write("notes.txt", b"no picture");
    DynamicImage::new_rgb8(15, 90)
        .save(folder.path().join("slim.png"))
        .unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    folder
}

#[test]
fn the_digest_is_the_hash_of_the_tensors_hashes() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tensors = out.path().join("new/folder");
    let prepared = prepare(&json!({"data_dir": home.path(), "save_tensors": tensors})).unwrap();
    let (partials, answer) = run(&*prepared);
    let saved: Vec<Digest> = (0..4)
        .map(|index| fs::read(tensors.join(format!("{index:05}.npy"))).unwrap())
        .map(|file| Digest::of(&file[file.len() - 3 * 24 * 24 * 4..]))
        .collect();
    assert_eq!(json!(saved), json!(partials));
    let raw: Vec<u8> = saved.iter().flat_map(|digest| digest.bytes()).collect();
    assert_eq!(answer, json!({"images": 4, "digest": Digest::of(raw)}));
    assert_eq!((prepared.tasks(), prepared.work().amount), (4, 4));
    let text = format!("noise-00001.jpg: 3 x 24 x 24, sha256 {}", saved[1].short());
    assert_eq!(prepared.describe(1, &partials[1]), text);
    assert!(prepared.problems().is_empty());
}

#[test]
fn transforms_tell_what_was_done() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(out.path().join("mine.txt"), "stays").unwrap();
    prepare(&json!({"data_dir": home.path(), "save_tensors": out.path()})).unwrap();
    let text = fs::read_to_string(out.path().join("transforms.json")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(list.len(), 4);
    for (index, entry) in list.iter().enumerate() {
        assert_eq!(entry["tensor"], format!("{index:05}.npy"));
        let file = Path::new(entry["file"].as_str().unwrap());
        assert!(file.is_file() && file.ends_with(format!("noise-{index:05}.jpg")));
        assert!(entry["flipped"].is_boolean());
        assert!(entry["top"].as_u64().unwrap() <= 48 && entry["left"].as_u64().unwrap() <= 48);
    }
    assert_eq!(
        fs::read_to_string(out.path().join("mine.txt")).unwrap(),
        "stays"
    );
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 6);
}

#[test]
fn the_answer_follows_from_the_parameters_alone() {
    const KNOWN: &str = "4671b4b0a76e9a8e6ad6f42a1705ca4224c4b87e259e2c0d1cae242a69e1fb3e";
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let answer = |home: &TempDir, seed: u64| {
        run(&*prepare(&json!({"data_dir": home.path(), "seed": seed})).unwrap()).1
    };
    let first = answer(&homes[0], 42);
    assert_eq!(first, answer(&homes[1], 42));
    assert_ne!(first, answer(&homes[0], 43));
    assert_eq!(first["digest"], KNOWN, "published digests no longer hold");
}

#[test]
fn memory_that_goes_from_task_to_task_changes_no_tensor() {
    let folder = tempfile::tempdir().unwrap();
    for (name, width, height) in [
        ("a.jpg", 90, 31),
        ("b.png", 33, 70),
        ("c.jpg", 30, 30),
        ("d.jpg", 80, 80),
    ] {
        let value = |x: u32, y: u32| u8::try_from((x * 7 + y * width) % 256).unwrap();
        let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([value(x, y); 3]));
        picture.save(folder.path().join(name)).unwrap();
    }
    let prepared = prepare(&json!({"input": folder.path()})).unwrap();
    let task = |index| prepared.task(index, &Stop::new()).unwrap();
    let fresh: Vec<Value> = (0..4)
        .map(|index| {
            prepared.cool_down();
            task(index)
        })
        .collect();
    assert_eq!([0, 1, 2, 3].map(task)[..], fresh);
    // A task that fails leaves memory that is as good.
    assert!(prepared.task(4, &Stop::new()).is_err());
    assert_eq!(
        [3, 2, 1, 0].map(task).into_iter().rev().collect::<Vec<_>>(),
        fresh
    );
}

#[test]
fn other_pictures_under_the_same_names_are_other_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let save = |name: &str, grey: u8| {
        let picture = image::RgbImage::from_pixel(30, 40, image::Rgb([grey; 3]));
        picture.save(folder.path().join(name)).unwrap();
    };
    save("a.png", 1);
    save("b.png", 2);

    let inputs = |changes: Value| prepare(&changes).unwrap().inputs(&Stop::new()).unwrap();
    let first = inputs(json!({"input": folder.path()}));
    assert!(first.is_some());
    assert_eq!(inputs(json!({"input": folder.path()})), first);
    save("b.png", 3);
    assert_ne!(inputs(json!({"input": folder.path()})), first);
    fs::remove_file(folder.path().join("a.png")).unwrap();
    save("b.png", 2);
    assert_ne!(inputs(json!({"input": folder.path()})), first);
    assert_eq!(
        inputs(json!({"data_dir": home.path()})),
        None,
        "a generated set is the same everywhere"
    );
}

#[test]
fn own_files_are_taken_in_order_and_broken_ones_named() {
    let folder = mixed();
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
        let start = format!("{} {reason}", folder.path().join(name).display());
        assert!(line.starts_with(&start) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_folder_without_a_usable_picture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let input = json!({"input": folder.path()});
    assert!(refusal(&input).contains("it has no visible files; give --input a folder"));
    fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    assert!(refusal(&input).contains("notes.txt is neither a JPEG nor a PNG picture"));
    let missing = refusal(&json!({"input": folder.path().join("missing")}));
    assert!(missing.contains("missing: No such file"), "{missing}");
    assert!(
        refusal(&json!({"input": folder.path().join("notes.txt")}))
            .contains("cannot read the folder")
    );
}

#[test]
fn a_picture_that_takes_too_much_memory_is_named_and_the_others_are_used() {
    let folder = tempfile::tempdir().unwrap();
    DynamicImage::new_rgb8(30, 40)
        .save(folder.path().join("a.png"))
        .unwrap();
    let structure = writer::Structure {
        progressive: true,
        ..writer::Structure::plain(400, 400)
    };
    let large = writer::Writer::default().write(&structure, |_, x, y| (x + y) / 4.0);
    fs::write(folder.path().join("b.jpg"), &large).unwrap();
    let input = json!({"input": folder.path()});

    // The tensor twice, the file, the pixels, the coefficients, and the samples of a row of blocks.
    let needed = 2 * 3 * 24 * 24 * 4
        + large.len() as u64
        + 3 * 400 * 400
        + 2 * 3 * 400 * 400
        + 8 * 3 * 400 * 8;
    let enough = prepare_within(Bytes(needed), &input).unwrap();
    assert_eq!((enough.tasks(), enough.task_bytes()), (2, Bytes(needed)));
    assert!(enough.problems().is_empty());

    // The PNG's decoder is granted a megabyte for itself.
    let short = prepare_within(Bytes(needed - 1), &input).unwrap();
    assert_eq!(short.tasks(), 1);
    let says = "b.jpg is too large: a task with it needs 1.5";
    assert!(short.problems()[0].contains(says), "{:?}", short.problems());

    let none = prepare_within(Bytes(100_000), &input)
        .err()
        .unwrap()
        .to_string();
    assert!(
        none.contains("no picture in") && none.contains("a.png is too large"),
        "{none}"
    );
}

#[test]
fn a_generated_set_that_takes_too_much_memory_is_not_made() {
    let home = tempfile::tempdir().unwrap();
    let needed = 2 * 3 * 24 * 24 * 4 + 2 * 3 * 64 * 64;
    let params = json!({"data_dir": home.path()});

    let error = prepare_within(Bytes(needed - 1), &params)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("a task needs 38.4 kB of memory, this run may use 38.4 kB"),
        "{error}"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    assert_eq!(
        prepare_within(Bytes(needed), &params).unwrap().task_bytes(),
        Bytes(needed)
    );
}

#[test]
fn tensors_are_not_saved_among_the_pictures() {
    let folder = tempfile::tempdir().unwrap();
    DynamicImage::new_rgb8(30, 40)
        .save(folder.path().join("a.png"))
        .unwrap();
    let dotted = folder.path().join(".");
    let error = refusal(&json!({"input": folder.path(), "save_tensors": dotted}));
    assert!(error.contains("is the folder of --input"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let inside = folder.path().join("tensors");
    assert!(prepare(&json!({"input": folder.path(), "save_tensors": inside})).is_ok());
}

#[test]
fn a_crop_that_does_not_fit_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().unwrap();
    let error = refusal(&json!({"data_dir": home.path(), "crop": 73}));
    let says = "each picture is too small: 64 x 64 pixels with a padding of 4 are 72 x 72, less than the crop \
                of 73 x 73; choose a smaller --crop or a larger --padding";
    assert_eq!(error, says);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    assert_eq!(
        prepare(&json!({"data_dir": home.path(), "crop": 72}))
            .unwrap()
            .tasks(),
        4
    );
}

#[test]
fn a_file_that_changes_after_the_check_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    DynamicImage::new_rgb8(30, 40).save(&path).unwrap();
    let prepared = prepare(&json!({"input": folder.path()})).unwrap();
    DynamicImage::new_rgb8(31, 40).save(&path).unwrap();
    let error = prepared.task(0, &Stop::new()).unwrap_err().to_string();
    assert!(error.contains("a.png has become 31 x 40 pixels"), "{error}");
    fs::remove_file(&path).unwrap();
    assert!(
        prepared
            .task(0, &Stop::new())
            .unwrap_err()
            .to_string()
            .contains("a.png cannot be read")
    );
    assert!(prepared.task(7, &Stop::new()).is_err());
}

#[test]
fn tensors_that_cannot_be_saved_are_an_error() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refusal(&json!({"data_dir": home.path(), "save_tensors": file}));
    assert!(
        error.contains("file: ") && error.contains("--save-tensors"),
        "{error}"
    );
}
