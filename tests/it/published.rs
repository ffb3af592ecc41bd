//! What the README says of published files, against those files.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::harness::{Scene, repository};

/// Text of the README between `<!-- NAME -->` and `<!-- /NAME -->`.
fn marked(name: &str) -> String {
    let text = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    rest.split_once(&format!("<!-- /{name} -->"))
        .unwrap()
        .0
        .to_owned()
}

fn rates(name: &str) -> Vec<Value> {
    let path = repository().join("results").join(name);
    let noise: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    noise["rates"].as_array().unwrap().clone()
}

/// `2 of 200 [0.1, 3.6] %`: digits after the point below 10 only.
fn cell(rate: &Value) -> String {
    let percent = |end: &str| {
        let share = rate[end].as_f64().unwrap();
        let digits = usize::from(share < 0.1);
        format!("{:.digits$}", 100.0 * share)
    };
    format!(
        "{} of {} [{}, {}] %",
        rate["hits"],
        rate["trials"],
        percent("low"),
        percent("high")
    )
}

/// The charts of results/README.md, and the stored runs that they are of.
const CHARTS: [(&str, &str); 4] = [
    ("reference.json", "chart-bars.svg"),
    ("chart-scaling.json", "chart-scaling.svg"),
    ("chart-compare.json", "chart-compare.svg"),
    ("chart-overhead.json", "chart-overhead.svg"),
];

#[test]
fn the_published_charts_are_those_of_their_runs() {
    let folder = repository().join("results");

    for (run, chart) in CHARTS {
        let scene = Scene::new();
        let run = folder.join(run);
        let line = format!("report {} -q --chart chart.svg", run.display());
        assert_eq!(scene.run(&line).code, Some(0), "{line}");
        let published = fs::read_to_string(folder.join(chart)).unwrap();
        assert!(
            scene.read("chart.svg") == published,
            "{chart} is not what `parbench {line}` draws: draw it again"
        );
    }
}

#[test]
fn the_table_of_noise_has_the_rates_of_the_published_files() {
    let (idle, load, injected) = (
        rates("noise-idle.json"),
        rates("noise-load.json"),
        rates("noise-injected.json"),
    );
    let mut table =
        "| tolerance | false alarms | with one core half busy | +10 % missed | +20 % missed |\n\
                     |---|---|---|---|---|\n"
            .to_owned();

    for ((idle, load), injected) in idle.iter().zip(&load).zip(&injected) {
        let tolerance = 100.0 * idle["tolerance"].as_f64().unwrap();
        let cells = [
            &idle["false_alarms"],
            &load["false_alarms"],
            &injected["misses"][0][1],
            &injected["misses"][1][1],
        ];
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        writeln!(table, "| {tolerance:.0} % | {} |", cells.join(" | ")).unwrap();
    }

    assert_eq!(
        marked("noise"),
        table,
        "the README's table should be\n{table}"
    );
}
