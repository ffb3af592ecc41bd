//! `program` on the engine `ray`: the answer of the plain loop, on nodes that have no copy of the program,
//! and failures that name the node.
#![cfg(target_os = "linux")]

use super::cluster::{Cluster, scene};
use super::harness::{Finished, Scene};
use super::processes::{descendants, until};
use super::program::{CUBES, executable};

/// A scene with the worker `cubes.py`, whose copies do wrong what their argument says.
fn cubes() -> Scene {
    let scene = scene();
    executable(&scene.write("cubes.py", CUBES));
    scene
}

fn program(scene: &Scene, cluster: &Cluster, words: &str) -> Finished {
    let address = &cluster.address;

    scene.run(&format!(
        "program -w 0 -r 1 -e process,ray --ray-address {address} -j 2 --export json:- {words}"
    ))
}

#[test]
fn a_program_is_copied_to_the_nodes_and_gives_the_answer_of_the_loop() {
    let cluster = Cluster::start(2);
    let scene = cubes();

    // By its path it is copied, by the name of its interpreter it is found there.
    for words in ["-- ./cubes.py", "-- python3 cubes.py"] {
        let done = program(&scene, &cluster, words);
        assert_eq!(done.code, Some(0), "{}", done.stderr);

        let run: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        let measurement = &run["measurements"][0];
        assert_eq!(measurement["answer"]["sum"], 225);
        let arms = measurement["arms"].as_array().unwrap();
        let engines: Vec<_> = arms.iter().map(|arm| arm["engine"].as_str()).collect();
        assert_eq!(engines, [Some("serial"), Some("process"), Some("ray")]);
        let time = &measurement["rounds"][0]["times"][2];
        assert!(time["dispatch_s"].as_f64().unwrap() > 0.0, "{time}");
        let tasks = arms[2]["placement"]["nodes"].as_array().unwrap().iter();
        let tasks: u64 = tasks.map(|node| node["tasks"].as_u64().unwrap()).sum();
        assert_eq!(tasks, 6, "requests for no work are not counted");
    }
}

#[test]
fn a_worker_that_fails_on_a_node_is_one_line_and_leaves_nothing_behind() {
    let cluster = Cluster::start(2);

    // The loop, which runs the original, does nothing wrong.
    for (fault, words) in [
        ("raises", "this cube is too large"),
        ("dies", "saying \"out of luck\""),
        ("nonsense", "not one of the worker protocol"),
        ("bare", "no partial result with its seconds"),
    ] {
        let scene = cubes();
        let address = &cluster.address;
        let done = scene.run(&format!(
            "program -w 0 -r 1 -e ray --ray-address {address} -j 2 -- ./cubes.py {fault}"
        ));
        assert!(done.error().contains(words), "{fault}: {}", done.stderr);
    }

    let is_ours = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(9).any(|word| word == b"parbench-")
    };
    until(|| {
        let all = descendants(cluster.process()).into_iter();
        (all.filter(is_ours).count() == 0).then_some(())
    });
}
