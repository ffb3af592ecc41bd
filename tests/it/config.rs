//! `parbench.toml` as a repository has it: what needs no flags, what counts first, and whose commands are run.

use serde_json::Value;

use super::harness::{Finished, Scene};

/// Settings whose rounds take well under a millisecond; nothing that equals differ by is above the tolerance.
const QUICK: &str = "workers = 2\nrounds = 12\ntolerance = \"1000%\"\n";
const PI: &str = "[pi]\nsamples = 20_000\ntasks = 2\n";

fn well(finished: Finished) -> Finished {
    assert_eq!(
        finished.code,
        Some(0),
        "{}{}",
        finished.stdout,
        finished.stderr
    );
    finished
}

fn with_config(text: &str) -> Scene {
    let scene = Scene::new();
    scene.write("parbench.toml", text);
    scene
}

fn measured(scene: &Scene, line: &str) -> Vec<Value> {
    let run = scene.exported(&format!("{line} -q"));
    run["measurements"].as_array().unwrap().clone()
}

#[test]
fn a_check_in_a_repository_needs_no_flags() {
    let scene = with_config(&format!("baseline = \"bench/base.json\"\n{QUICK}{PI}"));
    let first = scene.run("check");
    assert!(
        first.error().starts_with("cannot read bench/base.json: "),
        "{}",
        first.stderr
    );

    std::fs::create_dir(scene.path("bench")).unwrap();
    let made = well(scene.run("all -v --export bench/base.json"));
    assert_eq!(
        made.stderr,
        "note: parbench.toml lists pi and sets workers, rounds, tolerance, samples, tasks\n"
    );
    let checked = well(scene.run("check -v --export now.json"));
    assert!(
        checked.stdout.contains("Compared with bench/base.json"),
        "{}",
        checked.stdout
    );
    let run: Value = serde_json::from_str(&scene.read("now.json")).unwrap();
    assert_eq!(run["measurements"].as_array().unwrap().len(), 1);
    assert_eq!(run["measurements"][0]["params"]["samples"], 20_000);

    let slow = scene.run("check --inject-slowdown 40 --no-confirm -q --tolerance 10%");
    assert_eq!((slow.code, slow.stderr.as_str()), (Some(1), ""));
    let typed = scene.run("check --no-config");
    assert!(
        typed
            .error()
            .starts_with("check needs something to compare with")
    );
}

#[test]
fn a_baseline_of_something_else_is_refused_before_anything_is_measured() {
    let scene = with_config(&format!("baseline = \"base.json\"\n{QUICK}{PI}"));
    well(scene.run("all -q --export base.json"));
    scene.write(
        "parbench.toml",
        format!("baseline = \"base.json\"\n{QUICK}[pi]\nsamples = 30_000\ntasks = 2\n"),
    );

    let other = scene.run("check -q");
    assert_eq!(
        other.error(),
        "base.json holds no measurement of pi with these parameters: `all --save-baseline` measures a new baseline"
    );
    assert_eq!(scene.names(), ["base.json", "parbench.toml"]);
    // A typed baseline is repeated as it is stored.
    well(scene.run("check -q --baseline base.json"));
}

#[test]
fn what_the_file_says_gives_way_where_a_baseline_has_no_use_for_it() {
    let scene = with_config("baseline = \"base.json\"\nmax-time = \"10s\"\n");
    well(scene.run("fib --size 100 -r 8 -q --no-config --export base.json"));

    well(scene.run("check -q --no-confirm --tolerance 1000%"));
    let typed = scene.run("check --max-time 10s");
    assert!(
        typed.error().contains("which --max-time does not limit"),
        "{}",
        typed.stderr
    );
}

#[test]
fn a_flag_counts_before_a_variable_and_a_variable_before_the_file() {
    let text = "workers = [1, 2]\nrounds = 2\nwarmup = 2\n[pi]\nsamples = 1000\ntasks = 2\n";
    let workers = |scene: &Scene, line: &str| -> Vec<u64> {
        let measurements = measured(scene, line);
        let arms = measurements[0]["arms"].as_array().unwrap();
        arms.iter()
            .skip(1)
            .map(|arm| arm["workers"].as_u64().unwrap())
            .collect()
    };
    let scene = with_config(text);
    assert_eq!(workers(&scene, "pi"), [1, 2]);
    assert_eq!(workers(&scene, "pi -j 3"), [3]);
    assert_eq!(scene.exported("pi -q")["sampling"]["warmup"], 2);

    let scene = Scene::new()
        .env("PARBENCH_WORKERS", "4")
        .env("PARBENCH_WARMUP", "");
    scene.write("parbench.toml", text);
    assert_eq!(workers(&scene, "pi"), [4]);
    assert_eq!(workers(&scene, "pi -j 3"), [3]);
    assert_eq!(scene.exported("pi -q")["sampling"]["warmup"], 2);
}

#[test]
fn the_file_is_found_above_and_its_paths_begin_there() {
    let scene = with_config(&format!("baseline = \"base.json\"\n{QUICK}{PI}"));
    std::fs::create_dir_all(scene.path("a/b")).unwrap();
    well(scene.run("all -q --export base.json"));
    let below = |line: &str| {
        let mut command = scene.command(line);
        Finished::from(command.current_dir(scene.path("a/b")).output().unwrap())
    };

    assert!(
        below("check").error().starts_with("check needs something"),
        "no repository, nothing above"
    );
    std::fs::create_dir(scene.path(".git")).unwrap();
    let found = well(below("check -v"));
    assert!(
        found
            .stderr
            .contains("parbench.toml lists pi and sets baseline"),
        "{}",
        found.stderr
    );
    scene.write("a/b/parbench.toml", "");
    assert!(
        below("check").error().starts_with("check needs something"),
        "the nearest one counts"
    );
    well(below("check -q --config ../../parbench.toml"));

    let missing = below("check --config none.toml");
    assert!(
        missing.error().starts_with("cannot read none.toml: "),
        "{}",
        missing.stderr
    );
    let endless = below("check --config /dev/zero");
    assert_eq!(
        endless.error(),
        "cannot read /dev/zero: it is longer than 16.8 MB, which no parbench.toml is"
    );
    let both = below("check --config x --no-config");
    assert!(
        both.error().contains("cannot be used with"),
        "{}",
        both.stderr
    );
    scene.write("a/b/parbench.toml", b"tolerance = \"\xff\"");
    assert!(
        below("check")
            .error()
            .starts_with("cannot read parbench.toml: ")
    );
}

#[test]
fn what_is_wrong_in_the_file_is_one_line_for_every_subcommand_that_reads_it() {
    let scene = with_config("[check]\n# fine\ntolerence = \"5%\"\n").env("PATH", "/usr/bin:/bin");
    for line in ["check", "all", "pi", "noise", "overhead", "compare a b"] {
        assert_eq!(
            scene.run(line).error(),
            "parbench.toml:3: unknown key 'tolerence' in [check]; tip: write 'tolerance'",
            "{line}"
        );
    }

    // What does not read it, and help, go on.
    let cmd = "cmd --repeat 1 -r 2 -j 1 -- true";
    for line in ["list", "doctor", "check --help", "check -h", cmd] {
        well(scene.run(line));
    }
    assert!(
        scene
            .run("check --colour")
            .error()
            .contains("unexpected argument '--colour'")
    );
}

#[test]
fn what_is_planned_twice_is_refused_before_it_is_measured() {
    let command = "[[cmd]]\ncommand = \"true\"\nrepeat = 2\n";
    let scene = with_config(&format!(
        "{command}workers = [1, 2]\n{command}workers = 2\n"
    ))
    .env("PATH", "/usr/bin:/bin");

    let refused = scene.run("all --export run.json");
    assert_eq!(
        refused.error(),
        "cmd on pool with 2 workers is planned twice: leave one of them out"
    );
    assert!(!scene.path("run.json").exists());
}

#[test]
#[cfg(unix)]
fn the_files_own_commands_are_run_and_those_of_a_baseline_are_not() {
    let listed = |command: &str| {
        format!("baseline = \"base.json\"\n{QUICK}[[cmd]]\ncommand = \"{command}\"\nrepeat = 2\n")
    };
    let scene = Scene::new().env("PATH", "/usr/bin:/bin");
    scene.write("parbench.toml", listed("true"));
    well(scene.run("all -q --export base.json"));
    well(scene.run("check -q"));

    // Another command in the file: the baseline is not of it, and neither is run.
    scene.write("parbench.toml", listed("touch ran"));
    let other = scene.run("check -q");
    assert!(
        other
            .error()
            .starts_with("base.json holds no measurement of cmd with these"),
        "{}",
        other.stderr
    );
    // A baseline alone says what was run once, and may come from anybody.
    let stored = scene.read("base.json").replace("\"true\"", "\"touch\"");
    scene.write("base.json", stored);
    scene.write(
        "parbench.toml",
        format!("baseline = \"base.json\"\n{QUICK}"),
    );
    for line in ["check", "check --no-config --baseline base.json"] {
        let refused = scene.run(line);
        assert!(
            refused
                .error()
                .contains("use --allow-commands if you want that"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(scene.names(), ["base.json", "parbench.toml"]);
}

#[test]
fn each_workload_has_its_own_engines_and_workers_unless_others_are_typed() {
    let text = "rounds = 2\nworkers = 2\n[fib]\nsize = 100\nworkers = [1, 3]\n[pi]\nsamples = 1000\ntasks = 2\nengine = \"process\"\n";
    let scene = with_config(text);
    let arms = |line: &str| -> Vec<Vec<String>> {
        let label = |arm: &Value| format!("{} {}", arm["engine"].as_str().unwrap(), arm["workers"]);
        let of = |measurement: &Value| {
            let arms = measurement["arms"].as_array().unwrap();
            arms.iter().skip(1).map(label).collect()
        };
        measured(&scene, line).iter().map(of).collect()
    };

    assert_eq!(arms("all"), [vec!["pool 1", "pool 3"], vec!["process 2"]]);
    assert_eq!(arms("all -j 2 -e pool"), [vec!["pool 2"], vec!["pool 2"]]);
    assert_eq!(arms("pi"), [vec!["process 2"]]);
}

#[test]
#[cfg(unix)]
fn commands_and_functions_of_the_file_take_turns_with_another_binary() {
    let scene = Scene::new().env("PATH", &std::env::var("PATH").unwrap());
    scene.write("work.py", "def double(x): return 2 * x\n");
    scene.write(
        "parbench.toml",
        "rounds = 8\ntolerance = \"1000%\"\n\
         [[cmd]]\ncommand = \"true\"\nrepeat = 2\nworkers = 2\ncleanup = \"echo left >> cleaned\"\n\
         [[python]]\nfunction = \"work.py:double\"\nitems = \"range(4)\"\npython = \"./python\"\nengine = \"threads\"\nworkers = 2\n",
    );
    let missing = scene.run("all");
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("python: there is no ./python"),
        "{}",
        missing.stderr
    );

    let this = env!("CARGO_BIN_EXE_parbench");
    let checked = well(scene.run(&format!(
        "check --against {this} --python python3 --export now.json"
    )));
    assert!(
        checked.flowing().contains("in turns on this machine"),
        "{}",
        checked.stdout
    );
    let run: Value = serde_json::from_str(&scene.read("now.json")).unwrap();
    let names: Vec<_> = run["measurements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["workload"])
        .collect();
    assert_eq!(names, ["cmd", "python"]);
    // For one worker and for two: by `all`, and by each program.
    assert_eq!(scene.read("cleaned"), "left\n".repeat(6));

    let slowed = scene.run("noise --checks 1 --python python3");
    assert_eq!(
        slowed.error(),
        "the calls of python cannot be slowed down: use --slowdowns none"
    );
}
