//! `overhead`: the real program's table, chart and stored form, and what it says of wrong flags.

use serde_json::Value;

use super::harness::Scene;

#[test]
fn the_table_the_chart_and_the_stored_form_say_the_same() {
    let scene = Scene::new();
    let finished =
        scene.run("overhead -j 1,2 -r 6 --chart curve.svg --chart curve.png --export costs.json");
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    assert!(
        finished
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 80),
        "{}",
        finished.stdout
    );
    let stored: Value = serde_json::from_str(&scene.read("costs.json")).unwrap();
    let engines = stored["engines"].as_array().unwrap();
    assert_eq!(engines.len(), 2);
    let svg = scene.read("curve.svg");
    roxmltree::Document::parse(&svg).unwrap();
    for engine in engines {
        let name = format!("pool x{}", engine["workers"]);
        assert!(
            finished.stdout.contains(&format!("{name}: ")) && svg.contains(&name),
            "{}",
            finished.stdout
        );
        assert_eq!(engine["rounds"].as_array().unwrap().len(), 6);
        let summary = &engine["summary"];
        // Six rounds give an interval, and a median lies in it.
        for figure in [
            &summary["task_s"],
            &summary["spinning_s"],
            &summary["parked_s"],
        ] {
            let [low, median, high] =
                ["low", "median", "high"].map(|key| figure[key].as_f64().unwrap());
            assert!(0.0 < low && low <= median && median <= high, "{figure}");
        }
        assert_eq!(
            summary["curve"].as_array().unwrap().len(),
            engine["rungs"].as_array().unwrap().len()
        );
    }
    assert!(
        std::fs::read(scene.path("curve.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    assert_eq!(scene.names(), ["costs.json", "curve.png", "curve.svg"]);
}

#[test]
fn an_export_to_stdout_has_it_for_itself() {
    let finished = Scene::new().run("overhead -j 1 -r 1 --export json:-");
    assert_eq!(finished.code, Some(0));
    let stored: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(
        stored["engines"][0]["summary"]["task_s"]["low"],
        Value::Null,
        "one round gives no interval"
    );
    assert!(finished.stderr.contains("pool x1"), "{}", finished.stderr);
}

#[test]
fn wrong_flags_are_named_before_anything_is_measured() {
    let scene = Scene::new();
    for (line, named) in [
        ("overhead --engine steam", "'steam'"),
        ("overhead -r 0", "'0'"),
        ("overhead -j many", "'many'"),
        ("overhead --export costs.csv", "'costs.csv'"),
        ("overhead --chart curve.json", "'curve.json'"),
        ("overhead --chart missing/curve.svg", "missing"),
    ] {
        let finished = scene.run(line);
        assert!(
            finished.error().contains(named),
            "{line}: {}",
            finished.stderr
        );
        assert_eq!(finished.stdout, "");
    }
    assert_eq!(scene.names(), Vec::<String>::new());
}
