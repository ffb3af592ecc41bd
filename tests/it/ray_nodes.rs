//! The engine `ray` on clusters of which some nodes cannot be used, or none is there yet: it starts
//! on those that can, as soon as they can.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::cluster::{Cluster, scene};
use super::harness::{Scene, ended, started};

/// The slots of each node that was used, by the stored run.
fn slots_of_nodes(run: &Value) -> Vec<u64> {
    let nodes = run["measurements"][0]["arms"][1]["placement"]["nodes"].as_array();

    nodes
        .unwrap()
        .iter()
        .map(|node| node["slots"].as_u64().unwrap())
        .collect()
}

fn small(cluster: &Cluster, flags: &str) -> String {
    let address = &cluster.address;
    format!(
        "pi --samples 1000 --tasks 2 -w 0 -r 2 --engine ray --ray-address {address} -j 1 {flags}"
    )
}

#[test]
fn nodes_that_cannot_be_used_are_left_for_one_that_can() {
    let mut cluster = Cluster::inattentive(1);
    let scene = scene();

    // Each has more free CPUs than the ones before, so it is tried first. The cluster does not
    // notice that a node hangs or is dead.
    for (more, what) in [
        ("foreign 2", None),
        ("add 3", Some("stop 2")),
        ("add 4", Some("kill 3")),
    ] {
        cluster.command(more);
        if let Some(what) = what {
            cluster.command(what);
        }

        let run = scene.exported(&small(&cluster, "-q"));
        assert_eq!(slots_of_nodes(&run), [1], "{more}, {what:?}");
    }
}

#[test]
fn a_cluster_without_cpus_is_waited_for_until_it_has_some() {
    let mut cluster = Cluster::start(0);
    let scene = scene();
    let line = small(&cluster, "--start-timeout 5m -v --export run.json");

    // As an autoscaler does it: an actor that waits for a CPU makes the cluster grow.
    let (child, stdout, text) = started(&scene, &line, "pi :: ");
    cluster.command("wanted 1");
    cluster.command("add 1");
    let (code, text, errors) = ended(child, stdout, text);

    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert_eq!(slots_of_nodes(&stored(&scene)), [1]);
}

#[test]
fn cpus_whose_workers_still_start_are_not_called_used_by_others() {
    let mut cluster = Cluster::start(0);
    cluster.command("slow 1");
    let finished = scene().run(&small(&cluster, "--start-timeout 15s"));

    for words in [
        "granted 0 of 1 CPUs within 15 s: their workers were still starting",
        "--start-timeout",
    ] {
        assert!(finished.error().contains(words), "{}", finished.stderr);
    }
}

fn stored(scene: &Scene) -> Value {
    serde_json::from_str(&scene.read("run.json")).unwrap()
}
