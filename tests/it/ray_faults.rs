//! The engine `ray` while something stands still: what does not answer is given up, and the message
//! says by which flag.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::Value;

use super::cluster::{Cluster, scene};
use super::harness::{Finished, Scene, ended, started};
use super::processes::{children, signal};

const ENDLESS: &str =
    "pi --samples 30000000 --tasks 4 -w 0 -r 100000 -v --export run.json --task-timeout 5s";

fn on(cluster: &Cluster, line: &str) -> String {
    cluster.line(line).replace("-j 3", "-j 1")
}

fn complete_rounds(scene: &Scene) -> usize {
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    run["measurements"][0]["rounds"].as_array().unwrap().len()
}

/// The Python that drives the tasks of `parbench`.
fn driver(parbench: u32) -> u32 {
    let is_python = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("parbench_ray")
    };
    children(parbench).into_iter().find(is_python).unwrap()
}

#[test]
fn a_stopped_control_service_ends_the_run_with_its_complete_rounds_and_ctrl_c_needs_none() {
    let mut cluster = Cluster::start(1);
    let scene = scene();
    let (child, stdout, text) = started(&scene, &on(&cluster, ENDLESS), "ray 1 :: round 2");
    cluster.command("freeze gcs");
    let (code, text, errors) = ended(child, stdout, text);
    cluster.command("go gcs");
    assert_eq!(code, Some(2), "{text}");
    assert!(
        errors.contains("control service") && errors.contains("--task-timeout"),
        "{errors}"
    );
    assert!(complete_rounds(&scene) >= 2);

    let patient = ENDLESS.replace("--task-timeout 5s", "");
    let (child, stdout, text) = started(&scene, &on(&cluster, &patient), "ray 1 :: round 2");
    cluster.command("freeze gcs");
    signal(child.id(), "INT");
    let (code, text, errors) = ended(child, stdout, text);
    cluster.command("go gcs");
    assert_eq!((code, errors.as_str()), (Some(130), ""), "{text}");
}

#[test]
fn a_killed_control_service_ends_the_run_with_its_complete_rounds_and_one_line() {
    let mut cluster = Cluster::start(1);
    let scene = scene();
    let (child, stdout, text) = started(&scene, &on(&cluster, ENDLESS), "ray 1 :: round 2");
    cluster.command("kill gcs");
    let (code, text, errors) = ended(child, stdout, text);

    assert_eq!(code, Some(2), "{text}");
    let (error, rest) = errors.split_once('\n').unwrap();
    assert!(
        error.contains("control service") && error.contains("--task-timeout"),
        "{errors}"
    );
    assert!(
        rest.starts_with("warning: the rest was measured") && rest.lines().count() == 1,
        "{errors}"
    );
    assert!(complete_rounds(&scene) >= 2);
}

#[test]
fn a_control_service_that_stops_while_cpus_are_waited_for_is_given_up() {
    let mut cluster = Cluster::start(0);
    let line = on(
        &cluster,
        "pi --samples 1000 --tasks 2 -r 2 -v --start-timeout 10m --task-timeout 5s",
    );

    // A CPU may be waited for, but not without the service.
    let scene = scene();
    let (child, stdout, text) = started(&scene, &line, "pi :: ");
    cluster.command("wanted 1");
    cluster.command("freeze gcs");
    let (code, stdout, stderr) = ended(child, stdout, text);
    let finished = Finished {
        code,
        stdout,
        stderr,
    };
    for words in ["control service", "has not answered", "--task-timeout"] {
        assert!(finished.error().contains(words), "{}", finished.stderr);
    }
    cluster.command("go gcs");
}

#[test]
fn a_control_service_that_is_late_is_waited_for_as_long_as_joining_may_take() {
    let mut cluster = Cluster::start(1);
    let line = on(&cluster, "pi --samples 1000 --tasks 2 -w 0 -r 2 -v");
    cluster.command("freeze gcs");

    // The patient one is there before the other has given up.
    let patient_scene = scene();
    let patient = format!("{line} --start-timeout 5m");
    let (patient, stdout, text) = started(&patient_scene, &patient, "pi :: ");

    let finished = scene().run(&line);
    for words in [&cluster.address, "within 7 s", "--start-timeout"] {
        assert!(finished.error().contains(words), "{}", finished.stderr);
    }

    cluster.command("go gcs");
    let (code, text, errors) = ended(patient, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
}

#[test]
fn a_short_limit_for_tasks_accuses_no_healthy_service() {
    let cluster = Cluster::start(1);
    let line = on(&cluster, "pi --samples 1000 --tasks 2 -w 0 -r 4");
    let finished = scene().run(&format!("{line} --task-timeout 1s"));

    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_stopped_driver_is_given_up_and_ended() {
    let cluster = Cluster::start(1);
    let scene = scene();
    let (child, stdout, text) = started(&scene, &on(&cluster, ENDLESS), "ray 1 :: round 2");
    let python = driver(child.id());
    signal(python, "STOP");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        errors.contains("no sign of life") && errors.contains("--task-timeout"),
        "{errors}"
    );
    assert!(
        !fs::exists(format!("/proc/{python}")).unwrap(),
        "it was ended although it was stopped"
    );
    assert!(complete_rounds(&scene) >= 2);

    let patient = ENDLESS.replace("--task-timeout 5s", "");
    let (child, stdout, text) = started(&scene, &on(&cluster, &patient), "ray 1 :: round 2");
    let python = driver(child.id());
    signal(python, "STOP");
    signal(child.id(), "INT");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(130), ""), "{text}");
    assert!(!fs::exists(format!("/proc/{python}")).unwrap());
}

#[test]
fn a_stopped_worker_is_replaced_wherever_it_stopped() {
    let mut cluster = Cluster::start(1);
    let scene = scene();
    let line = ENDLESS.replace("-r 100000", "-r 4");
    let (child, stdout, text) = started(&scene, &on(&cluster, &line), "pi :: serial, ray");
    cluster.busy_worker();
    cluster.command("freeze 0");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let losses = run["measurements"][0]["arms"][1]["placement"]["lost_slots"].to_string();
    assert!(losses.contains("no answer within"), "{losses}: {text}");
    assert_eq!(complete_rounds(&scene), 4);
}
