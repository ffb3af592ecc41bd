//! What a task of the image workload costs beside decoding alone, on one 3000 x 3000 noise picture: the
//! difference is the window, the tensor and its hash. `cargo bench --bench image`.

#![expect(clippy::expect_used, reason = "a bench that cannot prepare has nothing to say but that")]

use std::path::PathBuf;

use divan::Bencher;
use parbench::event::Silent;
use parbench::stop::Stop;
use parbench::units::Bytes;
use parbench::workload::{Context, Shared, find};
use serde_json::json;

fn main() {
    divan::main();
}

/// The workload over one picture, and that picture's place. The set stays for the next bench.
fn prepared() -> (Shared, PathBuf) {
    let data_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let params = json!({
        "count": 1, "side": 3000, "quality": 60, "data_dir": data_dir, "crop": 224, "padding": 4,
        "flip": 0.5, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "seed": 42,
    });
    let stop = Stop::new();
    let context = Context {
        stop: &stop,
        observer: &Silent,
        workers: std::num::NonZeroUsize::MIN,
        memory: Bytes(1 << 30),
    };
    let definition = find("image").expect("the image workload is registered");
    let workload = (definition.prepare)(params, &context).expect("the data set can be made");
    (workload, data_dir.join("noise-3000x3000-q60-n1-s42/noise-00000.jpg"))
}

#[divan::bench]
fn task(bencher: Bencher<'_, '_>) {
    let (workload, _) = prepared();
    bencher.bench(|| workload.task(0, &Stop::new()));
}

#[divan::bench]
fn decode_alone(bencher: Bencher<'_, '_>) {
    let (_, path) = prepared();
    bencher.bench(|| image::open(&path));
}
