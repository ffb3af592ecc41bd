//! `python` on a Python that is newer than this machine's: an interpreter in each thread, and several
//! versions beside each other.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::harness::{Finished, Scene};
use super::venv::newer_python;

/// Functions, a module beside them, and one that interpreters other than the main one cannot import.
fn scene() -> Scene {
    let path = std::env::var("PATH").unwrap();
    let scene = Scene::new().env("PATH", &path);
    scene.write("tables.py", "OFFSET = 7\n");
    scene.write(
        "f.py",
        "import tables\n\
         def square(x): return x * x + tables.OFFSET\n\
         def picky(x):\n    \
             if x == 3: raise ValueError('three')\n    \
             return x\n",
    );
    scene.write(
        "main_only.py",
        "import concurrent.interpreters as interpreters\n\
         if interpreters.get_current() != interpreters.get_main(): raise RuntimeError('not here')\n\
         def f(x): return x\n",
    );
    scene
}

/// Runs `python` with the words of `flags` on `pythons`.
fn python(scene: &Scene, flags: &str, pythons: &str) -> Finished {
    let mut command = scene.command(&format!("python {flags} -r 2 --items [1,2,3,4]"));
    Finished::from(command.args(["--python", pythons]).output().unwrap())
}

/// Each arm's engine and what is said of its workers.
fn arms(scene: &Scene) -> Vec<(String, String)> {
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let arms = run["measurements"][0]["arms"].as_array().unwrap();

    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    arms.iter()
        .map(|arm| (text(&arm["engine"]), text(&arm["detail"])))
        .collect()
}

/// How many arms of the stored run have an engine that begins like this.
fn count(scene: &Scene, engine: &str) -> usize {
    let arms = arms(scene);

    arms.iter()
        .filter(|(name, _)| name.starts_with(engine))
        .count()
}

#[test]
fn interpreters_import_the_functions_file_and_what_it_imports() {
    let scene = scene();
    let newer = newer_python("3.14").display().to_string();

    let done = python(
        &scene,
        "f.py:square -j 2 -e interpreters,processes --export run.json",
        &newer,
    );
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("CPython 3.14"), "{}", done.stdout);
    let arms = arms(&scene);
    assert!(
        arms.contains(&(
            "interpreters".to_owned(),
            "one interpreter in each thread".to_owned()
        )),
        "{arms:?}"
    );
    assert!(
        arms.contains(&("processes".to_owned(), "start method forkserver".to_owned())),
        "from 3.14 on this is the default: {arms:?}"
    );
}

#[test]
fn interpreters_name_the_item_that_raised_and_the_file_that_they_cannot_import() {
    let scene = scene();
    let newer = newer_python("3.14").display().to_string();

    let raised = python(&scene, "f.py:picky -j 2 -e interpreters", &newer);
    assert!(raised.error().contains("item 3 (3)"), "{}", raised.stderr);
    let refused = python(&scene, "main_only.py:f -j 2 -e interpreters", &newer);
    let error = refused.error();
    assert!(
        error.contains("interpreters cannot import the function's file: ")
            && error.contains("not here"),
        "{error}"
    );
}

#[test]
fn two_versions_are_arms_of_one_measurement() {
    let scene = scene();
    let newer = newer_python("3.14").display().to_string();

    let both = python(
        &scene,
        "f.py:square -j 2 -e threads --export run.json",
        &format!("{newer},python3"),
    );
    assert_eq!(both.code, Some(0), "{}", both.stderr);
    let names: Vec<_> = arms(&scene).into_iter().map(|(engine, _)| engine).collect();
    let of_newer = names.iter().filter(|name| name.contains("3.14")).count();
    assert_eq!((names.len(), of_newer), (4, 2), "{names:?}");
}

#[test]
fn an_engine_that_one_of_several_pythons_lacks_is_left_out_there() {
    let scene = scene();
    let newer = newer_python("3.14").display().to_string();

    let both = python(
        &scene,
        "f.py:square -j 2 -e threads,interpreters --export run.json",
        &format!("{newer},python3"),
    );
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert!(
        both.stderr.contains("interpreters@") && both.stderr.contains("the rest was measured"),
        "{}",
        both.stderr
    );
    let counts = ["serial", "threads", "interpreters"].map(|engine| count(&scene, engine));
    assert_eq!(counts, [2, 2, 1], "{:?}", arms(&scene));

    let alone = python(&scene, "f.py:square -j 2 -e interpreters", "python3");
    assert!(alone.error().contains("interpreters"), "{}", alone.stderr);
}
