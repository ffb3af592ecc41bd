//! `parbench new`: what it writes compiles, runs and is not half-written; what exists stays.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::harness::{Finished, Scene, repository};
use super::templates::{Worker, build_c, build_go, node};

/// What `line` prints, which must end well.
#[track_caller]
fn printed(scene: &Scene, line: &str) -> String {
    let finished = scene.run(line);
    assert_eq!(
        (finished.code, finished.stderr.as_str()),
        (Some(0), ""),
        "{line}"
    );
    finished.stdout
}

#[test]
fn a_new_worker_is_the_template_under_its_name_and_serves() {
    for (language, extension, next) in [
        (
            "python",
            "py",
            "parbench program --check-protocol -- ./mine.py\n  parbench program -- ./mine.py",
        ),
        (
            "node",
            "mjs",
            "parbench program --check-protocol -- ./mine.mjs\n  parbench program -- ./mine.mjs",
        ),
        (
            "go",
            "go",
            "go build -o ./mine ./mine.go\n  parbench program -- ./mine",
        ),
        (
            "c",
            "c",
            "cc -std=c11 -O2 -o ./mine ./mine.c\n  parbench program -- ./mine",
        ),
    ] {
        let scene = Scene::new();
        let (file, said) = (
            format!("mine.{extension}"),
            printed(&scene, &format!("new mine --lang {language}")),
        );
        assert_eq!(
            said,
            format!(
                "{file} is a worker that counts primes: put your own work in its first part. Next:\n  {next}\n"
            )
        );
        assert_eq!(scene.names(), [file.as_str()]);

        let template = repository().join(format!("examples/worker/primes.{extension}"));
        let template = fs::read_to_string(template).unwrap();
        let written = scene.read(&file);
        let lines = template.lines().zip(written.lines());
        let differing: Vec<_> = lines.filter(|(old, new)| old != new).collect();
        assert!(
            matches!(differing.len(), 1 | 2) && template.lines().count() == written.lines().count(),
            "{differing:?}"
        );

        let mut worker = Worker::start(started(language, &scene, &file));
        let request = json!({"id": 1, "workload": "mine", "params": {}, "do": "describe"});
        assert_eq!(worker.reply(request.to_string().as_bytes())["tasks"], 16);
        worker.end();
    }
}

/// What starts the worker `file`, built where that is needed.
fn started(language: &str, scene: &Scene, file: &str) -> Command {
    let (source, program) = (scene.path(file), scene.path("mine"));
    match language {
        "go" => {
            build_go(&source, &program);
            Command::new(program)
        }
        "c" => {
            build_c(&source, &program);
            Command::new(program)
        }
        "node" => {
            let mut command = Command::new(node());
            command.arg(source);
            command
        }
        // A script is started by itself.
        _ => Command::new(source),
    }
}

#[test]
fn a_new_crate_compiles_and_runs() {
    let scene = Scene::new();
    let said = printed(&scene, "new my-work");
    assert_eq!(
        said,
        "my-work is a crate that counts primes: put your own work in src/main.rs. Next:\n  \
         cd ./my-work\n  cargo run --release -- my-work\n"
    );
    assert_eq!(scene.names(), ["my-work"]);

    let program = build(&scene.path("my-work"));
    let run = Finished::from(
        scene
            .command_of(
                &program,
                "my-work --below 20000 --tasks 4 -j 2 -r 2 --export json:-",
            )
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run["measurements"][0]["workload"], "my-work");
    assert_eq!(run["measurements"][0]["answer"], 2262);
}

/// Builds the crate in `folder`, with what is compiled already, and returns its program.
fn build(folder: &Path) -> std::path::PathBuf {
    let programs = Path::new(env!("CARGO_BIN_EXE_parbench")).parent().unwrap();
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--offline", "--target-dir"])
        .arg(programs.parent().unwrap())
        .current_dir(folder);
    // The profiles of this workspace, so that its dependencies are taken as they are.
    for setting in [
        "profile.dev.package.\"*\".opt-level=2",
        "profile.dev.package.parbench.opt-level=0",
        "profile.release.lto=\"off\"",
        "profile.release.codegen-units=1",
    ] {
        build.args(["--config", setting]);
    }
    if programs.ends_with("release") {
        build.arg("--release");
    }
    let output = build.output().unwrap();
    assert_eq!(
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (true, "")
    );

    programs.join(folder.file_name().unwrap())
}

#[test]
fn what_is_written_has_usual_permissions() {
    let scene = Scene::new();
    printed(&scene, "new a --lang python");
    printed(&scene, "new b --lang c");
    printed(&scene, "new c");
    let plain = scene.write("plain", "");
    fs::create_dir(scene.path("folder")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

    assert_eq!(mode(&scene.path("b.c")), mode(&plain));
    assert_eq!(mode(&scene.path("a.py")), mode(&scene.path("folder")));
    assert_eq!(mode(&scene.path("c")), mode(&scene.path("folder")));
}

#[test]
fn it_is_written_in_the_folder_that_is_named() {
    let scene = Scene::new();
    fs::create_dir(scene.path("sub")).unwrap();
    let said = printed(&scene, "new mine --lang c --dir ./sub");
    assert!(
        said.ends_with("-o ./sub/mine ./sub/mine.c\n  parbench program -- ./sub/mine\n"),
        "{said}"
    );
    let said = printed(&scene, "new mine --dir sub");
    assert!(said.contains("  cd ./sub/mine\n"), "{said}");
    assert_eq!(scene.names(), ["sub"]);

    let error = scene.run("new mine --lang c --dir none");
    assert_eq!(
        error.error(),
        "there is no folder none: make it first, or name another one by --dir"
    );
    assert_eq!(scene.names(), ["sub"]);
}

#[test]
fn what_exists_is_left_alone() {
    let scene = Scene::new();
    scene.write("full/file", "mine");
    fs::create_dir(scene.path("empty")).unwrap();
    std::os::unix::fs::symlink("nowhere", scene.path("link")).unwrap();
    std::os::unix::fs::symlink("nowhere.py", scene.path("link.py")).unwrap();
    scene.write("file", "mine");
    scene.write("taken.py", "mine");
    let before = scene.names();

    for (line, name) in [
        ("new full", "full"),
        ("new empty", "empty"),
        ("new link", "link"),
        ("new file", "file"),
        ("new taken --lang python", "taken.py"),
        ("new link --lang python", "link.py"),
    ] {
        let expected =
            format!("{name} exists already: take another name, or another folder by --dir");
        assert_eq!(scene.run(line).error(), expected, "{line}");
    }
    assert_eq!(scene.names(), before);
    assert_eq!(
        (scene.read("file"), scene.read("taken.py")),
        ("mine".into(), "mine".into())
    );
    assert_eq!(fs::read_dir(scene.path("empty")).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_written_is_refused_in_one_line() {
    let scene = Scene::new();
    for (line, expected) in [
        (
            "new My_Work",
            "`My_Work` is not a name for a workload: it must have 1 to 64 characters of a-z, 0-9 and -, \
             the first one a letter, such as my-work",
        ),
        (
            "new ../up --lang c",
            "`../up` is not a name for a workload: it must have 1 to 64 characters of a-z, 0-9 and -, \
             the first one a letter, such as my-work",
        ),
        (
            "new check",
            "a workload cannot be called check: this is another subcommand; take another name",
        ),
        (
            "new serde",
            "a crate with a workload cannot be called serde: cargo needs the name; take another one",
        ),
        (
            "new mine --lang rusty",
            "invalid value 'rusty' for '--lang <LANG>'; [possible values: rust, python, node, go, c]; \
             tip: a similar value exists: 'rust'",
        ),
        (
            "new mine --parbench .",
            ". has no sources of parbench, which the crate depends on: name their folder by --parbench PATH",
        ),
    ] {
        assert_eq!(scene.run(line).error(), expected, "{line}");
        assert_eq!(scene.names(), [""; 0], "{line}");
    }
}

#[test]
fn a_crate_depends_on_the_sources_that_are_named() {
    let scene = Scene::new();
    scene.write(
        "it's \"mine\"/Cargo.toml",
        "[package]\nname = \"parbench\"\n",
    );
    let output = scene
        .command("new mine --parbench")
        .arg("it's \"mine\"")
        .output()
        .unwrap();
    assert!(output.status.success());

    let folder = scene.path("it's \"mine\"").canonicalize().unwrap();
    let text = folder.display().to_string().replace('"', "\\\"");
    let manifest = scene.read("mine/Cargo.toml");
    let line = format!("parbench = {{ path = \"{text}\" }}\n");
    assert!(manifest.contains(&line), "{manifest}");
}
