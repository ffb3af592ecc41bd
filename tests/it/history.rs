//! `history`: runs are kept, changes are found, and what is damaged is named.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::harness::Scene;

const SUBCOMMANDS: [&str; 5] = [
    "history",
    "history add",
    "history show",
    "history check",
    "history noise",
];

/// The commit of that day.
fn commit(day: usize) -> String {
    format!("{:010x}{:030x}", 0xab_cdef_0000 + day, 0)
}

/// A run as `started_at` that day, with arms that take `factor` times as long as the loop.
fn on_day(template: &Value, day: usize, factor: f64) -> String {
    let mut run = template.clone();
    run["started_at"] = format!("2026-{:02}-{:02}T12:00:00Z", 1 + day / 28, 1 + day % 28).into();
    run["environment"]["build"]["commit"] = commit(day).into();
    // A fixed noise that has no order, in all rounds alike.
    let noise = 1.0 + 0.002 * (day * 7 % 5) as f64;

    for round in run["measurements"][0]["rounds"].as_array_mut().unwrap() {
        round["calibration"]["arithmetic_s"] = 0.001.into();
        round["times"][0]["wall_s"] = noise.into();
        round["times"][1]["wall_s"] = (0.5 * noise * factor).into();
    }
    run.to_string()
}

/// A scene with a history of these factors, a run a day, in the folder `h`.
pub(super) fn kept(factors: &[f64]) -> Scene {
    let scene = Scene::new();
    let template = scene.exported("pi --samples 1000 --tasks 3 -j 2 -r 6");
    let mut line = "history add --store h".to_owned();
    for (day, factor) in factors.iter().enumerate() {
        let name = format!("run-{day}.json");
        scene.write(&name, on_day(&template, day, *factor));
        let _ = write!(line, " {name}");
    }

    let added = scene.run(&line);
    assert_eq!((added.code, added.stderr.as_str()), (Some(0), ""));
    assert_eq!(added.stdout.lines().count(), factors.len());
    scene
}

/// The factor of each of `runs` days.
pub(super) fn factors(runs: usize, factor: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..runs).map(factor).collect()
}

#[test]
fn a_change_is_found_with_its_commit_and_its_size() {
    let scene = kept(&factors(40, |day| if day < 33 { 1.0 } else { 1.12 }));
    let finished = scene
        .run("history check --store h --export h.json --export h.md --export h.html --chart h.svg --chart h.png");

    assert_eq!((finished.code, finished.stderr.as_str()), (Some(1), ""));
    let text = finished.flowing();
    assert!(
        text.contains("regressed: pi pool 2: changed at abcdef0021 (2026-02-06): +12.0"),
        "{text}"
    );
    assert!(text.contains("%, 7 runs since"), "{text}");
    assert!(text.contains("verdict: regressed"), "{text}");

    let stored: Value = serde_json::from_str(&scene.read("h.json")).unwrap();
    let because = &stored["series"][1]["because"];
    assert_eq!(
        (&because["shape"], &because["runs"]),
        (&"step".into(), &7.into())
    );
    assert_eq!(because["commit"], commit(33));
    assert!(scene.read("h.md").starts_with("# History: regressed\n"));
    let page = scene.read("h.html");
    assert!(page.contains("It got worse") && page.contains("changed at abcdef0021"));
    roxmltree::Document::parse(&scene.read("h.svg")).unwrap();
    assert!(
        fs::read(scene.path("h.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );

    let accepted = scene.run(&format!("history check --store h --since {}", commit(33)));
    assert_eq!(accepted.code, Some(0), "{}", accepted.stdout);
    let day = scene.run("history check --store h --since 2026-02-01");
    assert_eq!(day.code, Some(1), "{}", day.stdout);
    let shown = scene.run("history show --store h");
    assert_eq!(shown.code, Some(0));
    assert!(shown.stdout.contains("step"), "{}", shown.stdout);
}

#[test]
fn what_did_not_change_passes_and_few_runs_are_open() {
    let steady = kept(&factors(20, |_| 1.0));
    let finished = steady.run("history check --store h --strict");
    assert_eq!(finished.code, Some(0), "{}", finished.stdout);
    assert!(
        finished.stdout.contains("verdict: ok"),
        "{}",
        finished.stdout
    );

    let one = kept(&[1.0]);
    assert_eq!(one.run("history check --store h").code, Some(0));
    let strict = one.run("history check --store h --strict");
    assert_eq!(strict.code, Some(3));
    assert!(
        strict
            .flowing()
            .contains("only 1 run so far; 12 are needed to judge 3 metrics"),
        "{}",
        strict.stdout
    );
    assert_eq!(one.run("history show --store h").code, Some(0));
}

#[test]
fn a_store_is_a_file_for_each_month_and_a_run_counts_once() {
    let scene = kept(&factors(30, |_| 1.0));
    let mut files: Vec<_> = fs::read_dir(scene.path("h"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, [".gitattributes", "2026-01.jsonl", "2026-02.jsonl"]);

    let again = scene.run("history add run-3.json --store h --commit other");
    assert!(
        again.stdout.contains("already, as one of ") && again.stdout.contains("counts once"),
        "{}",
        again.stdout
    );

    // Two branches that were merged line by line: some lines are there twice, in any order.
    let lines = scene.read("h/2026-01.jsonl");
    let reversed: Vec<&str> = lines.lines().rev().collect();
    let line = reversed[4].replace("\"commit\":\"", "\"commit\":\"f");
    scene.write(
        "h/2026-01.jsonl",
        format!("{}\n{line}", reversed.join("\n")),
    );
    let merged = scene.run("history check --store h");
    assert_eq!(merged.code, Some(0));
    assert!(
        merged.stderr.contains("is there 2 times, said to be of "),
        "{}",
        merged.stderr
    );
    assert!(
        merged.stdout.starts_with("30 runs on "),
        "{}",
        merged.stdout
    );
}

#[test]
fn damaged_lines_are_named_and_only_nothing_at_all_is_an_error() {
    let scene = kept(&factors(14, |_| 1.0));
    let lines = scene.read("h/2026-01.jsonl");
    scene.write(
        "h/2026-01.jsonl",
        format!("<<<<<<< HEAD\n{}", &lines[..lines.len() - 40]),
    );
    let finished = scene.run("history check --store h");

    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let warnings: Vec<&str> = finished.stderr.lines().collect();
    assert!(
        warnings[0].starts_with("warning: h/2026-01.jsonl:1 is not a run: "),
        "{warnings:?}"
    );
    assert!(
        warnings[1].starts_with("warning: h/2026-01.jsonl:15 is not a run: EOF"),
        "{warnings:?}"
    );
    assert!(
        finished.stdout.starts_with("13 runs on "),
        "{}",
        finished.stdout
    );

    // What is added next gets a line of its own.
    scene.run("history add run-13.json --store h");
    assert!(
        scene
            .run("history show --store h")
            .stdout
            .starts_with("14 runs on ")
    );

    scene.write("h/2026-01.jsonl", "nothing\n");
    let nothing = scene.run("history check --store h");
    assert!(
        nothing
            .error()
            .starts_with("h holds no run that can be read: h/2026-01.jsonl:1 is not a run"),
        "{}",
        nothing.stderr
    );
    let missing = scene.run("history show --store no.jsonl");
    assert!(
        missing
            .error()
            .contains("`history add RUN.json` makes a store")
    );
}

#[test]
fn what_is_no_part_of_a_history_is_refused() {
    let scene = kept(&[1.0]);
    let quick = scene.run("pi --samples 1000 --tasks 3 -j 2 --quick --export quick.json");
    assert_eq!(quick.code, Some(0));
    let refused = scene.run("history add quick.json run-0.json --store other.jsonl");
    assert!(
        refused
            .error()
            .starts_with("quick.json was measured with --quick")
    );
    assert!(!scene.path("other.jsonl").exists(), "all or nothing");

    let head = scene.run("history add run-0.json --store h --commit HEAD");
    assert!(head.error().contains("$(git rev-parse HEAD)"));
    let unknown = scene.run("history check --store h --since zzz");
    assert!(
        unknown
            .error()
            .starts_with("--since zzz: no run is of this commit")
    );
    let after = scene.run("history noise run-0.json --length 10 --after 10");
    assert_eq!(after.error(), "--after 10: must be below --length 10");
    let nothing = scene.run("history noise");
    assert!(
        nothing
            .error()
            .starts_with("name runs whose noise is to be drawn from")
    );
}

#[test]
fn noise_says_how_often_it_is_wrong() {
    let scene = kept(&factors(20, |day| 1.0 + 0.004 * (day * 3 % 7) as f64));
    for origin in ["run-0.json run-1.json", "--store h"] {
        let finished = scene.run(&format!(
            "history noise {origin} --series 5 --length 40 --export n.json --write-series n.csv"
        ));
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
        assert!(finished.stdout.contains("no change"), "{}", finished.stdout);
        assert_eq!(
            finished.stdout.contains("within runs"),
            origin != "--store h"
        );

        let noise: Value = serde_json::from_str(&scene.read("n.json")).unwrap();
        assert_eq!(noise["scheme"]["family"], 3);
        assert_eq!(noise["rates"].as_array().unwrap().len(), 4);
        let series = scene.read("n.csv");
        assert_eq!(series.lines().count(), 41);
        assert!(
            series
                .lines()
                .all(|line| line.split(',').count() == 2 + 4 * 5)
        );
    }
}

#[test]
fn help_has_a_page_for_each_of_them() {
    let scene = Scene::new();
    for name in SUBCOMMANDS {
        let help = scene.run(&format!("{name} --help"));
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(
            help.stdout.lines().all(|line| line.chars().count() <= 100),
            "{}",
            help.stdout
        );
    }

    // A flag that is given twice counts the second time, as everywhere.
    let twice = scene.run("history show --store a --store b.jsonl");
    assert!(
        twice.error().starts_with("cannot read b.jsonl"),
        "{}",
        twice.stderr
    );
}

#[test]
fn parbench_toml_names_the_store_and_a_flag_counts_before_it() {
    let scene = kept(&factors(4, |_| 1.0));
    for line in ["history check", "history show", "history add run-0.json"] {
        let error = scene.run(line).error().to_owned();
        assert!(
            error.starts_with("no history is named: give --store")
                && error.contains("parbench.toml"),
            "{line}: {error}"
        );
    }

    scene.write(
        "parbench.toml",
        "store = \"other.jsonl\"\n[history]\nstore = \"h\"\n",
    );
    assert_eq!(scene.run("history show").code, Some(0));
    let added = scene.run("history add run-0.json");
    assert!(added.stdout.contains("counts once"), "{}", added.stdout);
    let noise = scene.run("history noise run-0.json run-1.json --series 5 --length 20");
    assert_eq!(
        noise.code,
        Some(0),
        "runs that are typed count: {}",
        noise.stderr
    );

    let typed = scene.run("history show --store elsewhere.jsonl");
    assert!(
        typed.error().contains("elsewhere.jsonl"),
        "{}",
        typed.stderr
    );
    for line in ["history show --no-config", "history --no-config show"] {
        assert!(scene.run(line).error().starts_with("no history"), "{line}");
    }
    scene.write("parbench.toml", "[history]\nstrore = \"h\"\n");
    let misspelt = scene.run("history show");
    assert!(
        misspelt.error().contains("tip: write 'store'"),
        "{}",
        misspelt.stderr
    );
}

#[test]
fn what_is_accepted_is_named_and_since_is_a_commit_or_a_day() {
    let scene = kept(&factors(40, |day| if day < 33 { 1.0 } else { 1.12 }));

    let accepted = scene.run(&format!("history check --store h --since {}", commit(33)));
    let text = accepted.flowing();
    assert!(
        text.contains("accepted: pi pool 2: changed at abcdef0021 (2026-02-06): +12.0"),
        "{text}"
    );
    for (since, message) in [
        ("2026-13-01", "it is no day"),
        ("2026-02-30", "it is no day"),
        ("abcdef00", "give more digits"),
    ] {
        let refused = scene.run(&format!("history check --store h --since {since}"));
        assert!(
            refused.error().contains(message),
            "{since}: {}",
            refused.stderr
        );
    }
}

#[test]
fn a_run_is_of_the_commit_that_is_said_and_of_a_day() {
    let scene = kept(&[1.0]).env("PATH", "/usr/bin:/bin");
    let other = scene.run("history add run-0.json --store h --commit other");
    assert!(
        other.stdout.contains(&format!("as one of {}", commit(0)))
            && other.stdout.contains("other"),
        "{}",
        other.stdout
    );

    let line = "cmd -q -r 4 --repeat 2 --export cmd.json -- true";
    assert_eq!(scene.run(line).code, Some(0));
    let of_none = scene.run("history add cmd.json --store h");
    assert!(
        of_none.stdout.contains("no commit (give --commit)"),
        "{}",
        of_none.stdout
    );

    let before = scene.read("h/2026-01.jsonl");
    for line in [
        "history show --store h --export json:h/2026-01.jsonl",
        "history noise run-0.json --export run-0.json",
        "history noise run-0.json --write-series run-0.json",
    ] {
        assert!(
            scene.run(line).error().contains("export to another file"),
            "{line}"
        );
    }
    assert_eq!(scene.read("h/2026-01.jsonl"), before);

    let into_file = scene.run("history add cmd.json --store run-0.json");
    assert!(
        into_file.error().contains("run-0.json is a file"),
        "{}",
        into_file.stderr
    );
    let mut undated: Value = serde_json::from_str(&scene.read("run-0.json")).unwrap();
    undated["started_at"] = "yesterday".into();
    scene.write("undated.json", undated.to_string());
    let refused = scene.run("history add undated.json --store h");
    assert!(
        refused.error().contains("correct its started_at"),
        "{}",
        refused.stderr
    );
}

#[test]
fn several_machines_are_named_and_damage_is_named_in_noise_too() {
    let scene = kept(&factors(3, |_| 1.0));
    let mut other: Value = serde_json::from_str(&scene.read("run-2.json")).unwrap();
    other["environment"]["usable_cpus"] = 64.into();
    scene.write("other.json", other.to_string());
    assert_eq!(scene.run("history add other.json --store h").code, Some(0));
    let lines = scene.read("h/2026-01.jsonl");
    scene.write("h/2026-01.jsonl", lines + "broken\n");

    let all = scene.run("history show --store h --all-machines").flowing();
    assert!(all.contains("64 CPUs"), "{all}");
    let page = scene.run("history check --store h --all-machines --export md:-");
    let of_other = page
        .stdout
        .lines()
        .filter(|line| line.contains("serial on"));
    assert!(of_other.count() > 1, "{}", page.stdout);

    let noise = scene.run("history noise --store h --series 5 --length 20");
    assert!(noise.stderr.contains("it is skipped"), "{}", noise.stderr);
}
