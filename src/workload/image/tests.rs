//! The workload from parameters to answer, as the registry hands it out, on small pictures.

mod noted;
mod own_files;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::digest::Digest;
use crate::event::Silent;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::workload::{Context, Error, Prepared, Shared, built_in};

const PARAMS: &str = r#"{
    "count": 4, "side": 64, "quality": 60, "crop": 24, "padding": 4, "flip": 0.5,
    "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.6, 0.7], "seed": 42
}"#;

/// The workload with [`PARAMS`] and `changes` to them.
fn prepare(changes: &Value) -> Result<Shared, Error> {
    prepare_within(Bytes(1 << 30), changes)
}

/// The same with a limit on memory.
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
        task_timeout: std::time::Duration::MAX,
        stop: &stop,
        observer: &Silent,
        workers: std::num::NonZeroUsize::MIN,
        memory,
    };
    let image = built_in().find("image").unwrap();
    image.prepare(params, &context)
}

/// The partial results of all tasks, and the answer.
fn run(prepared: &dyn Prepared) -> (Vec<Value>, Value) {
    let stop = Stop::new();
    let partials: Vec<Value> = (0..prepared.tasks())
        .map(|index| prepared.task(index, &stop).unwrap())
        .collect();

    (partials.clone(), prepared.combine(partials).unwrap())
}

/// The error of a workload that cannot be prepared.
fn refusal(prepared: Result<Shared, Error>) -> String {
    prepared.err().expect("must be refused").to_string()
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
    assert!(prepared.problems().is_empty());

    let text = format!("noise-00001.jpg: 3 x 24 x 24, sha256 {}", saved[1].short());
    assert_eq!(prepared.describe(1, &partials[1]), text);
}

#[test]
fn transforms_list_what_was_done() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let other = out.path().join("mine.txt");
    fs::write(&other, "stays").unwrap();
    prepare(&json!({"data_dir": home.path(), "save_tensors": out.path()})).unwrap();

    let text = fs::read_to_string(out.path().join("transforms.json")).unwrap();
    let records: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(records.len(), 4);

    for (index, record) in records.iter().enumerate() {
        assert_eq!(record["tensor"], format!("{index:05}.npy"));
        assert!(record["flipped"].is_boolean());
        assert!(record["top"].as_u64().unwrap() <= 48);
        assert!(record["left"].as_u64().unwrap() <= 48);

        let file = Path::new(record["file"].as_str().unwrap());
        assert!(file.is_file() && file.ends_with(format!("noise-{index:05}.jpg")));
    }

    assert_eq!(fs::read_to_string(&other).unwrap(), "stays");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 6);
}

#[test]
fn the_answer_follows_from_the_parameters_alone() {
    const KNOWN: &str = "4671b4b0a76e9a8e6ad6f42a1705ca4224c4b87e259e2c0d1cae242a69e1fb3e";
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let answer = |home: &TempDir, seed: u64| {
        let prepared = prepare(&json!({"data_dir": home.path(), "seed": seed})).unwrap();
        run(&*prepared).1
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
    let fresh = [0, 1, 2, 3].map(|index| {
        prepared.cool_down();
        task(index)
    });
    assert_eq!([0, 1, 2, 3].map(task), fresh);

    // A task that fails leaves memory that is as good.
    assert!(prepared.task(4, &Stop::new()).is_err());
    let mut backwards = [3, 2, 1, 0].map(task);
    backwards.reverse();
    assert_eq!(backwards, fresh);
}

#[test]
fn a_generated_set_that_takes_too_much_memory_is_not_made() {
    let home = tempfile::tempdir().unwrap();
    let needed = 2 * 3 * 24 * 24 * 4 + 2 * 3 * 64 * 64;
    let params = json!({"data_dir": home.path()});

    let error = refusal(prepare_within(Bytes(needed - 1), &params));
    let start = "a task needs 38.4 kB of memory, this run may use 38.4 kB";
    assert!(error.starts_with(start), "{error}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);

    let prepared = prepare_within(Bytes(needed), &params).unwrap();
    assert_eq!(prepared.task_bytes(), Bytes(needed));
}

#[test]
fn a_crop_that_does_not_fit_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().unwrap();
    let with_crop = |crop: u32| prepare(&json!({"data_dir": home.path(), "crop": crop}));

    assert_eq!(
        refusal(with_crop(73)),
        "each picture is too small: 64 x 64 pixels with a padding of 4 are 72 x 72, less than the \
         crop of 73 x 73; use a smaller crop or a larger padding"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);

    assert_eq!(with_crop(72).unwrap().tasks(), 4);
}

#[test]
fn tensors_that_cannot_be_saved_are_an_error() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();

    let error = refusal(prepare(
        &json!({"data_dir": home.path(), "save_tensors": file}),
    ));
    assert!(error.contains("file: "), "{error}");
    assert!(error.ends_with("use another save_tensors"), "{error}");
}
