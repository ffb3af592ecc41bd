//! `--quick`: a first answer that says so everywhere, and that nothing is judged by.

use super::harness::Scene;

const PLAN: &str = "pi --samples 1000 --tasks 2 -j 2 --quick";

#[test]
fn a_first_answer_is_marked_in_every_form() {
    let scene = Scene::new();
    let shown = scene.run(&format!("{PLAN} --export run.json --export run.md"));

    let first = "quick: a first answer from few rounds; leave out --quick for one to rely on";
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert_eq!(shown.stdout.lines().next(), Some(first));
    assert_eq!(shown.stdout.matches("first answer").count(), 1);
    assert!(scene.read("run.md").contains(first));
    let again = scene.run("report run.json").stdout;
    assert_eq!(again, shown.stdout);

    let run: serde_json::Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["quick"], serde_json::json!({"smaller": []}));
    assert!(run["measurements"][0]["rounds"].as_array().unwrap().len() >= 7);
}

#[test]
fn nothing_is_judged_by_a_first_answer() {
    let scene = Scene::new();
    assert_eq!(
        scene.run(&format!("{PLAN} -q --export run.json")).code,
        Some(0)
    );

    let finished = scene.run("check --baseline run.json");
    assert_eq!(
        finished.error(),
        "run.json was measured with --quick: it is a first answer and no baseline; measure one without --quick"
    );
    let compared = scene.run("compare run.json run.json");
    assert_eq!(
        (compared.code, compared.stderr.as_str()),
        (
            Some(0),
            "warning: run.json was measured with --quick: it is a first answer only\n"
        )
    );
    assert!(
        compared.stdout.starts_with("quick: a first answer"),
        "{}",
        compared.stdout
    );
    for (line, with) in [
        ("--save-baseline b.json", "--save-baseline <FILE>"),
        ("-r 3", "--rounds <N>"),
        ("--max-time 1s", "--max-time <TIME>"),
        ("--precision 1%", "--precision <PERCENT>"),
    ] {
        let finished = scene.run(&format!("{PLAN} {line}"));
        assert_eq!(
            finished.error(),
            format!("the argument '--quick' cannot be used with '{with}'")
        );
    }
    for (name, instead) in [
        ("check", "--max-time"),
        ("noise", "--max-time"),
        ("overhead", "--rounds"),
    ] {
        let finished = scene.run(&format!("{name} --quick"));
        let tip = format!(
            "unexpected argument '--quick' found; tip: only workloads and `all` give a first answer; there is {instead}"
        );
        assert_eq!(finished.error(), tip);
    }
}
