//! Streams, files and formats, as pipes, terminals and other programs meet them.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use super::harness::{Scene, repository, without_neighbours};

const QUICK: &str = "pi --samples 1000 --tasks 3 -j 2 -r 2";

/// The names of an object's fields, in their order.
fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_stored_run_has_the_documented_form() {
    let run = Scene::new().env("SOURCE_DATE_EPOCH", "0").exported(QUICK);
    assert_eq!(
        keys(&run),
        [
            "schema_version",
            "parbench_version",
            "started_at",
            "command",
            "environment",
            "sampling",
            "measurements"
        ]
    );
    assert_eq!(
        (&run["schema_version"], &run["started_at"]),
        (&3.into(), &"1970-01-01T00:00:00Z".into())
    );
    let command = run["command"].as_array().unwrap();
    assert!(command[0].as_str().unwrap().ends_with("parbench"));
    assert_eq!(command[1], "pi");
    let measurement = &run["measurements"][0];
    assert_eq!(
        keys(measurement),
        [
            "workload",
            "params",
            "tasks",
            "task_bytes",
            "memory_bytes",
            "work",
            "answer",
            "arms",
            "reference",
            "worth",
            "rounds",
            "summary"
        ]
    );
    let arms = measurement["arms"].as_array().unwrap();
    assert_eq!(keys(&arms[0]), ["engine", "workers", "startup_s"]);
    let round = &measurement["rounds"][0];
    assert_eq!(
        keys(round),
        ["cold", "order", "times", "calibration", "machine"]
    );
    let times = round["times"].as_array().unwrap();
    assert_eq!(keys(&times[0]), ["wall_s", "cpu"]);
    assert_eq!(keys(&times[1]), ["wall_s", "cpu", "dispatch_s", "busy"]);
    assert_eq!(run["sampling"]["rounds"], serde_json::json!({"exactly": 2}));
    assert_eq!(
        (&round["cold"], &round["order"]),
        (&true.into(), &serde_json::json!([0, 1]))
    );
    assert_eq!(
        measurement["params"],
        serde_json::json!({"samples": 1000, "tasks": 3, "seed": 42})
    );
    assert_eq!(measurement["rounds"].as_array().unwrap().len(), 3);
}

/// A field of ARCHITECTURE.md's list: `name`, `name?` for one that may be absent, `name{a, b}` with its own fields.
struct Documented {
    name: String,
    is_optional: bool,
    inner: Vec<Documented>,
}

impl Documented {
    fn list(text: &str) -> Vec<Self> {
        let (mut fields, mut depth) = (vec![String::new()], 0);
        for character in text.chars() {
            depth += i32::from(character == '{') - i32::from(character == '}');
            if character == ',' && depth == 0 {
                fields.push(String::new());
            } else {
                fields.last_mut().unwrap().push(character);
            }
        }
        fields
            .iter()
            .map(|field| Self::parse(field.trim()))
            .collect()
    }

    fn parse(field: &str) -> Self {
        let is_optional = field.ends_with('?');
        let field = field.trim_end_matches('?');
        let (name, inner) = field.split_once('{').unwrap_or((field, ""));
        let inner = inner.strip_suffix('}').map_or_else(Vec::new, Self::list);
        Self {
            name: name.to_owned(),
            is_optional,
            inner,
        }
    }

    /// The fields of `value` in order, and those within them, are the documented ones.
    fn check(list: &[Self], value: &Value, place: &str) {
        let value = value.as_object().unwrap();
        let stored: Vec<&str> = value.keys().map(String::as_str).collect();
        let present = |field: &&Self| !field.is_optional || value.contains_key(&field.name);
        let documented: Vec<&str> = list
            .iter()
            .filter(present)
            .map(|field| field.name.as_str())
            .collect();
        assert_eq!(
            stored, documented,
            "{place}: stored, and in ARCHITECTURE.md"
        );

        for field in list.iter().filter(|field| !field.inner.is_empty()) {
            if let Some(inner @ Value::Object(_)) = value.get(&field.name) {
                Self::check(&field.inner, inner, &field.name);
            }
        }
    }
}

#[test]
fn the_stored_fields_are_those_of_the_document() {
    let document = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let section = document.split("## The stored run").nth(1).unwrap();
    let block = section.split("```").nth(1).unwrap();
    let fields_of = |name: &str| {
        let lines = block.lines().skip_while(|line| !line.starts_with(name));
        let continued = lines
            .clone()
            .skip(1)
            .take_while(|line| line.starts_with(' '));
        let first = lines.take(1).map(|line| &line[name.len()..]);
        Documented::list(&first.chain(continued).collect::<Vec<_>>().join(" "))
    };

    let run = Scene::new().exported(QUICK);
    let measurement = &run["measurements"][0];
    Documented::check(&fields_of("Run"), &run, "Run");
    Documented::check(&fields_of("Measurement"), measurement, "Measurement");
    Documented::check(&fields_of("Round"), &measurement["rounds"][1], "Round");
}

#[test]
fn a_stored_run_is_rendered_again_to_the_byte() {
    let scene = Scene::new();
    assert_eq!(
        scene
            .run(&format!(
                "{QUICK} -q --export a.json --export a.csv --chart a.svg"
            ))
            .code,
        Some(0)
    );
    let shown =
        scene.run("report a.json --export b.json --export b.csv --chart b.svg --chart b.png");
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("pi"), "{}", shown.stdout);
    for (first, second) in [("a.json", "b.json"), ("a.csv", "b.csv"), ("a.svg", "b.svg")] {
        assert_eq!(scene.read(first), scene.read(second), "{second}");
    }
    assert_eq!(&std::fs::read(scene.path("b.png")).unwrap()[1..4], b"PNG");
    assert_eq!(
        scene.names(),
        [
            "a.csv", "a.json", "a.svg", "b.csv", "b.json", "b.png", "b.svg"
        ]
    );
}

#[test]
fn the_published_run_renders_to_its_published_form() {
    let scene = Scene::new();
    let folder = repository().join("results");
    let line = format!(
        "report {} --export md:run.md",
        folder.join("reference.json").display()
    );
    assert_eq!(scene.run(&line).code, Some(0));
    let published = std::fs::read_to_string(folder.join("reference.md")).unwrap();
    assert_eq!(scene.read("run.md"), published);
}

#[test]
fn the_same_work_twice_is_not_reported_as_one_run() {
    let scene = Scene::new();
    let reference = repository().join("results").join("reference.json");
    let twice = scene.run(&format!(
        "report {0} {0} --export both.json",
        reference.display()
    ));

    assert!(
        twice.error().ends_with(
            "the runs hold `fib` on engine pool with 2 workers twice: report them one by one"
        ),
        "{}",
        twice.stderr
    );
    assert!(!scene.path("both.json").exists());
}

#[test]
fn runs_of_other_set_ups_are_not_reported_as_one_run() {
    let scene = Scene::new();
    let reference = repository().join("results").join("reference.json");
    let text = std::fs::read_to_string(&reference).unwrap();
    let run: Value = serde_json::from_str(&text).unwrap();

    for (place, value, named) in [
        ("/environment/kernel", "5.4.0", "kernel: "),
        ("/environment/cpu/isa", "portable", "instruction set: "),
        (
            "/environment/build/target",
            "other",
            "another build of parbench",
        ),
        ("/parbench_version", "0.0.9", "parbench: "),
    ] {
        let mut other = run.clone();
        *other.pointer_mut(place).unwrap() = Value::from(value);
        scene.write("other.json", other.to_string());

        let refused = scene.run(&format!("report {} other.json", reference.display()));
        let error = refused.error();
        let expected = format!("other.json are of different machines or builds ({named}");
        assert!(error.contains(&expected), "{error}");
        assert!(error.ends_with("): report them one by one, or see `compare`"));
    }
}

#[test]
fn a_chart_of_several_comparisons_shows_each_by_its_name() {
    let scene = Scene::new();
    let reference = repository().join("results").join("reference.json");
    for name in ["first.json", "second.json"] {
        std::fs::copy(&reference, scene.path(name)).unwrap();
    }

    let line = format!(
        "compare {} first.json second.json --chart changes.svg --chart changes.png",
        reference.display()
    );
    let finished = scene.run(&line);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let svg = scene.read("changes.svg");
    for name in ["first.json", "second.json"] {
        let heading = format!(">{name}, compared with ");
        assert_eq!(svg.matches(&heading).count(), 1, "{name} in {svg}");
    }
    let png = std::fs::read(scene.path("changes.png")).unwrap();
    assert_eq!(&png[1..4], b"PNG");
}

#[test]
fn an_export_to_stdout_has_it_for_itself() {
    let finished = Scene::new().run(&format!("{QUICK} -v --export json:-"));
    serde_json::from_str::<Value>(&finished.stdout).unwrap();
    assert!(
        finished.stderr.contains("workload"),
        "the table moves to stderr: {}",
        finished.stderr
    );
}

#[test]
fn an_export_replaces_a_file_only_when_it_is_complete() {
    let scene = Scene::new();
    scene.write("run.json", "the old one");
    let refused = scene.run("fib --memory 1kB --export run.json");
    assert_eq!(refused.code, Some(2));
    assert_eq!(scene.read("run.json"), "the old one");
    assert_eq!(
        scene.run(&format!("{QUICK} -q --export run.json")).code,
        Some(0)
    );
    assert!(scene.read("run.json").starts_with('{'));
    assert_eq!(scene.names(), ["run.json"]);
}

#[test]
fn quiet_says_nothing_and_verbose_tells_each_task() {
    let scene = Scene::new();
    let quiet = scene.run(&format!("{QUICK} -q"));
    assert_eq!(
        (quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()),
        (Some(0), "", "")
    );
    let verbose = scene.run(&format!("{QUICK} -v")).stdout;
    for arm in ["serial", "pool 2"] {
        for task in 1..=3 {
            let start = format!("{arm} :: task {task}: ");
            let lines = verbose
                .lines()
                .filter(|line| line.starts_with(&start) && line.ends_with("points inside"));
            assert_eq!(lines.count(), 1, "{start}\n{verbose}");
        }
        let rounds = verbose
            .lines()
            .filter(|line| line.starts_with(&format!("{arm} :: round ")));
        assert_eq!(rounds.count(), 3, "{verbose}");
    }
}

#[test]
fn the_table_is_plain_and_narrow_in_a_pipe_and_coloured_on_demand() {
    let scene = Scene::new();
    let plain = scene.run(QUICK).stdout;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(
        plain.lines().all(|line| line.chars().count() <= 80),
        "{plain}"
    );
    assert!(
        scene
            .run(&format!("{QUICK} --color always"))
            .stdout
            .contains('\u{1b}')
    );
    let never = Scene::new()
        .env("CLICOLOR_FORCE", "1")
        .run(&format!("{QUICK} --color never"))
        .stdout;
    assert!(!never.contains('\u{1b}'), "{never}");
    let no_color = Scene::new().env("NO_COLOR", "1").run(QUICK).stdout;
    assert!(!no_color.contains('\u{1b}'), "{no_color}");
}

#[test]
fn the_table_is_as_wide_as_columns_says_and_eighty_columns_in_a_pipe() {
    let line = format!(
        "report -v {}",
        repository().join("results/reference.json").display()
    );
    let shown = |columns: &str| Scene::new().env("COLUMNS", columns).run(&line).stdout;
    let in_a_pipe = Scene::new().run(&line).stdout;

    let stored = std::fs::read(repository().join("results/reference.json")).unwrap();
    let stored: Value = serde_json::from_slice(&stored).unwrap();
    let pool = &stored["measurements"][1]["summary"]["arms"][1];
    let end = |name: &str| pool[name].as_f64().unwrap();
    let figures = [
        format!("[{:.2}, {:.2}]", end("speedup_low"), end("speedup_high")),
        format!("{} steady rounds", pool["steady_rounds"]),
        "samples/s".to_owned(),
        "pays".to_owned(),
    ];

    for columns in [30, 45, 60, 80, 120, 200] {
        let text = shown(&columns.to_string());
        assert!(
            text.lines().all(|line| line.chars().count() <= columns),
            "{columns}\n{text}"
        );
        for figure in &figures {
            assert!(
                text.contains(figure),
                "{figure} in {columns} columns\n{text}"
            );
        }
    }
    for nonsense in ["0", "wide", "-7", ""] {
        assert_eq!(shown(nonsense), in_a_pipe, "COLUMNS={nonsense:?}");
    }
    assert_eq!(shown("80"), in_a_pipe);
}

#[test]
fn a_stored_run_shows_each_of_its_rounds_on_demand() {
    let scene = Scene::new();
    let measured = scene.run("pi --samples 1000 -j 2 -r 8 -q --export run.json");
    assert_eq!(measured.code, Some(0), "{}", measured.stderr);
    let rounds = |text: &str| {
        let is_round = |line: &&str| line.starts_with("    ") && line.contains("s  ");
        text.lines().filter(is_round).count()
    };

    let plain = scene.run("report run.json").stdout;
    let verbose = scene.run("report run.json -v").stdout;
    assert!(
        verbose.starts_with(plain.lines().next().unwrap()),
        "{verbose}"
    );
    assert!(
        !plain.contains("cold\n") && verbose.contains("  cold\n"),
        "{verbose}"
    );
    assert!(rounds(&verbose) >= rounds(&plain) + 9, "{verbose}");

    let compared = scene.run("compare run.json run.json -v");
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    assert_eq!(
        compared.stdout.matches("  cold\n").count(),
        2,
        "{}",
        compared.stdout
    );
}

#[test]
fn stderr_stays_empty_when_it_is_no_terminal() {
    let finished = Scene::new().run(QUICK);
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_reader_that_goes_away_ends_the_output_quietly() {
    let scene = Scene::new();
    let mut child = scene
        .command("pi --samples 32 -r 600 -v --export run.json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(!first.is_empty());
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(
        (
            child.wait().unwrap().code(),
            without_neighbours(&errors).as_str()
        ),
        (Some(0), "")
    );
    assert!(
        scene.read("run.json").contains("schema_version"),
        "the export is written all the same"
    );
}

#[test]
fn list_is_as_wide_as_the_terminal() {
    for (columns, widest) in [("45", 45), ("60", 60), ("80", 80), ("200", 100)] {
        let listed = Scene::new().env("COLUMNS", columns).run("list").stdout;
        let longest = listed.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(widest), "{columns}:\n{listed}");
        assert!(longest > Some(widest - 8), "{columns}:\n{listed}");
    }
}

#[test]
fn list_names_everything_registered() {
    let listed = Scene::new().run("list").stdout;
    assert!(
        listed.lines().all(|line| line.chars().count() <= 80),
        "{listed}"
    );
    let flat = listed.split_whitespace().collect::<Vec<_>>().join(" ");
    for workload in parbench::workload::built_in().iter() {
        assert!(
            flat.contains(&format!("{} {}", workload.name(), workload.about())),
            "{listed}"
        );
    }
    for engine in parbench::engine::built_in().iter() {
        assert!(listed.contains(engine.name()));
    }
    for format in parbench::report::EXPORTERS
        .iter()
        .chain(parbench::report::CHARTS)
    {
        assert!(
            flat.contains(&format!("{} {}", format.name, format.about)),
            "{listed}"
        );
    }
    for flag in ["--size N", "--samples N", "--keep WHAT", "--side PIXELS"] {
        assert!(listed.contains(flag), "{flag}\n{listed}");
    }
}

#[test]
fn help_and_version_are_words_as_well_as_flags() {
    let scene = Scene::new();
    let same = |words: &str, flags: &str| {
        let (first, second) = (scene.run(words), scene.run(flags));
        assert_eq!(
            (first.code, &first.stdout),
            (Some(0), &second.stdout),
            "{words}"
        );
    };
    same("help", "--help");
    same("help check", "check --help");
    same("version", "--version");
}

#[test]
fn a_run_without_a_complete_round_says_that_it_wrote_nothing() {
    let scene = Scene::new();
    scene.write("run.json", "the old one");
    let finished = scene.run("fib --memory 100kB --export run.json --export csv:-");
    let warnings: Vec<&str> = finished
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    assert_eq!(
        warnings,
        [
            "warning: nothing was written to run.json",
            "warning: nothing was written to stdout"
        ]
    );
    assert_eq!(
        (
            finished.code,
            finished.stdout.as_str(),
            scene.read("run.json").as_str()
        ),
        (Some(2), "", "the old one")
    );
}

#[test]
fn help_exists_for_every_subcommand_and_names_every_flag() {
    let scene = Scene::new();
    for name in [
        "fib", "pi", "image", "all", "check", "compare", "noise", "overhead", "report", "doctor",
        "list",
    ] {
        let help = scene.run(&format!("{name} --help"));
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(
            help.stdout.lines().all(|line| line.chars().count() <= 100),
            "{}",
            help.stdout
        );
    }
    // A section ends at the next line that is not indented.
    let section = |command: &str, heading: &str| {
        let help = scene.run(&format!("{command} --help")).stdout;
        let lines = help.lines().skip_while(|line| *line != heading).skip(1);
        lines
            .take_while(|line| line.is_empty() || line.starts_with(' '))
            .collect::<String>()
    };
    for (command, flag) in [
        ("pi", "--rounds"),
        ("pi", "--memory"),
        ("overhead", "--rounds"),
        ("doctor", "--isa"),
    ] {
        assert!(
            section(command, "Measuring:").contains(flag),
            "{command} {flag}"
        );
    }
    for command in ["pi", "overhead"] {
        let engines = section(command, "Engines:");
        assert!(
            engines.contains("--task-timeout") && !engines.contains("--rounds"),
            "{engines}"
        );
    }
    assert!(section("doctor", "Options:").contains("--json"));
    let all = scene.run("all --help").stdout;
    for workload in parbench::workload::built_in().in_all() {
        for argument in workload.arguments(clap::Command::new("")).get_arguments() {
            let flag = format!("--{}-{}", workload.name(), argument.get_long().unwrap());
            assert!(all.contains(&flag), "{flag}");
        }
    }
    insta::assert_snapshot!("help", scene.run("--help").stdout);
}

#[test]
fn the_readme_shows_the_published_run() {
    let shown = Scene::new().run(&format!(
        "report {}",
        repository().join("results/reference.json").display()
    ));
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(
        readme.contains(&shown.stdout),
        "README.md's table is not that of results/reference.json"
    );
}

#[test]
fn the_readme_quotes_the_published_noise() {
    let published = |name: &str| -> Value {
        let path = repository().join(format!("results/noise-{name}.json"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let (idle, load, injected) = (published("idle"), published("load"), published("injected"));
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let rates = |noise: &Value| noise["rates"].as_array().unwrap().clone();
    assert!(!rates(&idle).is_empty());
    for ((idle, load), injected) in rates(&idle)
        .iter()
        .zip(&rates(&load))
        .zip(&rates(&injected))
    {
        let tolerance = format!("| {:.0} % |", idle["tolerance"].as_f64().unwrap() * 100.0);
        let line = readme
            .lines()
            .find(|line| line.starts_with(&tolerance))
            .unwrap();
        let misses = injected["misses"].as_array().unwrap();
        let rates = [
            &idle["false_alarms"],
            &load["false_alarms"],
            &misses[0][1],
            &misses[1][1],
        ];
        for (cell, rate) in line.split('|').skip(2).zip(rates) {
            let quoted = format!("{} of {} [", rate["hits"], rate["trials"]);
            assert!(cell.trim_start().starts_with(&quoted), "{line}: {quoted}");
        }
    }
}
