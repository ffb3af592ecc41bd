//! The engine `ray` against real clusters on loopback: the same answers, what goes wrong, and
//! nothing left behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::cluster::{Cluster, TOKEN, alone, is_worker, python, scene};
use super::harness::{Finished, Scene, ended, repository, started};
use super::processes::{runs, signal, until};
use super::venv::run;

/// The processes that were started in this scene, by the folder that they all know of.
fn leftovers(scene: &Scene) -> Vec<u32> {
    let folder = scene.path("cache").display().to_string();
    let all = fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let knows = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        runs(*pid) && String::from_utf8_lossy(&environment).contains(&folder)
    };
    pids.filter(knows).collect()
}

fn placement(run: &Value) -> &Value {
    &run["measurements"][0]["arms"][1]["placement"]
}

fn tasks_of_nodes(run: &Value) -> Vec<u64> {
    placement(run)["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["tasks"].as_u64().unwrap())
        .collect()
}

fn stored(scene: &Scene) -> Value {
    serde_json::from_str(&scene.read("run.json")).unwrap()
}

#[test]
fn a_ray_of_its_own_has_the_answers_of_the_pool_and_leaves_nothing() {
    let _turn = alone();
    // Ray's sockets are in it, and their paths must be short.
    let temporary = tempfile::tempdir_in("/tmp").unwrap();
    let uid = fs::metadata(temporary.path()).unwrap().uid();
    let programs = temporary.path().join(format!("parbench-{uid}"));
    fs::create_dir_all(&programs).unwrap();
    let fortnight = Duration::from_hours(14 * 24);
    let unused = fs::File::create(programs.join("0".repeat(64))).unwrap();
    unused.set_modified(SystemTime::now() - fortnight).unwrap();

    let scene = scene().env("TMPDIR", temporary.path().to_str().unwrap());
    for workload in ["fib --size 500 --tasks 3", "image --count 3 --side 300"] {
        let run = scene.exported(&format!(
            "{workload} --engine pool,process,ray -j 2 -w 0 -r 2 -q"
        ));
        let measurements = run["measurements"].as_array().unwrap();
        // Ray's own processes never rest, so it has rounds of its own.
        assert_eq!(measurements.len(), 2);
        assert_eq!(
            measurements[1]["answer"], measurements[0]["answer"],
            "{workload}"
        );

        let placement = &measurements[1]["arms"][1]["placement"];
        let phases: Vec<_> = placement["startup"]
            .as_array()
            .unwrap()
            .iter()
            .map(|phase| phase["name"].clone())
            .collect();
        assert_eq!(phases, ["driver", "cluster", "slots"]);
        assert_eq!(placement["nodes"][0]["slots"], 2);
        assert_eq!(leftovers(&scene), [0; 0], "{workload}");
    }

    let kept = fs::read_dir(&programs)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let kept: Vec<_> = kept.map(|name| name.into_string().unwrap()).collect();
    assert!(
        matches!(&kept[..], [digest] if digest.len() == 64),
        "{kept:?}"
    );

    let costs = scene.run("overhead --engine ray -j 2 -r 1");
    assert_eq!((costs.code, costs.stderr.as_str()), (Some(0), ""));
    assert!(costs.stdout.contains("ray 2"), "{}", costs.stdout);
    assert_eq!(leftovers(&scene), [0; 0]);
}

#[test]
fn slots_that_share_cpus_are_dealt_alike_and_others_by_how_quick_they_are() {
    let script = repository()
        .join("tests/it/ray_dispatch.py")
        .display()
        .to_string();
    let dealt = |cpus: &str, speeds: &str, used: &str| -> Vec<[u64; 3]> {
        let output = Command::new(python())
            .args([&script, cpus, speeds, used, "200"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };

    // Two CPUs for three slots: which is free first is chance, and seven batches of eight are even
    // all the same.
    let batches = dealt("2", "[1, 1, 1]", "3");
    let even = batches.iter().filter(|&&batch| batch == [4, 4, 4]).count();
    assert!(even >= 160, "{even} of {}", batches.len());

    // A CPU for each: no slot waits for a slower one.
    assert!(
        dealt("3", "[1, 1, 0.45]", "3")
            .iter()
            .all(|&batch| batch == [5, 5, 2])
    );

    // One that hangs, as far as can be seen, holds no other up.
    assert!(
        dealt("2", "[1, 1, 0.02]", "3")
            .iter()
            .all(|batch| batch[2] == 1)
    );

    // Two of the three may be used: the third is left alone.
    assert!(
        dealt("2", "[1, 1, 1]", "2")
            .iter()
            .all(|&batch| batch == [6, 6, 0])
    );
}

#[test]
fn equal_tasks_spread_and_what_is_killed_is_done_again() {
    let mut cluster = Cluster::start(3);
    let scene = scene();

    let spread = "pi --samples 30000000 --tasks 12 -w 0 -r 1 -q";
    // Where the machine holds a node up for long, the others take its tasks, as they should.
    let mut spreads = Vec::new();
    let run = (0..4)
        .map(|_| scene.exported(&cluster.line(spread)))
        .find(|run| {
            spreads.push(tasks_of_nodes(run));
            spreads.ends_with(&[vec![4, 4, 4]])
        });
    let run = run.unwrap_or_else(|| panic!("no round gave each node four tasks: {spreads:?}"));
    let answer = run["measurements"][0]["answer"].clone();

    // Nodes that see no common folder make their own copies; the pictures are the same.
    let image = "image --count 4 --side 300 -w 0 -r 1 -q";
    assert_eq!(
        scene.exported(&cluster.line(image))["measurements"][0]["answer"],
        scene.exported(image)["measurements"][0]["answer"]
    );

    // A worker that computes has a task.
    let long = cluster.line("pi --samples 300000000 --tasks 6 -w 0 -r 1 -v --export run.json");
    let (child, stdout, text) = started(&scene, &long, "pi :: serial, ray");
    let worker = cluster.busy_worker();
    signal(worker, "KILL");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert!(text.contains("done again"), "{text}");
    let reruns = placement(&stored(&scene))["reruns"].clone();
    assert!(
        reruns[0]["why"]
            .as_str()
            .unwrap()
            .contains("its worker process ended with signal 9"),
        "{reruns}"
    );

    let (child, stdout, text) = started(&scene, &long, "pi :: serial, ray");
    cluster.busy_worker();
    cluster.command("worker 1");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let reruns = placement(&stored(&scene))["reruns"].clone();
    assert!(
        reruns[0]["why"]
            .as_str()
            .unwrap()
            .contains("its Ray worker died"),
        "{reruns}"
    );

    assert_eq!(
        scene.exported(&cluster.line(spread))["measurements"][0]["answer"],
        answer
    );
}

/// The fewest slots that each stored round had.
pub(super) fn slots_of_rounds(run: &Value) -> Vec<u64> {
    let rounds = run["measurements"][0]["rounds"].as_array().unwrap();

    rounds
        .iter()
        .map(|round| round["times"][1]["cluster"]["slots"].as_u64().unwrap())
        .collect()
}

#[test]
fn slots_of_a_lost_node_move_to_one_that_joins_later_and_without_one_the_run_ends() {
    let mut cluster = Cluster::start(3);
    let scene = scene();
    let line = "pi --samples 300000000 --tasks 6 -w 0 -r 2 -v --export run.json --task-timeout 20s --start-timeout 60s";
    let lost = [
        "Ray worker died",
        "Ray worker cannot be reached",
        "node died",
        "node is gone",
    ];
    let hung = [&["no answer within"][..], &lost].concat();

    for (what, why) in [("kill 0", &lost[..]), ("stop 1", &hung)] {
        let (child, stdout, text) = started(&scene, &cluster.line(line), "pi :: serial, ray");
        cluster.busy_worker();
        cluster.command(what);
        cluster.command("add 1");
        let (code, text, errors) = ended(child, stdout, text);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{what}: {text}");

        let run = stored(&scene);
        let losses = placement(&run)["lost_slots"].as_array().unwrap().clone();
        let expected = |loss: &Value| {
            why.iter()
                .any(|why| loss["why"].as_str().unwrap().contains(why))
        };
        assert!(
            !losses.is_empty() && losses.iter().all(expected),
            "{what}: {losses:?}"
        );
        assert_eq!(
            slots_of_rounds(&run),
            [3, 3],
            "a round with fewer slots is no round"
        );
        assert_eq!(placement(&run)["nodes"].as_array().unwrap().len(), 4);
    }

    let endless = cluster.line(&line.replace("-r 2", "-r 1000").replace("60s", "15s"));
    let (child, stdout, text) = started(&scene, &endless, "ray 3 :: round 2");
    cluster.command("kill 2");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        errors.contains("could not be replaced") && errors.contains("--start-timeout"),
        "{errors}"
    );
    let slots = slots_of_rounds(&stored(&scene));
    assert!(
        slots.len() >= 2 && slots.iter().all(|&slots| slots == 3),
        "complete rounds are kept: {slots:?}"
    );
}

#[test]
fn ctrl_c_leaves_no_actor_and_no_ray() {
    let cluster = Cluster::start(1);
    for address in ["local", &cluster.address] {
        let scene = scene();
        let line = format!(
            "pi --samples 100000000000 --tasks 2 --engine ray --ray-address {address} -j 1 -w 0 -r 2 -v"
        );
        let (child, stdout, text) = started(&scene, &line, "pi :: serial, ray");
        let works = || {
            let own = leftovers(&scene).into_iter().any(is_worker);
            own || !cluster.workers().is_empty()
        };
        until(|| works().then_some(()));

        signal(child.id(), "INT");
        assert_eq!(ended(child, stdout, text).0, Some(130));
        until(|| (leftovers(&scene).is_empty() && cluster.workers().is_empty()).then_some(()));
    }
}

/// What `pi` says on Ray with these flags.
fn refused(scene: &Scene, flags: &str) -> Finished {
    scene.run(&format!("pi --samples 1000 --engine ray -j 1 -r 2 {flags}"))
}

#[track_caller]
fn says(finished: &Finished, words: &[&str]) {
    let error = finished.error();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

#[test]
fn without_python_or_ray_the_message_names_how_to_fix_it() {
    let scene = scene();
    says(
        &refused(&scene, "--python no/such/python"),
        &["no/such/python", "--python"],
    );
    says(
        &refused(&scene, "--python /bin/true"),
        &["/bin/true", "--python"],
    );
    let bare = scene.path("bare");
    run(
        "python3",
        &["-m", "venv", "--without-pip", bare.to_str().unwrap()],
        "install Python 3 with its venv module",
    );
    says(
        &refused(&scene, "--python bare/bin/python"),
        &["has no Ray", "-m pip install ray"],
    );
}

#[test]
fn a_wrong_address_is_quoted() {
    let scene = scene();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = taken.local_addr().unwrap().to_string();
    says(
        &refused(&scene, &format!("--ray-address {silent}")),
        &[&silent, "not be the address of a Ray head"],
    );
    drop(taken);
    says(
        &refused(&scene, &format!("--ray-address {silent}")),
        &["nothing listens", &silent],
    );
    says(
        &refused(&scene, "--ray-address no.such.host.invalid:6379"),
        &["no.such.host.invalid:6379"],
    );
    let finished = refused(&scene, "--ray-address ray://head:10001");
    assert!(
        finished.error().contains("ray://head:10001"),
        "{}",
        finished.stderr
    );
}

#[test]
fn a_node_that_cannot_do_the_work_is_named() {
    let _turn = alone();
    let scene = scene();
    // Ray's processes have none of this one's open files, so only this one sees the folder by that
    // name.
    fs::create_dir(scene.path("pictures")).unwrap();
    image::RgbImage::new(300, 300)
        .save(scene.path("pictures/black.png"))
        .unwrap();
    let mut shell = Command::new("sh");
    let program = scene.command("image --input /proc/self/fd/9 --engine ray -j 1 -r 2 -w 0");
    shell
        .args(["-c", "exec 9<pictures; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args());
    shell.current_dir(scene.path(".")).env_clear();
    shell.envs(
        program
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    says(
        &Finished::from(shell.output().unwrap()),
        &["image: node ", "/proc/self/fd/9"],
    );
    scene.write(
        "modules/sitecustomize.py",
        "import platform; platform.machine = lambda: 'riscv64'",
    );
    let modules = scene.path("modules").display().to_string();
    let error = refused(&scene.env("PYTHONPATH", &modules), "");
    says(&error, &["node ", "it is riscv64", std::env::consts::ARCH]);
}

#[test]
fn a_cluster_that_refuses_is_explained() {
    let cluster = Cluster::start(1);
    let address = format!("--ray-address {}", cluster.address);
    says(
        &refused(&scene(), &format!("{address} -j 2")),
        &["1 CPU", "--workers"],
    );
    let stranger = scene().env("RAY_AUTH_TOKEN", &TOKEN.replace('0', "f"));
    says(&refused(&stranger, &address), &[&cluster.address, "token"]);
    // Another Ray, then another Python, as far as Ray can tell.
    for line in [
        "import ray; ray.__version__ = '1.2.3'",
        "import collections, sys; Version = collections.namedtuple('Version', 'major minor micro releaselevel serial'); \
             sys.version_info = Version(*sys.version_info[:2], 99, 'final', 0)",
    ] {
        let scene = scene();
        scene.write("modules/sitecustomize.py", line);
        let modules = scene.path("modules").display().to_string();
        let scene = scene.env("PYTHONPATH", &modules);
        says(
            &refused(&scene, &address),
            &[&cluster.address, "2.60.0", "use another --python"],
        );
    }
    // Somebody else has the only CPU.
    let busy = scene();
    let line =
        format!("pi --samples 100000000000 --tasks 1 --engine ray {address} -j 1 -w 0 -r 2 -v");
    let (child, stdout, text) = started(&busy, &line, "pi :: serial, ray");
    until(|| (!cluster.workers().is_empty()).then_some(()));
    says(
        &refused(&scene(), &address),
        &["granted 0 of 1 CPU", "--workers"],
    );
    signal(child.id(), "INT");
    assert_eq!(ended(child, stdout, text).0, Some(130));
}
