//! What bad input gets: one line that names the value and the way out, exit code 2, and nothing left behind.

use super::harness::Scene;

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
        ("fib --size -1", "invalid value '-1' for '--size <N>': must be a whole number from 0 to 10000000"),
        ("fib --size 1e6", "invalid value '1e6' for '--size <N>': must be a whole number from 0 to 10000000"),
        ("fib --tasks 0", "invalid value '0' for '--tasks <N>': must be a whole number from 1 to 1000000"),
        ("fib --keep most", "invalid value 'most' for '--keep <WHAT>'; [possible values: all, last]"),
        (
            "pi --samples 0",
            "invalid value '0' for '--samples <N>': must be a whole number from 1 to 1000000000000",
        ),
        (
            "pi -j 2000",
            "invalid value '2000' for '--workers <N>': must be workers from 1 to 1024: 4, 1,2,4, 1..8, or max",
        ),
        ("pi -r 0", "invalid value '0' for '--rounds <N>': must be a whole number from 1 to 1000000"),
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
    for (flag, value) in
        [("count", "0"), ("side", "0"), ("quality", "101"), ("crop", "0"), ("flip", "1.5"), ("std", "1,0,1")]
    {
        let error = error_of(&format!("image --{flag} {value}"));
        let expected = format!("invalid value '{value}' for '--{flag} <");
        assert!(error.starts_with(&expected), "{error}");
        let error = error_of(&format!("all --image-{flag} {value}"));
        assert!(error.starts_with(&format!("invalid value '{value}' for '--image-{flag} <")), "{error}");
    }
}

#[test]
fn a_word_that_means_nothing_is_named_with_a_tip() {
    assert_eq!(error_of("fob"), "unrecognized subcommand 'fob'; tip: a similar subcommand exists: 'fib'");
    assert!(error_of("pi --sample 1").contains("tip: a similar argument exists: '--samples'"));
    assert_eq!(
        error_of("pi -r 3 --max-time 1s"),
        "the argument '--rounds <N>' cannot be used with '--max-time <TIME>'"
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
    assert_eq!(error, "cannot write no/such/run.json: there is no folder no/such");
    let error = error_of("pi --max-time 1h --chart svg:.");
    assert_eq!(error, "cannot write .: it is a folder; name a file in it");
}

#[test]
fn a_list_that_cannot_fit_in_memory_says_how_much_and_what_to_do() {
    let error = error_of("fib --memory 1GB");
    assert_eq!(
        error,
        "fib: a task of --size 200000 needs 1.74 GB of memory, this run may use 1.00 GB: \
         use --keep last, --size 151349 or less, or grant more with --memory"
    );
}

#[test]
fn a_file_that_is_no_run_is_refused_plainly() {
    let good = Scene::new();
    assert_eq!(good.run("pi --samples 100 -r 1 -w 0 -q --export run.json").code, Some(0));
    let text = good.read("run.json");
    let scene = Scene::new();
    scene.write("cut.json", &text[..text.len() / 2]);
    scene.write("text.json", "hello");
    scene.write("empty.json", "");
    scene.write("other.json", "{\"a\": 1}");
    scene.write("newer.json", text.replace("\"schema_version\": 2", "\"schema_version\": 3"));
    scene.write("negative.json", text.replace("\"serial_s\": ", "\"serial_s\": -"));
    for (file, expected) in [
        ("cut.json", "cut.json is truncated: it ends inside the JSON text at line "),
        ("text.json", "text.json is not JSON (expected value at line 1 column 1)"),
        ("empty.json", "empty.json is not JSON"),
        ("other.json", "other.json is JSON but no stored parbench run: it has no `schema_version`"),
        (
            "newer.json",
            "newer.json has schema version 3, this parbench reads version 2; use the parbench that wrote it",
        ),
        (
            "negative.json",
            "negative.json is JSON but no stored parbench run: measurement `pi` has a time of -",
        ),
        ("missing.json", "cannot read missing.json: No such file or directory"),
    ] {
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
    assert!(finished.stderr.contains("Usage: parbench <COMMAND>"), "{}", finished.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_keeps_the_old_file() {
    let scene = Scene::new();
    let finished = scene.run("pi --samples 100 -r 1 -w 0 -q --export json:/dev/full");
    assert!(finished.error().starts_with("cannot write /dev/full: "), "{}", finished.stderr);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = scene.command("list").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: cannot write to stdout: "), "{error}");
}

#[test]
fn under_all_the_way_out_names_the_flags_of_all() {
    let line = "all --memory 1MB --fib-size 9000 --pi-samples 10 --image-count 1 --image-side 9 --image-crop 99 -r 1 -q";
    let finished = Scene::new().run(line);
    assert_eq!(finished.code, Some(2));
    for expected in ["--fib-keep last, --fib-size ", "--image-crop or a larger --image-padding"] {
        assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    }
}

#[test]
fn a_typed_flag_beats_a_variable_and_a_wrong_variable_is_an_error() {
    let scene = Scene::new().env("PARBENCH_WORKERS", "3");
    let run = |flags: &str| scene.exported(&format!("pi --samples 10 -r 1 {flags}"));
    assert_eq!(run("")["measurements"][0]["workers"], 3);
    assert_eq!(run("-j 1")["measurements"][0]["workers"], 1);
    let wrong = Scene::new().env("PARBENCH_MEMORY", "lots").run("pi -r 1");
    assert!(wrong.error().starts_with("invalid value 'lots' for '--memory <SIZE>'"), "{}", wrong.stderr);
}
