//! What bad input gets: one line that names the value and the way out, exit code 2, and nothing left behind.

use std::path::Path;

use serde_json::Value;

use super::harness::{Finished, Scene, repository};

/// Runs `line`, which must fail before it does anything, and returns its one line.
#[track_caller]
fn error_of(line: &str) -> String {
    let scene = Scene::new();
    let finished = scene.run(line);
    assert_eq!(finished.stdout, "", "{line}");
    assert_eq!(scene.names(), [""; 0], "`{line}` left something behind");
    finished.error().to_owned()
}

#[test]
fn a_value_out_of_range_is_named_with_its_range() {
    for (line, expected) in [
        (
            "fib --size -1",
            "invalid value '-1' for '--size <N>': must be a whole number from 0 to 10000000",
        ),
        (
            "fib --size 1e-6",
            "invalid value '1e-6' for '--size <N>': must be a whole number from 0 to 10000000",
        ),
        (
            "fib --tasks 0",
            "invalid value '0' for '--tasks <N>': must be a whole number from 1 to 1000000",
        ),
        (
            "fib --keep most",
            "invalid value 'most' for '--keep <WHAT>'; [possible values: all, last]",
        ),
        (
            "pi --samples 0",
            "invalid value '0' for '--samples <N>': must be a whole number from 1 to 1000000000000",
        ),
        (
            "pi -j 2000",
            "invalid value '2000' for '--workers <N>': must be workers from 1 to 1024: 4, or a list such as 1,2,4, or a range such as 1..8 (both ends included), or max, or sweep",
        ),
        (
            "pi -r 0",
            "invalid value '0' for '--rounds <N>': must be a whole number from 1 to 1000000",
        ),
        (
            "pi --max-time soon",
            "invalid value 'soon' for '--max-time <TIME>': must be a time such as 10s, 500ms or 2m",
        ),
        (
            "pi --memory much",
            "invalid value 'much' for '--memory <SIZE>': must be a size such as 512MiB, 8GB or a number of bytes",
        ),
        (
            "all --fib-size x",
            "invalid value 'x' for '--fib-size <N>': must be a whole number from 0 to 10000000",
        ),
        (
            "all --pi-tasks -2",
            "invalid value '-2' for '--pi-tasks <N>': must be a whole number from 1 to 1000000",
        ),
    ] {
        assert_eq!(error_of(line), expected, "{line}");
    }
}

#[test]
fn image_values_out_of_range_are_named() {
    for (flag, value) in [
        ("count", "0"),
        ("side", "0"),
        ("quality", "101"),
        ("crop", "0"),
        ("flip", "1.5"),
        ("std", "1,0,1"),
    ] {
        let error = error_of(&format!("image --{flag} {value}"));
        let expected = format!("invalid value '{value}' for '--{flag} <");
        assert!(error.starts_with(&expected), "{error}");
        let error = error_of(&format!("all --image-{flag} {value}"));
        assert!(
            error.starts_with(&format!("invalid value '{value}' for '--image-{flag} <")),
            "{error}"
        );
    }
}

#[test]
fn a_word_that_means_nothing_is_named_with_a_tip() {
    assert_eq!(
        error_of("fob"),
        "unrecognized subcommand 'fob'; tip: a similar subcommand exists: 'fib'"
    );
    assert_eq!(
        error_of("--quick"),
        "unexpected argument '--quick' found; tip: options follow a subcommand, such as `all`"
    );
    assert!(error_of("pi --sample 1").contains("tip: a similar argument exists: '--samples'"));
    assert_eq!(
        error_of("pi -r 3 --max-time 1s"),
        "the argument '--rounds <N>' cannot be used with '--max-time <TIME>'"
    );
}

#[test]
fn a_word_for_another_subcommand_is_put_right() {
    for (line, tip) in [
        ("all --size 100", "; tip: write --fib-size"),
        ("check --side 100", "; tip: write --image-side"),
        ("all --tasks 3", "; tip: write --fib-tasks or --pi-tasks"),
        ("image pics", "; tip: write --input pics"),
        ("all ./pics", "; tip: write --image-input ./pics"),
        ("check base.json", "; tip: write --baseline base.json"),
        ("pi --pi-samples 9", "; tip: write --samples"),
        (
            "all --only pi",
            "; tip: each workload is a subcommand of its own",
        ),
    ] {
        let error = error_of(line);
        assert!(
            error.starts_with("unexpected argument '") && error.ends_with(tip),
            "{line}: {error}"
        );
    }
    assert_eq!(
        error_of("comprehend bash"),
        "unrecognized subcommand 'comprehend'; tip: `help` lists the subcommands"
    );
    assert_eq!(
        error_of("check"),
        "check needs something to compare with: --baseline FILE.json repeats a stored run here (`all --save-baseline \
         FILE.json` stores one), --against BINARY takes turns with another parbench"
    );
}

#[test]
fn a_misspelt_format_is_refused_everywhere() {
    for line in [
        "pi",
        "all",
        "check --baseline b.json",
        "compare a.json b.json",
        "report a.json",
        "noise",
        "overhead",
    ] {
        let error = error_of(&format!("{line} --export jsn:x.json"));
        let says =
            "unknown format 'jsn': did you mean json?; a file of this name is written ./jsn:x.json";
        assert_eq!(
            error,
            format!("invalid value 'jsn:x.json' for '--export <FILE>': {says}"),
            "{line}"
        );
        let error = error_of(&format!("{line} --export -"));
        assert!(
            error.contains("stdout needs a format: write json:-"),
            "{line}: {error}"
        );
    }
    // Tried before an hour of measuring.
    let error = error_of("noise --only pi --pi-samples 1000000000000 --export no/such/n.json");
    assert_eq!(
        error,
        "cannot write no/such/n.json: there is no folder no/such"
    );

    let scene = Scene::new();
    let finished = scene.run("pi --samples 1000 --tasks 2 -r 1 -q --export ./jsn:x.json");
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    assert_eq!(scene.names(), ["jsn:x.json"]);
}

#[test]
fn counts_have_short_forms_and_memory_needs_a_unit() {
    let scene = Scene::new();
    let run = scene.exported("pi --samples 2k --tasks 2 -j 1-2 -r 1");
    assert_eq!(run["measurements"][0]["params"]["samples"], 2000);
    assert_eq!(run["measurements"][0]["arms"][2]["workers"], 2);
    assert_eq!(
        scene.exported("pi --samples 1e3 -r 1")["measurements"][0]["params"]["samples"],
        1000
    );
    let error = error_of("fib --memory 4");
    assert!(
        error.ends_with("4 B is less than any task needs; write the unit: 4MB or 4GB"),
        "{error}"
    );
}

#[test]
fn an_unknown_format_lists_the_known_ones() {
    let error = error_of("pi --export run.yaml");
    assert!(error.starts_with(
        "invalid value 'run.yaml' for '--export <FILE>': no known format; known are json, csv, md"
    ));
    let error = error_of("pi --chart run.pdf");
    assert!(error.contains("known are svg, png"), "{error}");
}

#[test]
fn an_output_that_cannot_be_written_fails_before_measuring() {
    // Measuring would take an hour.
    let error = error_of("pi --max-time 1h --export no/such/run.json");
    assert_eq!(
        error,
        "cannot write no/such/run.json: there is no folder no/such"
    );
    let error = error_of("pi --max-time 1h --chart svg:.");
    assert_eq!(error, "cannot write .: it is a folder; name a file in it");
}

#[test]
fn a_list_that_cannot_fit_in_memory_says_how_much_and_what_to_do() {
    let error = error_of("fib --memory 1GB");
    assert_eq!(
        error,
        "fib: a task of 200000 terms needs 1.75 GB of memory, this run may use 1.00 GB; \
         use --keep last, --size 151257 or less, or more --memory"
    );
}

#[test]
fn advice_that_cannot_help_is_not_given() {
    let error = error_of("fib --memory 1B");
    assert_eq!(
        error,
        "fib: a task of 200000 terms needs 1.75 GB of memory, this run may use 1 B; use more --memory"
    );
}

#[test]
fn a_file_that_is_no_run_is_refused_plainly() {
    let good = Scene::new();
    assert_eq!(
        good.run("pi --samples 100 -r 1 -w 0 -q --export run.json")
            .code,
        Some(0)
    );
    let text = good.read("run.json");
    let scene = Scene::new();
    scene.write("cut.json", &text[..text.len() / 2]);
    scene.write("text.json", "hello");
    scene.write("empty.json", "");
    scene.write("other.json", "{\"a\": 1}");
    scene.write(
        "newer.json",
        text.replace("\"schema_version\": 3", "\"schema_version\": 4"),
    );
    scene.write(
        "negative.json",
        text.replace("\"wall_s\": ", "\"wall_s\": -"),
    );
    for (file, expected) in [
        (
            "cut.json",
            "cut.json is truncated: it ends inside the JSON text at line ",
        ),
        (
            "text.json",
            "text.json is not JSON (expected value at line 1 column 1)",
        ),
        ("empty.json", "empty.json is not JSON"),
        (
            "other.json",
            "other.json is JSON but no stored parbench run: it has no `schema_version`",
        ),
        (
            "newer.json",
            "newer.json has schema version 4, and this parbench reads version 3: use the newer parbench that wrote it, or measure again",
        ),
        (
            "negative.json",
            "negative.json is JSON but no stored parbench run: measurement `pi` has a time of -",
        ),
        (
            "missing.json",
            "cannot read missing.json: No such file or directory",
        ),
    ] {
        let finished = scene.run(&format!("report {file} --export csv:out.csv"));
        assert_eq!(finished.stdout, "");
        let error = finished.error();
        assert!(error.starts_with(expected), "{error}");
        assert!(!scene.path("out.csv").exists());
    }
}

/// Files that are not a stored run, and how the error begins.
const NOT_RUNS: [(&str, &str); 9] = [
    (
        "word.json",
        "word.json is JSON but no stored parbench run: measurements[0].arms[1].workers: invalid type: string \"many\", expected a whole number",
    ),
    (
        "zero.json",
        "zero.json is JSON but no stored parbench run: measurement `pi` has a time of 0 s on engine serial",
    ),
    (
        "ages.json",
        "ages.json is JSON but no stored parbench run: measurement `pi` has a time of 1e300 s in \
         measurements[0].rounds[0].times[1].wall_s",
    ),
    (
        "twice.json",
        "twice.json is JSON but no stored parbench run: it holds `pi` on engine pool with ",
    ),
    (
        "bom.json",
        "bom.json begins with a byte order mark (BOM); store it as UTF-8 without such a mark",
    ),
    (
        "utf16.json",
        "utf16.json is UTF-16 text, as PowerShell's `>` writes it; store it as UTF-8",
    ),
    (
        "overhead.json",
        "overhead.json is JSON but no stored parbench run: it was stored by `parbench overhead`",
    ),
    (
        "noise.json",
        "noise.json is JSON but no stored parbench run: it was stored by `parbench noise`",
    ),
    (
        "doctor.json",
        "doctor.json is JSON but no stored parbench run: it was printed by `parbench doctor --json`",
    ),
];

#[test]
fn a_file_of_another_kind_or_an_edited_run_says_what_is_wrong() {
    let good = Scene::new();
    assert_eq!(
        good.run("pi --samples 100 -r 1 -w 0 -q --export run.json")
            .code,
        Some(0)
    );
    let text = good.read("run.json");
    let scene = Scene::new();
    let edited = |edit: fn(&mut Value)| {
        let mut run: Value = serde_json::from_str(&text).unwrap();
        edit(&mut run);
        run.to_string()
    };
    scene.write(
        "zero.json",
        edited(|run| run["measurements"][0]["rounds"][0]["times"][0]["wall_s"] = 0.0.into()),
    );
    scene.write(
        "ages.json",
        edited(|run| run["measurements"][0]["rounds"][0]["times"][1]["wall_s"] = 1e300.into()),
    );
    scene.write(
        "word.json",
        edited(|run| run["measurements"][0]["arms"][1]["workers"] = "many".into()),
    );
    let twice = |run: &mut Value| {
        let measurements = run["measurements"].as_array_mut().unwrap();
        measurements.push(measurements[0].clone());
    };
    scene.write("twice.json", edited(twice));
    scene.write("bom.json", format!("\u{feff}{text}"));
    let utf16 = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes);
    scene.write("utf16.json", utf16.collect::<Vec<_>>());
    scene.write(
        "overhead.json",
        r#"{"parbench_version": "0.1.0", "engines": []}"#,
    );
    let noise = std::fs::read(repository().join("results/noise-idle.json")).unwrap();
    scene.write("noise.json", noise);
    scene.write("doctor.json", good.run("doctor --json").stdout);
    for (file, expected) in NOT_RUNS {
        let finished = scene.run(&format!("report {file} --export csv:out.csv"));
        assert_eq!(finished.stdout, "");
        let error = finished.error();
        assert!(error.starts_with(expected), "{error}");
        assert!(!scene.path("out.csv").exists());
    }
}

#[test]
fn a_bare_call_shows_the_help_and_fails() {
    let finished = Scene::new().run("");
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""));
    assert!(
        finished.stderr.contains("Usage: parbench <COMMAND>"),
        "{}",
        finished.stderr
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_keeps_the_old_file() {
    let scene = Scene::new();
    let finished = scene.run("pi --samples 100 -r 1 -w 0 -q --export json:/dev/full");
    assert!(
        finished.error().starts_with("cannot write /dev/full: "),
        "{}",
        finished.stderr
    );
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    for line in [
        "list",
        "--help",
        "--version",
        "version",
        "help",
        "help pi",
        "pi --help",
        "doctor",
        "doctor --json",
        "pi -r 1",
    ] {
        let stdout = full.try_clone().unwrap();
        let finished = Finished::from(scene.command(line).stdout(stdout).output().unwrap());
        assert!(
            finished.error().starts_with("cannot write to stdout: "),
            "{line}: {}",
            finished.stderr
        );
    }
}

#[test]
#[cfg(unix)]
fn a_closed_stdout_is_an_error_before_anything_is_measured() {
    let scene = Scene::new();
    let closed = |line: &str| {
        let mut shell = scene.command_of(Path::new("/bin/sh"), "-c");
        shell
            .args(["exec \"$0\" \"$@\" >&-", env!("CARGO_BIN_EXE_parbench")])
            .args(line.split_whitespace());
        Finished::from(shell.output().unwrap())
    };

    for line in [
        "list",
        "--help",
        "version",
        "pi --samples 100 -r 1",
        "pi --samples 100 -r 1 --export json:-",
        "pi --samples 100 -r 1 -q --export run.json --export csv:-",
        "noise --checks 1 --only pi --pi-samples 100",
        "check --baseline missing.json --export md:-",
    ] {
        assert_eq!(
            closed(line).error(),
            "cannot write to stdout: it is closed",
            "{line}"
        );
    }
    assert!(!scene.path("run.json").exists());

    let quiet = closed("pi --samples 100 -r 1 -w 0 -q --export run.json");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
    assert!(scene.path("run.json").exists());
}

#[test]
fn under_all_the_way_out_names_the_flags_of_all() {
    let line = "all --memory 1MB --fib-size 9000 --pi-samples 10 --image-count 1 --image-side 9 --image-crop 99 -r 1 -q";
    let finished = Scene::new().run(line);
    assert_eq!(finished.code, Some(2));
    for expected in [
        "use --fib-keep last, --fib-size ",
        "use a smaller --image-crop or a larger --image-padding",
    ] {
        assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    }
}

#[test]
fn a_typed_flag_beats_a_variable() {
    let scene = Scene::new().env("PARBENCH_WORKERS", "3");
    let run = |flags: &str| scene.exported(&format!("pi --samples 10 -r 1 {flags}"));
    assert_eq!(run("")["measurements"][0]["arms"][1]["workers"], 3);
    assert_eq!(run("-j 1")["measurements"][0]["arms"][1]["workers"], 1);
}

#[test]
fn the_plain_loop_is_no_engine_to_choose() {
    let tip = "; tip: the plain loop `serial` is measured beside every engine, so it is not named";
    assert!(error_of("pi --engine serial").ends_with(tip));

    let scene = Scene::new().env("PARBENCH_ENGINE", "serial");
    let finished = scene.run("pi");
    let error = finished.error();
    assert!(
        error.starts_with("invalid value 'serial' for 'PARBENCH_ENGINE'") && error.ends_with(tip),
        "{error}"
    );
    assert!(!scene.run("list").stdout.contains("\n  serial "));
}

#[test]
fn every_whole_number_has_short_forms_and_is_whole() {
    for (line, value) in [
        ("pi --samples 1.5", "1.5"),
        ("pi --samples 1m", "1m"),
        ("pi --samples -0", "-0"),
        ("pi -j 1.5", "1.5"),
        ("pi -r 1e-1", "1e-1"),
        ("pi --order-seed 0.5k5", "0.5k5"),
        ("image --seed 1.5", "1.5"),
        ("noise --checks 0.1", "0.1"),
    ] {
        let error = error_of(line);
        assert!(
            error.starts_with(&format!("invalid value '{value}' for '--")),
            "{error}"
        );
    }

    let run = Scene::new().exported(
        "pi --samples 1_000 --tasks 0.002k --seed 1e3 -r 1e0 -w 0 -j 1e0 --order-seed 2k --memory 1e9",
    );
    assert_eq!(run["sampling"]["order_seed"], 2000);
    assert_eq!(
        run["measurements"][0]["params"],
        serde_json::json!({"samples": 1000, "tasks": 2, "seed": 1000})
    );
}
