//! Words from outside: names with control characters, paths that are not UTF-8, variables that are set for other
//! programs. They are stored as they are, shown harmlessly, and never a reason to fail.

use serde_json::Value;

use super::harness::{Finished, Scene};

const QUICK: &str = "pi --samples 1000 --tasks 2 -j 2 -r 8 -w 1";
const PICTURES: &str = "image --count 2 --side 16 --crop 8 --padding 0 -j 2 -r 8 -w 1";

/// Whether `text` could do something to a terminal.
fn is_harmful(text: &str) -> bool {
    text.contains(|c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
}

#[track_caller]
fn harmless(finished: &Finished, line: &str) {
    for text in [&finished.stdout, &finished.stderr] {
        assert!(!is_harmful(text), "{line}: {text:?}");
    }
}

/// `run` with every text in it replaced by `text`, where it stays a run.
fn renamed(run: &Value, text: &str) -> Value {
    fn texts(value: &Value, pointer: String, into: &mut Vec<String>) {
        match value {
            Value::String(_) => into.push(pointer),
            Value::Array(values) => {
                let numbered = values.iter().enumerate();
                numbered
                    .for_each(|(index, value)| texts(value, format!("{pointer}/{index}"), into));
            }
            Value::Object(entries) => {
                entries
                    .iter()
                    .for_each(|(name, value)| texts(value, format!("{pointer}/{name}"), into));
            }
            _ => {}
        }
    }

    let mut pointers = Vec::new();
    texts(run, String::new(), &mut pointers);
    let mut renamed = run.clone();
    let mut replaced = 0;
    // Rounds hold nothing but figures and fixed words.
    for pointer in pointers
        .iter()
        .filter(|pointer| !pointer.contains("/rounds/"))
    {
        let mut attempt = renamed.clone();
        *attempt.pointer_mut(pointer).unwrap() = text.into();
        if serde_json::from_value::<parbench::results::Run>(attempt.clone()).is_ok() {
            renamed = attempt;
            replaced += 1;
        }
    }
    assert!(replaced > 8, "only {replaced} texts were replaced");
    renamed
}

#[test]
fn every_text_of_a_stored_run_is_shown_harmlessly_and_stays_as_it_is() {
    let nasty: String = (0..=0x9f)
        .filter_map(char::from_u32)
        .chain("\u{202e}\u{ffff}é".chars())
        .collect();
    let scene = Scene::new();
    let mut run = scene.exported(QUICK);
    run["problems"] = serde_json::json!([{"workload": "image", "message": "x"}]);
    let stored = renamed(&run, &nasty);
    scene.write("run.json", stored.to_string());

    let exports = "--export a.json --export a.csv --export a.md --export a.xml --export hyperfine:h.json \
                   --export bmf:b.json --export gab-time:g.json --chart a.svg --chart a.png";
    let line = format!("report run.json {exports}");
    let shown = scene.run(&line);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    harmless(&shown, &line);
    assert!(
        shown.stdout.contains("\\u{1b}") && shown.stderr.contains("\\u{1b}"),
        "{}",
        shown.stdout
    );
    for file in [
        "a.json", "a.csv", "a.md", "a.xml", "h.json", "b.json", "g.json", "a.svg",
    ] {
        assert!(!is_harmful(&scene.read(file)), "{file}");
    }
    for file in ["a.xml", "a.svg"] {
        roxmltree::Document::parse(&scene.read(file)).unwrap();
    }

    let again: Value = serde_json::from_str(&scene.read("a.json")).unwrap();
    assert_eq!(again["environment"], stored["environment"]);
    assert_eq!(again["problems"], stored["problems"]);
    assert_eq!(scene.run("report a.json --export b.json -q").code, Some(0));
    assert_eq!(scene.read("a.json"), scene.read("b.json"));

    let compared = scene.run("compare a.json b.json");
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    harmless(&compared, "compare");
}

#[test]
#[cfg(unix)]
fn a_folder_with_control_characters_is_measured_stored_and_loaded() {
    let scene = Scene::new();
    let folder = "pi\tcs\u{1b}[31m\nerror: forged";
    let run = |arguments: &[&str]| {
        let mut command = scene.command(PICTURES);
        Finished::from(command.args(arguments).output().unwrap())
    };
    let measured = run(&["--data-dir", folder, "--export", "run.json", "-v"]);
    assert_eq!((measured.code, measured.stderr.as_str()), (Some(0), ""));
    harmless(&measured, "image");
    let stored: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(stored["measurements"][0]["params"]["data_dir"], folder);

    for line in [
        "report run.json",
        "compare run.json run.json",
        "check --baseline run.json --no-confirm",
    ] {
        let finished = scene.run(line);
        assert!(
            matches!(finished.code, Some(0 | 1)),
            "{line}: {}",
            finished.stderr
        );
        harmless(&finished, line);
    }

    // A broken file is named on one line that nobody can forge.
    let pictures = scene.path(folder).join("noise-16x16-q60-n2-s42");
    std::fs::copy(
        pictures.join("noise-00000.jpg"),
        scene.write("in/a.jpg", ""),
    )
    .unwrap();
    scene.write("in/b\u{1b}]0;title\u{7}\nerror: all is well", "no picture");
    let broken = scene.run("image --input in --crop 8 --padding 0 -j 1 -r 1 --export broken.json");
    assert_eq!(broken.code, Some(2));
    let errors = broken
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .count();
    assert_eq!(
        (errors, broken.stderr.lines().count()),
        (1, 2),
        "{}",
        broken.stderr
    );
    harmless(&broken, "image --input");
    let shown = scene.run("report broken.json");
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    harmless(&shown, "report broken.json");

    let mut command = scene.command("report");
    let missing = Finished::from(command.arg("no\u{1b}[2Jfile\n.json").output().unwrap());
    assert!(
        missing
            .error()
            .starts_with("cannot read no\\u{1b}[2Jfile\\n.json: "),
        "{}",
        missing.stderr
    );
}

/// Runs `line` with further arguments that need not be UTF-8.
#[cfg(unix)]
fn run_with(scene: &Scene, line: &str, arguments: &[&[u8]]) -> Finished {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut command = scene.command(line);
    command.args(arguments.iter().map(|argument| OsStr::from_bytes(argument)));
    Finished::from(command.output().unwrap())
}

/// A path in the scene that need not be UTF-8.
#[cfg(unix)]
fn path_of(scene: &Scene, name: &[u8]) -> std::path::PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    scene.path("").join(OsStr::from_bytes(name))
}

#[test]
#[cfg(unix)]
fn paths_that_are_not_utf_8_reach_files_and_worker_processes() {
    let scene = Scene::new();

    // Parameters travel to worker processes, and the run that holds them is repeated.
    let arguments: &[&[u8]] = &[
        b"--data-dir",
        b"d\xe9",
        b"--save-tensors",
        b"t\xe9",
        b"--export",
        b"r\xe9.json",
        b"--export",
        b"md:m\xe9",
        b"--chart",
        b"c\xe9.svg",
    ];
    let measured = run_with(&scene, &format!("{PICTURES} --engine process"), arguments);
    assert_eq!((measured.code, measured.stderr.as_str()), (Some(0), ""));
    for name in [
        &b"d\xe9"[..],
        b"t\xe9/transforms.json",
        b"r\xe9.json",
        b"m\xe9",
        b"c\xe9.svg",
    ] {
        assert!(
            path_of(&scene, name).exists(),
            "{}",
            String::from_utf8_lossy(name)
        );
    }
    let stored = std::fs::read(path_of(&scene, b"r\xe9.json")).unwrap();
    let stored: Value = serde_json::from_slice(&stored).unwrap();
    let params = &stored["measurements"][0]["params"];
    assert_eq!(
        params["data_dir"],
        serde_json::json!({"percent_encoded": "d%E9"})
    );

    // The list of tensors names files that exist.
    let list = std::fs::read(path_of(&scene, b"t\xe9/transforms.json")).unwrap();
    let list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    for entry in &list {
        let path: parbench::results::StoredPath =
            serde_json::from_value(entry["file"].clone()).unwrap();
        assert!(path.as_path().is_file(), "{entry}");
    }
}

#[test]
#[cfg(unix)]
fn paths_that_are_not_utf_8_work_in_every_subcommand() {
    let scene = Scene::new();
    let made = run_with(
        &scene,
        PICTURES,
        &[b"--data-dir", b"d\xe9", b"--export", b"r\xe9.json"],
    );
    assert_eq!(made.code, Some(0), "{}", made.stderr);

    for (line, arguments) in [
        ("report", &[&b"r\xe9.json"[..]][..]),
        ("compare", &[b"r\xe9.json", b"r\xe9.json"]),
        ("check --no-confirm", &[b"--baseline", b"r\xe9.json"]),
        (
            "pi --samples 100 -r 1 --engine ray",
            &[b"--python", b"py\xe9"],
        ),
    ] {
        let finished = run_with(&scene, line, arguments);
        let expected = if line.contains("ray") {
            &[2][..]
        } else {
            &[0, 1]
        };
        assert!(
            expected.contains(&finished.code.unwrap()),
            "{line}: {}",
            finished.stderr
        );
        assert!(
            !finished.stderr.contains("UTF-8"),
            "{line}: {}",
            finished.stderr
        );
    }
    let missing = run_with(&scene, "image --crop 8", &[b"--input", b"no\xe9"]);
    assert!(
        missing.stderr.contains("cannot read the folder no\\xe9: "),
        "{}",
        missing.stderr
    );

    let saved = run_with(
        &scene,
        &format!("{QUICK} --tolerance 1000%"),
        &[b"--save-baseline", b"base\xe9.json"],
    );
    assert!(saved.stderr.contains("base\\xe9.json"), "{}", saved.stderr);
    let against = run_with(&scene, "check --only pi", &[b"--against", b"other\xe9"]);
    assert!(against.error().contains("other\\xe9"), "{}", against.stderr);
}

#[test]
fn a_variable_matters_only_where_it_is_used() {
    for address in [
        "auto",
        "http://127.0.0.1:8265",
        "ray://head:10001",
        "nonsense",
        "",
    ] {
        let scene = Scene::new().env("RAY_ADDRESS", address);
        let finished = scene.run("pi --samples 100 -r 8 -j 1 --export run.json");
        assert_eq!(
            (finished.code, finished.stderr.as_str()),
            (Some(0), ""),
            "{address}"
        );
        for line in [
            "report run.json",
            "check --baseline run.json --no-confirm",
            "list",
            "doctor",
            "--version",
        ] {
            let finished = scene.run(line);
            assert!(
                matches!(finished.code, Some(0 | 1)),
                "{address}: {line}: {}",
                finished.stderr
            );
        }
    }
}

#[test]
fn an_empty_variable_is_unset() {
    let mut scene = Scene::new()
        .env("RAY_ADDRESS", "")
        .env("SOURCE_DATE_EPOCH", "")
        .env("RUST_BACKTRACE", "");
    for name in [
        "WORKERS",
        "WARMUP",
        "MEMORY",
        "ISA",
        "ENGINE",
        "PYTHON",
        "TASK_TIMEOUT",
    ] {
        scene = scene.env(&format!("PARBENCH_{name}"), "");
    }
    let finished = scene.run("pi --samples 100 -r 1");
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    let finished = scene.run("overhead --help");
    assert_eq!(finished.code, Some(0));
}

#[test]
fn a_wrong_variable_is_named_and_not_a_flag() {
    for (name, value, says) in [
        ("PARBENCH_WORKERS", "abc", "must be workers from 1 to 1024"),
        ("PARBENCH_MEMORY", "lots", "must be a size"),
        (
            "PARBENCH_WARMUP",
            "-1",
            "must be a whole number from 0 to 1000",
        ),
        ("PARBENCH_ISA", "mmx", "mmx"),
        ("PARBENCH_TASK_TIMEOUT", "soon", "must be a time"),
        ("PARBENCH_ENGINE", "pol", "pol"),
    ] {
        let finished = Scene::new().env(name, value).run("pi --samples 100 -r 1");
        let error = finished.error();
        assert!(
            error.starts_with(&format!("invalid value '{value}' for '{name}'")),
            "{error}"
        );
        assert!(error.contains(says) && !error.contains("--"), "{error}");

        // What is typed is blamed for itself.
        let typed = Scene::new().env(name, value).run("pi --samples no");
        assert!(
            typed.error().contains("'--samples <N>'"),
            "{}",
            typed.stderr
        );
    }

    for (value, says) in [
        ("http://127.0.0.1:8265", "dashboard"),
        ("ray://h:10001", "Ray Client"),
        ("nonsense", "HOST:PORT"),
    ] {
        let finished = Scene::new()
            .env("RAY_ADDRESS", value)
            .run("pi --samples 100 -r 1 --engine ray");
        let error = finished.error();
        assert!(
            error.starts_with(&format!("invalid value '{value}' for 'RAY_ADDRESS': ")),
            "{error}"
        );
        assert!(error.contains(says), "{error}");
    }
}
