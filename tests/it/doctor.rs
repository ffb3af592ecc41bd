//! `parbench doctor` on whatever machine the tests run on.

use serde_json::Value;

use super::harness::Scene;

#[test]
fn the_machine_is_told_in_eighty_columns() {
    let scene = Scene::new().env("RAYON_NUM_THREADS", "7");
    let shown = scene.run("doctor");
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""));
    assert!(
        shown.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        shown.stdout
    );
    let json = scene.run("doctor --json");
    assert_eq!(json.code, Some(0), "{}", json.stderr);
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    let one_line = shown
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let model = told["cpu_model"]
        .as_str()
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(one_line.contains(&model), "{model}\n{}", shown.stdout);
    assert_eq!(
        told["variables"],
        serde_json::json!({"RAYON_NUM_THREADS": "7"})
    );
    assert!(
        one_line.contains("note variables RAYON_NUM_THREADS=7"),
        "{}",
        shown.stdout
    );
    assert_eq!(scene.names(), [""; 0], "it leaves something behind");
}

#[test]
fn its_json_is_the_environment_of_a_stored_run() {
    let scene = Scene::new();
    let told: Value = serde_json::from_str(&scene.run("doctor --json").stdout).unwrap();
    let stored = scene.exported("pi --samples 1000 --tasks 3 -j 2 -r 2");
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&told), keys(&stored["environment"]));
    for same in [
        "os",
        "kernel",
        "arch",
        "cpu_model",
        "usable_cpus",
        "build",
        "virtualisation",
    ] {
        assert_eq!(told[same], stored["environment"][same], "{same}");
    }
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let scene = Scene::new();
    assert!(!scene.run("doctor").stdout.contains('\u{1b}'));
    assert!(scene.run("doctor --color always").stdout.contains('\u{1b}'));
}
