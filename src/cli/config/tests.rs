//! What files are taken, and what is refused.

use std::ffi::OsString;
use std::path::PathBuf;

use super::*;
use crate::cli::definition;

/// What `line` means with a file of this `text`.
pub(super) fn settled(text: &str, line: &str) -> Result<(Config, ArgMatches), String> {
    let parts = Parts::built_in();
    let plain = definition::command(&parts);
    let config = Config::parse(&parts, &plain, PathBuf::from("parbench.toml"), text);
    let config = config.map_err(|error| error.to_string())?;
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();

    let typed = plain.clone().try_get_matches_from(&words).unwrap();
    let applied = config.applied_to(plain, &parts, &typed);
    let command = applied.map_err(|error| error.to_string())?.command;
    let matches = command.try_get_matches_from(&words).unwrap();
    Ok((config, matches))
}

/// The values of the flag `id` in `line`, with a file of this `text`.
fn values(text: &str, line: &str, id: &str) -> Vec<String> {
    let (_, matches) = settled(text, line).unwrap();
    let (_, matches) = matches.subcommand().unwrap();
    let values = matches.get_raw(id).into_iter().flatten();

    values
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

pub(super) fn selections(text: &str, line: &str) -> Result<Vec<Selection>, String> {
    let parts = Parts::built_in();
    let plain = definition::command(&parts);
    let (config, matches) = settled(text, line)?;
    let (name, matches) = matches.subcommand().unwrap();

    config
        .selections(&parts, &plain, name, matches)
        .map(Option::unwrap_or_default)
        .map_err(|error| error.to_string())
}

#[test]
fn a_flag_counts_before_the_nearest_table() {
    let text = "tolerance = \"5%\"\nworkers = [1, 2]\n[check]\ntolerance = \"7%\"\n";

    assert_eq!(values(text, "parbench check", "tolerance"), ["7%"]);
    assert_eq!(
        values(text, "parbench check --tolerance 9%", "tolerance"),
        ["9%"]
    );
    assert_eq!(values(text, "parbench compare a b", "tolerance"), ["5%"]);
    assert_eq!(values(text, "parbench fib", "workers"), ["1,2"]);
}

#[test]
fn quick_has_smaller_values_than_the_file_unless_they_are_typed() {
    let size = |line: &str| {
        let listed = selections("[fib]\nsize = 2000000\n", line).unwrap();
        listed[0].params["size"].clone()
    };

    assert_eq!(size("parbench all"), 2_000_000);
    assert!(size("parbench all --quick").as_u64().unwrap() < 200_000);
    assert_eq!(size("parbench all --quick --fib-size 300000"), 300_000);
}

#[test]
fn lists_and_numbers_and_switches_are_what_flags_take() {
    let text = "engine = \"pool,process\"\nwarmup = 3\nstrict = true\n[check]\nstrict = false\n\
                [noise]\nslowdowns = [\"10%\", \"20%\"]\n";

    assert_eq!(values(text, "parbench all", "engine"), ["pool", "process"]);
    assert_eq!(values(text, "parbench all", "warmup"), ["3"]);
    assert_eq!(values(text, "parbench noise", "slowdowns"), ["10%,20%"]);
    let (_, matches) = settled(text, "parbench check").unwrap();
    assert!(!matches.subcommand().unwrap().1.get_flag("strict"));
    let (_, matches) = settled("strict = true", "parbench check").unwrap();
    assert!(matches.subcommand().unwrap().1.get_flag("strict"));
}

#[test]
fn what_contradicts_a_typed_flag_is_left_out() {
    assert_eq!(
        values("rounds = 20", "parbench all --max-time 1s", "rounds"),
        [""; 0]
    );
    assert_eq!(
        values("max-time = \"9s\"", "parbench all -r 3", "max_time"),
        [""; 0]
    );
    let baseline = "baseline = \"base.json\"";
    assert_eq!(
        values(baseline, "parbench check", "baseline"),
        ["base.json"]
    );
    assert_eq!(
        values(baseline, "parbench check --against x", "baseline"),
        [""; 0]
    );
    let nearer = "max-time = \"9s\"\n[check]\nrounds = 12";
    assert_eq!(values(nearer, "parbench check", "max_time"), [""; 0]);
    assert_eq!(values(nearer, "parbench all", "max_time"), ["9s"]);
}

#[test]
fn paths_begin_in_the_files_folder() {
    let parts = Parts::built_in();
    let plain = definition::command(&parts);
    let text = "baseline = \"base.json\"\npython = \"python3\"\n[noise]\npython = \"venv/python\"\n\
                [image]\ninput = \"photos\"";
    let path = PathBuf::from("/the/root/parbench.toml");
    let config = Config::parse(&parts, &plain, path, text).unwrap();
    let applied = |line: &str| {
        let typed = plain.clone().try_get_matches_from(line.split(' ')).unwrap();
        config.applied_to(plain.clone(), &parts, &typed)
    };
    let value = |line: &str, id: &str| {
        let command = applied(line).unwrap().command;
        let matches = command.try_get_matches_from(line.split(' ')).unwrap();
        let mut values = matches.subcommand().unwrap().1.get_raw(id).unwrap();
        values.next().unwrap().to_str().unwrap().to_owned()
    };

    assert_eq!(value("parbench overhead", "python"), "python3");
    let refused = applied("parbench image").err().unwrap().to_string();
    assert_eq!(
        refused,
        "/the/root/parbench.toml:6: 'input' is a path in the file's folder: run this there"
    );
    assert_eq!(value("parbench compare a b", "old"), "a");
    let refused = applied("parbench check").err().unwrap().to_string();
    assert!(refused.contains(":6: 'input'"), "{refused}");
}

#[test]
fn a_workload_is_listed_by_its_table() {
    let text = "[fib]\nsize = 7\nworkers = 1\n[[cmd]]\ncommand = \"wc -l 'a b'\"\nrepeat = 2\n\
                engine = \"process\"\n[[cmd]]\ncommand = [\"true\", \"{}\", \":::\", \"x\"]\nship = true\n";
    for verb in ["all", "noise", "check --against x"] {
        let line = format!("parbench {verb}");
        let listed = selections(text, &line).unwrap();
        let names: Vec<&str> = listed
            .iter()
            .map(|selection| selection.workload.name())
            .collect();
        assert_eq!(names, ["fib", "cmd", "cmd"], "{verb}");
        assert_eq!(listed[0].params["size"], 7);
        assert_eq!(
            listed[1].params["command"],
            serde_json::json!(["wc", "-l", "a b"])
        );
        assert_eq!(listed[1].params["repeat"], 2);
        assert_eq!(listed[2].params["inputs"], serde_json::json!(["x"]));
        assert_eq!(listed[2].params["ship"], true);
        assert_eq!(listed[1].engines, ["process"]);
        assert!(listed[0].workers.is_some() && listed[1].workers.is_none());
    }

    let typed = selections(text, "parbench all -j 2 -e pool --fib-size 9").unwrap();
    assert_eq!(typed[0].params["size"], 9);
    assert!(typed[0].workers.is_none() && typed[1].engines.is_empty());
    assert!(
        selections("workers = 2", "parbench all")
            .unwrap()
            .is_empty()
    );
    assert!(selections(text, "parbench overhead").unwrap().is_empty());
}

/// Files that are refused, and how that is said.
const REFUSED: &[(&str, &str)] = &[
    (
        "workers = 2\ntolerence = 1",
        "2: unknown key 'tolerence'; tip: write 'tolerance'",
    ),
    (
        "[fib]\nsise = 1",
        "2: unknown key 'sise' in [fib]; tip: write 'size'",
    ),
    (
        "[pi]\nsize = 1",
        "2: unknown key 'size' in [pi]; known are samples, tasks, seed, workers, engine",
    ),
    ("[chek]", "1: unknown table [chek]; tip: write 'check'"),
    ("fib = 1", "1: 'fib' is a table: write [fib]"),
    (
        "[[fib]]\nsize = 1",
        "1: [[fib]] can stand only once: write [fib]",
    ),
    (
        "max_time = \"1s\"",
        "1: unknown key 'max_time'; tip: write 'max-time'",
    ),
    (
        "[check]\nallow-commands = true",
        "2: unknown key 'allow-commands' in [check]; known are ",
    ),
    (
        "strict = \"yes\"",
        "1: 'strict' is a switch: write true or false",
    ),
    (
        "workers = true",
        "1: 'workers' takes a value, not true or false",
    ),
    ("engine = []", "1: 'engine' is an empty list"),
    (
        "\nworkers = 0",
        "2: invalid value '0' for 'workers': must be workers from 1 to ",
    ),
    (
        "tolerance = \"much\"\n",
        "1: invalid value 'much' for 'tolerance': ",
    ),
    ("engine = [\"pol\"]", "1: invalid value 'pol' for 'engine'"),
    (
        "[fib]\nsize = -1",
        "2: invalid value '-1' for 'size': must be a whole number",
    ),
    (
        "rounds = 3\nmax-time = \"1s\"",
        "2: 'max-time' cannot be used with 'rounds' in line 1",
    ),
    (
        "[image]\ncount = 3\ninput = \"x\"",
        "3: 'input' cannot be used with 'count' in line 2",
    ),
    (
        "[cmd]\ncommand = \"a 'b\"",
        "2: 'command' holds a quote that is not closed",
    ),
    (
        "[cmd]\ncommand = true",
        "2: 'command' takes a text or a list of words",
    ),
    ("workers = ", "1: "),
];

#[test]
fn what_is_wrong_is_named_with_its_line_and_what_was_meant() {
    for (text, message) in REFUSED {
        let result = settled(text, "parbench list");
        let error = result.err().unwrap_or_else(|| panic!("{text:?} is taken"));
        let start = format!("parbench.toml:{message}");
        assert!(error.starts_with(&start), "{text:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }

    let incomplete = selections("\n[cmd]\nrepeat = 2", "parbench all")
        .err()
        .unwrap();
    assert_eq!(incomplete, "parbench.toml:2: [cmd] needs the key 'command'");
    let second = "[[cmd]]\ncommand = \"true\"\n\n[[cmd]]\nrepeat = 2";
    let incomplete = selections(second, "parbench all").err().unwrap();
    assert_eq!(
        incomplete,
        "parbench.toml:4: [[cmd]] needs the key 'command'"
    );
}

#[test]
fn a_parameter_of_a_workload_that_is_not_listed_is_refused() {
    let text = "[pi]\nsamples = 100\n";
    let selection_count = |line| selections(text, line).map(|selections| selections.len());

    assert_eq!(selection_count("parbench all --pi-samples 200"), Ok(1));
    assert_eq!(
        selection_count("parbench all --fib-size 200"),
        Err(
            "--fib-size is for fib, which parbench.toml does not list: add [fib] there, or give --no-config"
                .to_owned()
        )
    );
    let lists_nothing = selections("workers = 1\n", "parbench all --fib-size 200");
    assert!(lists_nothing.unwrap().is_empty());
}
