//! Whether docs/config.md has every key, and nothing else.

use std::collections::BTreeSet;

use clap::Command;

use super::tests::selections;
use super::{entry, given, keys};
use crate::cli::definition;
use crate::cli::parts::Parts;

/// The words in backticks of a table's cell.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_document_has_every_key_and_no_other() {
    let document = include_str!("../../../docs/config.md");
    let rows = |heading: &str| -> Vec<(String, BTreeSet<String>)> {
        let section = document.split(&format!("\n## {heading}\n")).nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        rows.map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            (names(cells[1]).pop_first().unwrap(), names(cells[2]))
        })
        .collect()
    };

    let settings: Vec<String> = rows("Settings").into_iter().map(|(key, _)| key).collect();
    assert_eq!(settings, keys::SETTINGS);

    let parts = Parts::built_in();
    let plain = definition::command(&parts);
    let documented = rows("Workloads");
    let names: BTreeSet<&str> = documented.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, parts.workloads.names().into_iter().collect());
    for (name, parameters) in &documented {
        let workload = parts.workloads.find(name).unwrap();
        let flags = entry::flags(&workload, plain.find_subcommand(name).unwrap());
        let known: BTreeSet<String> = flags
            .iter()
            .map(given::key_of)
            .filter(|key| !keys::OF_A_WORKLOAD.contains(&key.as_str()))
            .collect();
        assert_eq!(*parameters, known, "{name}");
    }
}

#[test]
fn every_setting_is_a_flag_of_some_subcommand() {
    let plain = definition::command(&Parts::built_in());
    for key in keys::SETTINGS {
        let mut verbs = keys::VERBS
            .iter()
            .map(|name| plain.find_subcommand(name).unwrap());
        let has = |command: &Command| {
            let mut arguments = command.get_arguments();
            arguments.any(|arg| arg.get_long() == Some(key))
        };
        assert!(verbs.any(has), "{key}");
    }
}

#[test]
fn the_example_of_the_document_is_taken() {
    let document = include_str!("../../../docs/config.md");
    let example = document
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let listed = selections(example, "parbench all").unwrap();
    let names: Vec<&str> = listed
        .iter()
        .map(|selection| selection.workload.name())
        .collect();

    assert_eq!(names, ["fib", "cmd", "python"]);
    assert_eq!(listed[2].engines, ["threads", "processes"]);
}
