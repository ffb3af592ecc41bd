//! The tutorial's three functions, from the example file as it stands. torchvision itself is too large to
//! be installed for a test, so a module of that name does what these functions ask of it.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::harness::{Finished, Scene, repository};
use super::venv;

/// What the example takes from torchvision, by its documentation.
const TRANSFORMS: &str = r#"
import random
import numpy

class Compose:
    def __init__(self, steps): self.steps = steps
    def __call__(self, value):
        for step in self.steps: value = step(value)
        return value

class RandomHorizontalFlip:
    def __init__(self, p): self.p = p
    def __call__(self, picture):
        return picture.transpose(0) if random.random() < self.p else picture

class RandomCrop:
    def __init__(self, size, padding): self.size, self.padding = size, padding
    def __call__(self, picture):
        size, padding = self.size, self.padding
        width, height = (side + 2 * padding - size for side in picture.size)
        left, top = (random.randint(-padding, side - padding) for side in (width, height))
        return picture.crop((left, top, left + size, top + size))

class ToTensor:
    def __call__(self, picture):
        return numpy.asarray(picture, dtype="float32").transpose(2, 0, 1) / 255

class Normalize:
    def __init__(self, mean, std): self.mean, self.std = (numpy.reshape(x, (3, 1, 1)) for x in (mean, std))
    def __call__(self, tensor): return (tensor - self.mean) / self.std
"#;

fn run(scene: &Scene, function: &str, flags: &[&str]) -> (Value, Finished) {
    let file = repository().join("examples/tutorial.py");
    let mut command = scene.command("python -e processes -j 2 -r 2 -w 0 --export run.json");
    command
        .arg(format!("{}:{function}", file.display()))
        .arg("--python")
        .arg(venv::python("functions"))
        .args(flags);
    let done = Finished::from(command.output().unwrap());
    assert_eq!(done.code, Some(0), "{function}: {}", done.stderr);

    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    (run["measurements"][0].clone(), done)
}

#[test]
fn the_tutorials_functions_run_in_the_plain_loop_and_on_processes() {
    let scene = Scene::new();
    scene.write("modules/torchvision/__init__.py", "");
    scene.write("modules/torchvision/transforms.py", TRANSFORMS);
    let scene = scene.at("PYTHONPATH", "modules").at("PICTURES", "cache");

    let (fibonacci, _) = run(
        &scene,
        "generate_fibonacci",
        &["--repeat", "2", "--args", "[2000]"],
    );
    assert_eq!(fibonacci["tasks"], 2);

    // Random results differ from pass to pass: that is said, and nothing is compared.
    let (_, sampled) = run(
        &scene,
        "sampling_task",
        &["--repeat", "2", "--args", "[2000]"],
    );
    assert!(
        sampled.flowing().contains("vary from pass to pass"),
        "{}",
        sampled.stdout
    );

    scene.exported("image --count 3 --side 230 -r 2 -w 0");
    let (pictures, _) = run(&scene, "transform_image", &["--items", "pictures()"]);
    assert_eq!(pictures["tasks"], 3, "those of parbench's own data set");
}
