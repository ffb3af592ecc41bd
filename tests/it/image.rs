//! The image workload through the real program: the user's own files, the data set on disk, and what goes
//! wrong with either.

use std::fs;
use std::io::Read;
use std::path::Path;

use image::{GrayImage, ImageFormat, RgbImage, RgbaImage};
use serde_json::Value;

use super::harness::{Finished, Scene, repository};

const SET: &str = "cache/parbench/noise-64x64-q60-n3-s42";
const LINE: &str = "image --count 3 --side 64 --crop 40 -r 1";

fn picture(side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| {
        image::Rgb([x, y, x ^ y].map(|value| u8::try_from(value % 256).unwrap()))
    })
}

fn digest(run: &Value) -> &str {
    run["measurements"][0]["answer"]["digest"].as_str().unwrap()
}

#[test]
fn every_kind_of_picture_is_read_and_the_broken_ones_are_named() {
    let scene = Scene::new();
    fs::create_dir(scene.path("photos")).unwrap();
    let at = |name: &str| scene.path("photos").join(name);
    picture(50)
        .save_with_format(at("a.jpg"), ImageFormat::Jpeg)
        .unwrap();
    picture(60)
        .save_with_format(at("b.PNG"), ImageFormat::Png)
        .unwrap();
    GrayImage::from_pixel(50, 50, image::Luma([7]))
        .save_with_format(at("c.png"), ImageFormat::Png)
        .unwrap();
    let clear = RgbaImage::from_pixel(50, 50, image::Rgba([1, 2, 3, 0]));
    clear
        .save_with_format(at("d.png"), ImageFormat::Png)
        .unwrap();
    let whole = fs::read(at("a.jpg")).unwrap();
    scene.write("photos/cut.jpg", &whole[..whole.len() * 2 / 3]);
    scene.write("photos/empty.jpg", "");
    scene.write("photos/notes.txt", "no picture");
    scene.write("photos/.hidden", "passed over");
    picture(20)
        .save_with_format(at("small.png"), ImageFormat::Png)
        .unwrap();
    let finished = scene.run("image --input photos --crop 40 -r 1 --export run.json");
    assert_eq!(finished.code, Some(2), "a broken file is no success");
    assert!(
        finished.stdout.contains("image"),
        "the others are reported: {}",
        finished.stdout
    );
    let mut errors: Vec<_> = finished.stderr.lines().collect();
    let rest = errors.pop().unwrap();
    assert!(rest.starts_with("warning: the rest was measured"), "{rest}");
    assert_eq!(errors.len(), 4, "{}", finished.stderr);
    for (line, name) in errors
        .iter()
        .zip(["cut.jpg", "empty.jpg", "notes.txt", "small.png"])
    {
        assert!(
            line.starts_with(&format!("error: image: photos/{name} ")),
            "{line}"
        );
    }
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["measurements"][0]["answer"]["images"], 4);
    assert_eq!(run["problems"].as_array().unwrap().len(), 4);
}

#[test]
fn what_went_wrong_stands_behind_the_table_in_one_stream() {
    let scene = Scene::new();
    fs::create_dir(scene.path("photos")).unwrap();
    picture(50)
        .save_with_format(scene.path("photos/a.png"), ImageFormat::Png)
        .unwrap();
    scene.write("photos/notes.txt", "no picture");

    let (mut both, write) = std::io::pipe().unwrap();
    let mut command = scene.command("image --input photos --crop 40 -r 1 -w 0");
    command.stdout(write.try_clone().unwrap()).stderr(write);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut said = String::new();
    both.read_to_string(&mut said).unwrap();

    assert_eq!(child.wait().unwrap().code(), Some(2));
    let table = said.find("speed-up").unwrap();
    let error = said.find("error: image: photos/notes.txt").unwrap();
    assert!(table < error, "{said}");
}

/// Legal files of structures that decoders get wrong, and one whose header claims more than the file can hold.
#[test]
fn unusual_structures_are_decoded_and_a_false_header_is_named() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("photos/inner")).unwrap();
    let mut copied = 0;

    for entry in fs::read_dir(repository().join("pictures/known")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jpg") {
            fs::copy(&path, scene.path("photos").join(path.file_name().unwrap())).unwrap();
            copied += 1;
        }
    }

    let finished = scene.run("image --input photos --crop 16 -r 1 --export run.json");
    assert_eq!(finished.code, Some(2));
    let lines: Vec<_> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{}", finished.stderr);
    assert_eq!(lines[0], "warning: photos: subfolders are not searched (1)");
    let says = "error: image: photos/header-of-18000x18000-progressive.jpg is damaged: its 1051 bytes cannot hold";
    assert!(lines[1].starts_with(says), "{}", lines[1]);

    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["measurements"][0]["answer"]["images"], copied - 1);
}

/// Which pictures fit depends on the memory, so worker processes must count with the same.
#[test]
fn pictures_that_take_too_much_memory_are_named_and_no_task_on_any_engine() {
    let scene = Scene::new();
    fs::create_dir(scene.path("photos")).unwrap();
    picture(2000).save(scene.path("photos/a.png")).unwrap();
    picture(60).save(scene.path("photos/b.png")).unwrap();
    picture(50).save(scene.path("photos/c.png")).unwrap();

    let line = "image --input photos --crop 40 -r 1 --engine pool,process -j 1 --memory 10MB --export run.json";
    let finished = scene.run(line);
    assert_eq!(finished.code, Some(2), "{}", finished.stderr);
    let says = "error: image: photos/a.png is too large: a task with it needs ";
    let mut errors = finished
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "));
    assert!(
        errors.all(|line| line.starts_with(says)),
        "{}",
        finished.stderr
    );

    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let measurement = &run["measurements"][0];
    let engines = [1, 2].map(|arm| measurement["arms"][arm]["engine"].as_str().unwrap());
    assert_eq!(engines, ["pool", "process"]);
    assert_eq!(measurement["answer"]["images"], 2);
}

#[test]
fn a_folder_without_a_usable_picture_is_an_error() {
    let scene = Scene::new();
    assert!(
        scene
            .run("image --input nowhere")
            .error()
            .starts_with("image: cannot read the folder nowhere: ")
    );
    scene.write("photos/notes.txt", "no picture");
    let finished = scene.run("image --input photos");
    assert!(
        finished
            .error()
            .starts_with("image: no picture in photos can be used: photos/notes.txt ")
    );
    assert!(
        scene
            .run("image --input photos --count 5")
            .error()
            .contains("cannot be used with")
    );
}

#[test]
fn a_window_larger_than_the_padded_picture_is_refused_with_both_sizes() {
    let finished = Scene::new().run("image --count 1 --side 30 --padding 2 --crop 35");
    let error = finished.error();
    assert!(error.contains("35") && error.contains("34"), "{error}");
}

#[test]
fn a_damaged_set_is_mended_and_gives_the_same_answer() {
    let scene = Scene::new();
    let whole = digest(&scene.exported(LINE)).to_owned();
    let file = |name: &str| scene.path(SET).join(name);
    let before = fs::read(file("noise-00001.jpg")).unwrap();
    let untouched = fs::metadata(file("noise-00002.jpg"))
        .unwrap()
        .modified()
        .unwrap();
    fs::remove_file(file("noise-00000.jpg")).unwrap();
    let mut damaged = before.clone();
    damaged[before.len() / 2] ^= 1;
    fs::write(file("noise-00001.jpg"), &damaged).unwrap();
    assert_eq!(digest(&scene.exported(LINE)), whole);
    assert_eq!(fs::read(file("noise-00001.jpg")).unwrap(), before);
    assert_eq!(
        fs::metadata(file("noise-00002.jpg"))
            .unwrap()
            .modified()
            .unwrap(),
        untouched
    );
    fs::remove_file(file("manifest.json")).unwrap();
    assert_eq!(digest(&scene.exported(LINE)), whole);
    // Another quality is another set, beside the first one.
    assert_ne!(
        digest(&scene.exported(&format!("{LINE} --quality 61"))),
        whole
    );
    assert_eq!(digest(&scene.exported(LINE)), whole);
}

#[test]
fn a_place_that_cannot_hold_the_set_is_named_with_the_way_out() {
    let scene = Scene::new();
    scene.write("occupied", "a file where the folder should be");
    let finished = scene.run(&format!("{LINE} --data-dir occupied"));
    let error = finished.error();
    assert!(
        error.contains("occupied") && error.contains("--data-dir"),
        "{error}"
    );
    assert_eq!(scene.names(), ["occupied"]);
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_no_half_file() {
    let scene = Scene::new();
    // Files of at most one block: what a full disk looks like to the program.
    let program = env!("CARGO_BIN_EXE_parbench");
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {program} image --count 2 --side 200 --crop 40 --data-dir set"
    );
    let mut command = std::process::Command::new("sh");
    let finished = Finished::from(
        command
            .args(["-c", &script])
            .current_dir(scene.path(""))
            .output()
            .unwrap(),
    );
    let error = finished.error();
    assert!(
        error.starts_with("image: cannot write ") && error.contains("--data-dir"),
        "{error}"
    );
    assert!(pictures(&scene.path("set")).is_empty());
}

/// Every file below `folder` that holds a picture or a part of one.
fn pictures(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for entry in entries.map(Result::unwrap) {
        if entry.path().is_dir() {
            names.extend(pictures(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names.retain(|name| name != "manifest.json" && !name.starts_with('.'));
    names
}

#[test]
#[cfg(unix)]
fn ctrl_c_while_the_set_is_made_leaves_whole_files_only() {
    let scene = Scene::new();
    let line = "image --count 5000 --side 300 --crop 40 --data-dir set";
    let mut child = scene.spawn(line);
    while !pictures(&scene.path("set"))
        .iter()
        .any(|name| name.starts_with("noise-"))
    {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it made a picture"
        );
        std::thread::yield_now();
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left = pictures(&scene.path("set"));
    assert!(!left.is_empty() && left.len() < 5000);
    for name in left {
        let path = scene
            .path("set")
            .join("noise-300x300-q60-n5000-s42")
            .join(&name);
        let bytes = fs::read(&path).unwrap();
        assert!(
            name.starts_with("noise-") && bytes.ends_with(&[0xff, 0xd9]),
            "{name} is half a file"
        );
    }
}

#[test]
fn saved_tensors_are_numpy_files_with_their_history() {
    let scene = Scene::new();
    let run = scene.exported(&format!("{LINE} --save-tensors out"));
    assert_eq!(run["measurements"][0]["answer"]["images"], 3);
    let list: Value = serde_json::from_str(&scene.read("out/transforms.json")).unwrap();
    for (index, entry) in list.as_array().unwrap().iter().enumerate() {
        assert_eq!(entry["tensor"], format!("{index:05}.npy"));
        assert!(entry["flipped"].is_boolean() && entry["top"].as_u64() <= Some(32));
        let bytes = fs::read(scene.path("out").join(format!("{index:05}.npy"))).unwrap();
        assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"));
        assert_eq!(
            bytes.len() % 64,
            (3 * 40 * 40 * 4) % 64,
            "the header ends at a multiple of 64"
        );
    }
}
