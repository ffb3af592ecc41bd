//! `check`, `compare`, `noise` and baselines, run as programs: verdicts as exit codes, and everything that
//! must never look like one. Slow-downs are so large, and tolerances for equals so wide, that no machine's
//! noise decides a test.

use super::harness::{Finished, Scene, repository};

/// A plan whose rounds take well under a millisecond.
const PLAN: &str = "pi --samples 20000 --tasks 2 -j 2 -r 12";
/// Nothing that equals differ by is above it.
const ANYTHING: &str = "--tolerance 1000%";

/// A scene with a baseline of [`PLAN`].
fn with_baseline() -> Scene {
    let scene = Scene::new();
    let made = scene.run(&format!("{PLAN} -q --export base.json"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    scene
}

fn this_binary() -> &'static str {
    env!("CARGO_BIN_EXE_parbench")
}

#[test]
fn a_great_slow_down_is_a_regression_and_equals_are_none() {
    let scene = with_baseline();
    let same = scene.run(&format!("check --baseline base.json {ANYTHING}"));
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    assert!(
        same.stdout.contains("Compared with base.json (parbench "),
        "{}",
        same.stdout
    );
    let slow = scene.run(
        "check --baseline base.json --inject-slowdown 40 --export now.json --export junit:j.xml",
    );
    assert_eq!(slow.code, Some(1), "{}{}", slow.stdout, slow.stderr);
    assert!(
        slow.stdout.contains("\nregressed: pi serial: "),
        "{}",
        slow.stdout
    );
    assert!(
        slow.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        slow.stdout
    );
    let run: serde_json::Value = serde_json::from_str(&scene.read("now.json")).unwrap();
    let judgement = &run["comparison"]["judgements"][0];
    assert_eq!(
        (&judgement["metric"], &judgement["outcome"]),
        (&"serial-time".into(), &"regressed".into())
    );
    assert!(
        judgement["again"][1]["low"].as_f64().unwrap() > 2.0,
        "two more passes confirmed it: {judgement}"
    );
    assert!(
        scene.read("j.xml").contains("<failure"),
        "{}",
        scene.read("j.xml")
    );
    let shown = scene.run("report now.json");
    assert!(
        shown.stdout.contains("Compared with base.json (parbench "),
        "{}",
        shown.stdout
    );
}

#[test]
fn against_another_binary_works_without_a_baseline() {
    let scene = Scene::new();
    let plan = "--only pi --pi-samples 20000 --pi-tasks 2 -j 2 -r 8";
    let same = scene.run(&format!(
        "check --against {} {plan} {ANYTHING}",
        this_binary()
    ));
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    assert!(
        same.flowing().contains("in turns on this machine"),
        "{}",
        same.stdout
    );
    let slow = scene.run(&format!(
        "check --against {} {plan} --inject-slowdown 40",
        this_binary()
    ));
    assert_eq!(slow.code, Some(1), "{}{}", slow.stdout, slow.stderr);
}

#[test]
fn a_program_that_is_not_in_path_but_here_is_written_with_a_dot() {
    let scene = Scene::new();
    scene.write("here", "");
    let done = scene.run("check --only pi --pi-samples 1000 --against here");

    assert_eq!(
        done.error(),
        "there is no program here in the folders of PATH; a file in this folder is ./here"
    );
}

#[test]
#[cfg(unix)]
fn another_program_is_no_verdict() {
    let scene = Scene::new();
    let against = |binary: &str, more: &str| {
        scene.run(&format!(
            "check --only pi --pi-samples 1000 --against {binary} {more}"
        ))
    };
    let error = |finished: &Finished| finished.error().to_owned();
    assert!(error(&against("/no/such/program", "")).starts_with("cannot run /no/such/program: "));
    let script = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = scene.write(name, format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    // Not `true`, which other systems keep elsewhere.
    let silent = script("silent.sh", "exit 0");
    assert_eq!(
        error(&against(&silent, "")),
        format!(
            "{silent} is not a parbench binary (or is older than 0.1): it ended with exit status: 0"
        )
    );
    let garbage = error(&against("/usr/bin/yes", ""));
    assert_eq!(
        garbage,
        "/usr/bin/yes is not a parbench binary (or is older than 0.1): it said \"turns\""
    );
    let greeting = r#"echo '{"parbench_turns":2,"version":"9.9.9","build_profile":"debug"}'; "#;
    let hanging = against(
        &script("hang.sh", "exec tail -f /dev/null"),
        "--timeout 100ms",
    );
    assert_eq!(hanging.code, Some(124), "{}", hanging.stderr);
    assert!(
        hanging
            .stderr
            .contains("hang.sh took more than 100ms to greet; use a longer --timeout")
    );
    let crashing = error(&against(
        &script(
            "crash.sh",
            &format!("{greeting}read x; echo boom >&2; exit 7"),
        ),
        "",
    ));
    assert!(
        crashing
            .ends_with("ended while it was supposed to prepare (exit status: 7), saying \"boom\""),
        "{crashing}"
    );
    let other = error(&against(
        &script("newer.sh", &greeting.replace(":2,", ":3,")),
        "",
    ));
    assert!(
        other.contains("is parbench 9.9.9 and speaks version 3 of the protocol for taking turns, this one version 2"),
        "{other}"
    );
}

#[test]
#[cfg(unix)]
fn another_binary_with_another_answer_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let scene = with_baseline();
    let run: serde_json::Value = serde_json::from_str(&scene.read("base.json")).unwrap();
    let mut measurement = run["measurements"][0].clone();
    let round = measurement["rounds"][1].to_string();
    measurement["answer"]["total_inside"] = 1.into();
    measurement["rounds"] = serde_json::json!([]);
    let profile = &run["environment"]["build_profile"];
    let script = format!(
        r#"#!/bin/sh
echo '{{"parbench_turns":2,"version":"0.0.1","build_profile":{profile}}}'
while read -r ask; do
  case "$ask" in
    *prepare*) echo '"ready"' ;;
    *round*) echo '{{"round":{round}}}' ;;
    *) echo '{{"measurement":{measurement}}}' ;;
  esac
done
"#
    );
    let liar = scene.write("liar.sh", script);
    std::fs::set_permissions(&liar, std::fs::Permissions::from_mode(0o755)).unwrap();
    let finished = scene.run("check --baseline base.json --against ./liar.sh");
    let expected = "pi has another answer in ./liar.sh: answer.total_inside is 1 and ";
    assert!(
        finished.error().starts_with(expected),
        "{}",
        finished.stderr
    );
}

/// Files that are not a baseline of `pi`, and how the error begins.
const MISFITS: [(&str, &str); 9] = [
    ("missing.json", "cannot read missing.json: "),
    ("cut.json", "cut.json is truncated: "),
    (
        "newer.json",
        "newer.json has schema version 9, and this parbench reads version 3: ",
    ),
    (
        "foreign.json",
        "foreign.json is JSON but no stored parbench run: ",
    ),
    (
        "answer.json",
        "pi has another answer in answer.json: answer.total_inside is ",
    ),
    (
        "workload.json",
        "workload.json holds the workload \"tau\", which this parbench does not know: ",
    ),
    (
        "release.json",
        "release.json was measured with a other build and this run with a ",
    ),
    (
        "rounds.json",
        "pi has 0 steady rounds in rounds.json; a statement about 3 metrics needs at least ",
    ),
    (
        "nothing.json",
        "nothing.json holds no measurement to compare with",
    ),
];

#[test]
fn a_baseline_that_does_not_fit_is_refused() {
    let scene = with_baseline();
    let text = scene.read("base.json");
    scene.write("cut.json", &text[..text.len() / 2]);
    scene.write(
        "newer.json",
        text.replace("\"schema_version\": 3", "\"schema_version\": 9"),
    );
    scene.write("foreign.json", "{\"results\": []}");
    scene.write(
        "params.json",
        text.replace(
            "\"samples\": 20000,\n        \"tasks\"",
            "\"samples\": 20001,\n        \"tasks\"",
        ),
    );
    scene.write(
        "answer.json",
        text.replace("\"total_inside\": ", "\"total_inside\": 1"),
    );
    scene.write(
        "workload.json",
        text.replace("\"workload\": \"pi\"", "\"workload\": \"tau\""),
    );
    scene.write(
        "release.json",
        text.replace(
            "\"build_profile\": \"debug\"",
            "\"build_profile\": \"other\"",
        ),
    );
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["measurements"][0]["rounds"]
        .as_array_mut()
        .unwrap()
        .clear();
    scene.write("rounds.json", value.to_string());
    value["measurements"].as_array_mut().unwrap().clear();
    scene.write("nothing.json", value.to_string());
    for (file, expected) in MISFITS {
        let finished = scene.run(&format!("check --baseline {file}"));
        let error = finished.error();
        assert!(error.starts_with(expected), "{error}");
    }
    let compared = scene.run("compare base.json params.json");
    let expected =
        "params.json: pi has other parameters in base.json: parameters.samples is 20000 and 20001";
    assert!(
        compared.error().starts_with(expected),
        "{}",
        compared.stderr
    );
}

#[test]
fn flags_that_do_not_fit_are_refused_before_measuring() {
    let scene = with_baseline();
    let before = scene.read("base.json");
    for (line, expected) in [
        (
            "check",
            "check needs something to compare with: --baseline FILE.json",
        ),
        (
            "check --baseline base.json --pi-samples 7",
            "--pi-samples cannot be used with --baseline: the plan is the one stored there",
        ),
        (
            "check --baseline base.json --precision 3%",
            "--precision cannot be used with --baseline: ",
        ),
        (
            "check --baseline base.json --metrics speedup",
            "invalid value 'speedup' for '--metrics <NAMES>'",
        ),
        (
            "check --baseline base.json --only fib",
            "base.json holds no measurement of the workload \"fib\"",
        ),
        (
            "check --baseline base.json --only tau",
            "invalid value 'tau' for '--only <NAMES>'",
        ),
        (
            "check --baseline base.json --tolerance -5",
            "invalid value '-5' for '--tolerance <PERCENT>': must be a share",
        ),
        (
            "check --baseline base.json --export json:./base.json",
            "./base.json is the baseline; export to another file",
        ),
        (
            "compare base.json base.json --export base.json",
            "base.json is the baseline; export to another file",
        ),
        (
            "pi --save-baseline base.json --export base.json",
            "base.json is the baseline; export to another file",
        ),
        (
            "noise --slowdowns much",
            "invalid value 'much' for '--slowdowns <PERCENTS>': must be a share",
        ),
    ] {
        let finished = scene.run(line);
        assert!(
            finished.error().starts_with(expected),
            "{line}: {}",
            finished.stderr
        );
    }
    assert_eq!(scene.read("base.json"), before);
}

#[test]
fn a_baseline_of_another_machine_gates_ratios_only() {
    let scene = with_baseline();
    let text = scene.read("base.json");
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["environment"]["cpu_model"] = "Another CPU".into();
    scene.write("cpu.json", value.to_string());
    let line = format!("check --baseline cpu.json {ANYTHING}");
    let other = scene.run(&line);
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(
        other.stdout.contains("only the speed-up is compared"),
        "{}",
        other.stdout
    );
    assert!(
        other.stdout.contains("note: CPU model: Another CPU, now "),
        "{}",
        other.stdout
    );
    assert!(!other.stdout.contains("serial"), "{}", other.stdout);
    assert_eq!(scene.run(&format!("{line} --strict")).code, Some(3));
    value["environment"]["cpu_model"] =
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["environment"]["cpu_model"]
            .clone();
    let isa = value["environment"]["cpu"]["isa"].clone();
    value["environment"]["cpu"]["isa"] = "another".into();
    scene.write("isa.json", value.to_string());
    let kernels = scene.run(&format!("check --baseline isa.json {ANYTHING}"));
    assert!(
        kernels
            .flowing()
            .contains("measured with another instruction set"),
        "{}",
        kernels.stdout
    );
    value["environment"]["cpu"]["isa"] = isa;
    value["environment"]["kernel"] = "0.1".into();
    scene.write("kernel.json", value.to_string());
    let calibrated = scene.run(&format!("check --baseline kernel.json {ANYTHING}"));
    assert!(
        calibrated
            .stdout
            .contains("times per calibration, wider bounds"),
        "{}",
        calibrated.stdout
    );
}

#[test]
fn a_baseline_is_saved_when_two_passes_agree() {
    let scene = Scene::new();
    let saved = scene.run(&format!(
        "{PLAN} -q --save-baseline base.json --force {ANYTHING}"
    ));
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    let sensitivity = "saved base.json: two passes agree; checks against it can ";
    assert!(saved.stderr.contains(sensitivity), "{}", saved.stderr);
    let run: serde_json::Value = serde_json::from_str(&scene.read("base.json")).unwrap();
    assert_eq!(
        run["measurements"][0]["rounds"].as_array().unwrap().len(),
        25,
        "a cold round and 12 of each pass"
    );
    let compared = scene.run("compare base.json base.json");
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    assert!(compared.stdout.contains("+0.0 ["), "{}", compared.stdout);
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let scene = with_baseline().env("GITHUB_ACTIONS", "true");
    let summary = scene.write("summary.md", "before\n");
    let scene = scene.env("GITHUB_STEP_SUMMARY", &summary.display().to_string());
    let slow = scene.run("check --baseline base.json --inject-slowdown 40");
    assert_eq!(slow.code, Some(1), "{}", slow.stderr);
    let annotations: Vec<_> = slow
        .stdout
        .lines()
        .filter(|line| line.starts_with("::"))
        .collect();
    assert!(
        annotations[0].starts_with("::error title=parbench%3A regressed")
            && annotations[0].contains("::pi serial: "),
        "{annotations:?}"
    );
    assert_eq!(annotations.len(), 1, "one is enough: {annotations:?}");
    let summary = scene.read("summary.md");
    assert!(
        summary.starts_with("before\n") && summary.contains("| regressed |"),
        "{summary}"
    );

    let fine = scene.run(&format!("check --baseline base.json {ANYTHING}"));
    assert_eq!(fine.code, Some(0), "{}", fine.stderr);
    // Beside other programs, a question may stay open, which is worth an annotation.
    let is_busy = fine.stdout.contains("other programs used");
    assert!(
        !fine.stdout.contains("::error") && (is_busy || !fine.stdout.contains("::")),
        "nothing to look at: {}",
        fine.stdout
    );
    let quiet = scene.run("check --baseline base.json --inject-slowdown 40 -q");
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn a_summary_that_cannot_be_written_does_not_change_the_verdict() {
    let scene = with_baseline()
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", "no/such/folder/s.md");
    let fine = scene.run(&format!("check --baseline base.json {ANYTHING}"));
    assert_eq!(fine.code, Some(0), "{}", fine.stderr);
    let expected = "warning: cannot append to the step summary no/such/folder/s.md: ";
    assert!(fine.stderr.contains(expected), "{}", fine.stderr);
}

#[test]
fn the_advice_of_more_rounds_can_be_followed() {
    let scene = with_baseline();
    let checked = scene.run(&format!(
        "check --baseline base.json {ANYTHING} -r 20 --export now.json"
    ));
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let run: serde_json::Value = serde_json::from_str(&scene.read("now.json")).unwrap();
    let rounds = run["measurements"][0]["rounds"].as_array().unwrap().len();
    assert_eq!(rounds, 21, "a cold round and 20 more");
    // Fewer than a statement needs are raised.
    let few = scene.run(&format!("check --baseline base.json {ANYTHING} -r 1"));
    assert_eq!(few.code, Some(0), "{}", few.stderr);
}

#[test]
fn what_is_named_decides_and_the_rest_is_shown() {
    let scene = with_baseline();
    let shown_only = |line: &str| scene.run(line).stdout.matches(" shown only\n").count();
    assert_eq!(
        shown_only("compare base.json base.json"),
        1,
        "the cost of an empty task"
    );
    assert_eq!(
        shown_only("compare base.json base.json --metrics task-overhead"),
        3,
        "all the others"
    );
    assert_eq!(
        shown_only(
            "check --baseline base.json --metrics serial,distributed,speed-up,task-overhead"
        ),
        0
    );
}

#[test]
fn too_little_memory_is_worded_for_the_flags_at_hand() {
    let scene = Scene::new();
    let made = scene.run("fib --size 3000 --tasks 2 -j 2 -r 8 -q --export base.json");
    assert_eq!(made.code, Some(0), "{}", made.stderr);

    let repeated = scene.run("check --baseline base.json --memory 100kB");
    let error = repeated.error();
    let (fact, advice) = error.split_once("; use ").unwrap();
    assert!(
        fact.starts_with("fib: a task of 3000 terms needs "),
        "{error}"
    );
    let expected = "more --memory, or measure a new baseline with keep last, or size ";
    assert!(advice.starts_with(expected), "{error}");

    let plan = "--only fib --fib-size 3000 --fib-tasks 2 -j 2 -r 8 --memory 100kB";
    let against = scene.run(&format!("check --against {} {plan}", this_binary()));
    let error = against.error();
    assert!(
        error.contains(" cannot prepare: a task of 3000 terms needs "),
        "{error}"
    );
    assert!(
        error.contains("; use --fib-keep last, --fib-size "),
        "{error}"
    );
}

#[test]
fn what_holds_one_comparison_says_so_where_there_are_several() {
    let scene = Scene::new();
    let line = "pi --samples 1000 --tasks 2 -r 8 -q --export a.json";
    assert_eq!(scene.run(line).code, Some(0));

    let compared = scene.run("compare a.json a.json a.json --export m.md --export m.html");
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    assert!(
        compared
            .stderr
            .contains("m.md holds the last comparison only, that of a.json;"),
        "{}",
        compared.stderr
    );
    assert!(!compared.stderr.contains("m.html"), "{}", compared.stderr);
    let single = scene.run("compare a.json a.json --export m.md");
    assert!(!single.stderr.contains("m.md"), "{}", single.stderr);
}

#[test]
fn the_published_run_can_be_compared() {
    let scene = Scene::new();
    let reference = repository().join("results/reference.json");
    let compared = scene.run(&format!("compare {0} {0}", reference.display()));
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    assert!(
        compared.stdout.contains("verdict: ok"),
        "{}",
        compared.stdout
    );
}

#[test]
fn noise_counts_alarms_and_misses() {
    let scene = Scene::new();
    let plan = "--only pi --pi-samples 20000 --pi-tasks 2 -j 2 -r 12";
    let told = scene.run(&format!(
        "noise --checks 2 --slowdowns 1000% {plan} --export noise.json"
    ));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(
        told.stdout.contains("false alarms") && told.stdout.contains("+1000 % missed"),
        "{}",
        told.stdout
    );
    let noise: serde_json::Value = serde_json::from_str(&scene.read("noise.json")).unwrap();
    let flat = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("of 2 false alarms; at most "), "{flat}");
    assert!(
        told.stderr
            .contains("note: 4 checks, without a change and with +1000 %, in 2 turns"),
        "{}",
        told.stderr
    );
    assert!(
        !told.stdout.contains("supported"),
        "two checks show nothing: {}",
        told.stdout
    );
    assert!(noise["supported_tolerance"].is_null());
    assert_eq!(noise["checks"].as_array().unwrap().len(), 4);
    assert_eq!(noise["rates"][0]["false_alarms"]["trials"], 2);
    assert_eq!(
        noise["rates"][6]["misses"][0][1]["hits"], 0,
        "ten times as long is not missed"
    );
}

#[test]
fn the_hidden_subcommand_says_whom_it_is_for() {
    use std::io::Write;
    use std::process::Stdio;
    let scene = Scene::new();
    let mut command = scene.command("turns");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let finished = Finished::from(child.wait_with_output().unwrap());
    assert!(
        finished.stdout.starts_with("{\"parbench_turns\":2,"),
        "{}",
        finished.stdout
    );
    let expected = "`turns` is for a parbench that compares two programs; its first line asks to prepare a case";
    assert_eq!(finished.error(), expected);
    assert!(!scene.run("--help").stdout.contains("turns"));
}
