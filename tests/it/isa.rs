//! Choosing the kernels' instruction set: by flag, by variable, refused where the CPU lacks it.

use parbench_kernels::isa::Isa;

use super::harness::Scene;

const SHORT: &str = "--quiet -w 0 -r 1";

#[test]
fn every_instruction_set_gives_the_same_answers_and_is_recorded() {
    let scene = Scene::new();
    for workload in [
        "fib --size 3000",
        "fib --size 3000 --keep last",
        "pi --samples 100003",
    ] {
        let mut answers = Vec::new();
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let run = scene.exported(&format!("{workload} --isa {isa} {SHORT}"));
            assert_eq!(run["environment"]["cpu"]["isa"], isa.name(), "{workload}");
            answers.push(run["measurements"][0]["answer"].clone());
        }
        assert!(
            answers.windows(2).all(|two| two[0] == two[1]),
            "{workload}: {answers:?}"
        );
    }
}

#[test]
fn the_variable_chooses_and_the_flag_has_the_last_word() {
    let scene = Scene::new().env("PARBENCH_ISA", "portable");
    let isa = |line: &str| scene.exported(line)["environment"]["cpu"]["isa"].clone();
    assert_eq!(isa(&format!("pi --samples 1000 {SHORT}")), "portable");
    assert_eq!(
        isa(&format!("pi --samples 1000 --isa auto {SHORT}")),
        Isa::detect().name()
    );
}

#[test]
fn an_instruction_set_that_is_not_there_is_refused_with_those_that_are() {
    let scene = Scene::new();
    let missing = Isa::ALL
        .into_iter()
        .find(|isa| !isa.is_available())
        .unwrap();
    for (name, why) in [
        (missing.name(), "this CPU cannot run it"),
        ("sse9", "use auto"),
    ] {
        let finished = scene.run(&format!("pi --isa {name}"));
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""));
        assert!(finished.stderr.contains(name), "{}", finished.stderr);
        assert!(
            finished.stderr.contains(why) && finished.stderr.contains("portable"),
            "{}",
            finished.stderr
        );
    }
}
