//! Surprises that others have published of real programs, each with an outcome that is known by
//! construction: what sleeps scales on any machine, what holds a lock never does.
#![cfg(unix)]

use std::process::Command;

use serde_json::Value;

use super::harness::{Finished, Scene};

/// The programs of the machine.
fn scene() -> Scene {
    Scene::new().env("PATH", &std::env::var("PATH").unwrap())
}

fn cmd(scene: &Scene, flags: &str, rest: &[&str]) -> Finished {
    let mut command = scene.command(&format!("cmd {flags}"));

    Finished::from(command.args(rest).output().unwrap())
}

/// Runs it and gives what it has stored of its measurement, and what it said.
fn measured(scene: &Scene, flags: &str, rest: &[&str]) -> (Value, String) {
    let done = cmd(scene, &format!("{flags} --export run.json"), rest);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();

    (run["measurements"][0].clone(), done.flowing())
}

fn arm(measurement: &Value, index: usize) -> &Value {
    &measurement["summary"]["arms"][index]
}

/// `github.com/pcb2gcode/pcb2gcode/issues/148`: `make -j4` is no faster than `-j2`. Four steps of 0.2 s
/// can run side by side, and a last one of 0.2 s comes after them: a fifth is serial.
#[test]
fn the_serial_share_of_a_build_is_recovered() {
    let scene = scene();
    let steps = "all: a b c d\n\t@sleep 0.2\na b c d:\n\t@sleep 0.2\n";
    scene.write("Makefile", steps);
    let (measurement, _) = measured(&scene, "-j 1,2 -r 6", &["--", "make", "-sB", "-j{workers}"]);

    let fraction = &measurement["summary"]["series"][0]["points"][1]["serial_fraction"];
    let end = |name: &str| fraction[name].as_f64().unwrap();
    assert!(
        end("low") < 0.21 && end("high") > 0.19,
        "0.2 by construction, a little more by make itself: {fraction}"
    );
    assert!((0.15..0.27).contains(&end("median")), "{fraction}");
    assert_eq!(arm(&measurement, 1)["verdict"], "pays");
}

/// The same with more jobs than cores: what only waits goes on to gain.
#[test]
fn a_build_that_waits_gains_beyond_the_cores() {
    let scene = scene();
    scene.write(
        "Makefile",
        "all: a b c d e f g h\na b c d e f g h:\n\t@sleep 0.05\n",
    );
    let line = ["--", "make", "-sB", "-j{workers}"];
    let (measurement, said) = measured(&scene, "-j 1,2,8 -r 6", &line);

    let speedup = |index: usize| arm(&measurement, index)["speedup"].as_f64().unwrap();
    assert!(
        speedup(2) > 1.5 * speedup(1),
        "{} and {}",
        speedup(2),
        speedup(1)
    );
    assert!(said.contains("use 8 workers"), "{said}");
}

/// GNU parallel's manual and xargs: thousands of `touch` are thousands of starts, and grouping them
/// beats a second worker. xargs makes the same files.
#[test]
fn tasks_that_are_nothing_but_their_start_are_grouped() {
    let scene = scene();
    let inputs: Vec<String> = (0..200).map(|number| format!("pict{number}")).collect();
    scene.write("list", &(inputs.join("\n") + "\n"));

    let (_, said) = measured(&scene, "-j 1,2 -r 6 -i list", &["--", "touch", "{}"]);
    assert!(
        said.contains("starting a process that does nothing takes"),
        "{said}"
    );
    assert!(
        said.contains("give several inputs to one process, as with --batch"),
        "{said}"
    );

    let (grouped, _) = measured(&scene, "-j 2 -r 6 -i list --batch 25", &["--", "touch"]);
    assert_eq!(grouped["tasks"], 8);
    assert_eq!(grouped["work"]["amount"], 200);

    let names = |folder: &Scene| {
        let mut names: Vec<String> = std::fs::read_dir(folder.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("pict"))
            .collect();
        names.sort();
        names
    };
    let others = scene_with_list(&inputs);
    let xargs = Command::new("xargs")
        .args(["-P2", "-n1", "-a", "list", "touch"])
        .current_dir(others.path(""))
        .status();
    assert!(xargs.unwrap().success());
    assert_eq!(names(&scene), names(&others));
}

fn scene_with_list(inputs: &[String]) -> Scene {
    let scene = scene();
    scene.write("list", &(inputs.join("\n") + "\n"));

    scene
}

/// `github.com/BurntSushi/ripgrep/issues/1625`: other answers with more threads. Tasks that read a
/// number, wait and write the next one lose some of them side by side.
#[test]
fn tasks_that_overwrite_each_other_are_found_by_a_check() {
    let scene = scene();
    let script = "n=$(cat count); sleep 0.1; echo $((n+1)) > count";
    let hooks = [
        "--prepare",
        "echo 0 > count",
        "--check",
        "test $(cat count) = 2",
    ];
    let line = [&hooks[..], &["--shell", "--", script]].concat();
    let done = cmd(&scene, "-j 2 -r 2 --repeat 2", &line);
    assert_eq!(
        done.error(),
        "cmd: pool 2: --check `test $(cat count) = 2` ended with exit code 1"
    );
}

/// Tasks behind one lock do one after the other what they do.
#[test]
fn a_lock_makes_a_program_flat() {
    let scene = scene();
    let line = ["--repeat", "4", "--", "flock", "lock", "sleep", "0.05"];
    let (measurement, said) = measured(&scene, "-j 2 -r 8", &line);

    let speedup = arm(&measurement, 1)["speedup"].as_f64().unwrap();
    assert!(speedup < 1.2, "{speedup}: {said}");
    // Beside other programs even a lock may be taken sooner by the next one of two.
    if !said.contains("other programs used") {
        assert_ne!(arm(&measurement, 1)["verdict"], "pays", "{said}");
        assert!(!said.contains("use 2 workers"), "{said}");
    }
}

/// `github.com/jnovy/pxz/issues/7` and xz's manual: at -9 a thread gets 192 MiB, so that a smaller file is
/// one thread's, whatever -T says.
#[test]
fn a_compressor_with_blocks_longer_than_the_file_does_not_honour_its_threads() {
    let scene = scene();
    let words: Vec<String> = (0..100_000_u32)
        .map(|word| format!("{:x}", word.wrapping_mul(2_654_435_761) >> 18))
        .collect();
    scene.write("text", words.join(" "));
    let line = ["--", "xz", "-9", "-T{workers}", "-c", "text"];
    let (measurement, said) = measured(&scene, "-j 1,2 -r 8", &line);

    assert_ne!(arm(&measurement, 1)["verdict"], "pays", "{said}");
    for round in measurement["rounds"].as_array().unwrap() {
        let time = &round["times"][1];
        let seconds = |name: &str| time["cpu"][name].as_f64().unwrap();
        let cores = (seconds("user_s") + seconds("system_s")) / time["wall_s"].as_f64().unwrap();
        assert!(cores < 1.1, "{cores}: {time}");
    }
}

/// A build that has nothing to do the second time.
#[test]
fn a_first_run_that_is_much_longer_is_said_with_the_way_to_repeat_it() {
    let scene = scene();
    let script = "test -e made || { sleep 3; touch made; }; sleep 0.05";
    let line = ["--", "sh", "-c", script];
    let (_, said) = measured(&scene, "-j 2 -r 6 --repeat 1", &line);
    assert!(said.contains("--prepare"), "{said}");
}

/// A program with OpenMP whose eight steps of 50 ms are shared out after a ninth that is not.
#[test]
fn a_parallel_loop_of_openmp_pays_as_far_as_it_is_parallel() {
    let scene = scene();
    let solver = r"
        #include <time.h>

        static void step(void) {
            struct timespec rest = {0, 50000000};
            nanosleep(&rest, 0);
        }

        int main(void) {
            step();
        #pragma omp parallel for schedule(static)
            for (int number = 0; number < 8; number++)
                step();
        }";
    compile_with_openmp(&scene, solver);
    let (measurement, said) = measured(&scene, "-j 1,2 -r 6", &WITH_OPENMP);

    // 9 steps one after the other, 5 on two threads: what other programs add makes it less.
    let speedup = arm(&measurement, 1)["speedup"].as_f64().unwrap();
    assert!((1.2..2.0).contains(&speedup), "{speedup}: {said}");
    assert_eq!(arm(&measurement, 1)["verdict"], "pays", "{said}");
    assert!(said.contains("use 2 workers"), "{said}");
}

/// `github.com/osqzss/gps-sdr-sim/issues/11`: a critical section in the inner loop. Nothing in the report
/// may explain that by what was not measured.
#[test]
fn a_critical_section_in_every_step_of_openmp_does_not_pay() {
    let scene = scene();
    let solver = r#"
        #include <stdio.h>

        int main(void) {
            unsigned long sum = 0;
        #pragma omp parallel for schedule(static)
            for (int sample = 0; sample < 1000000; sample++) {
        #pragma omp critical
                sum += (unsigned long)sample * sample % 7;
            }
            printf("%lu\n", sum);
        }"#;
    compile_with_openmp(&scene, solver);
    let (measurement, said) = measured(&scene, "-j 1,2 -r 8", &WITH_OPENMP);

    let speedup = arm(&measurement, 1)["speedup"].as_f64().unwrap();
    assert!(speedup < 1.2, "{speedup}: {said}");
    assert_ne!(arm(&measurement, 1)["verdict"], "pays", "{said}");
    assert!(!said.contains("use 2 workers"), "{said}");
    for cause in [
        "tasks take",
        "wait most",
        "longest task",
        "--batch",
        "honour",
    ] {
        assert!(!said.contains(cause), "{cause}: {said}");
    }
}

/// `github.com/rayon-rs/rayon/issues/1136` and `648`: loops of sixteen steps take 1.28 s on one thread and
/// 4.17 s on all of them.
#[test]
fn loops_that_are_too_short_for_rayon_do_not_pay() {
    let scene = scene();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_parbench")).parent();
    let program = folder.unwrap().join("examples/short-loops");
    let line = [
        "--",
        "RAYON_NUM_THREADS={workers}",
        program.to_str().unwrap(),
    ];
    let (measurement, said) = measured(&scene, "-j 1,2 -r 8", &line);

    let arm = arm(&measurement, 1);
    assert!(arm["speedup"].as_f64().unwrap() < 1.0, "{arm}: {said}");
    assert_eq!(arm["verdict"], "does-not-pay", "{said}");
    assert!(!said.contains("use 2 workers"), "{said}");
}

const WITH_OPENMP: [&str; 3] = ["--", "OMP_NUM_THREADS={workers}", "./solver"];

/// Makes the program `solver` of the scene's folder.
fn compile_with_openmp(scene: &Scene, text: &str) {
    let file = scene.write("solver.c", text);
    let compiled = Command::new("cc")
        .args(["-O1", "-fopenmp", "-o"])
        .args([scene.path("solver"), file])
        .status();

    assert!(
        compiled.unwrap().success(),
        "install a C compiler with OpenMP, such as gcc"
    );
}

/// `github.com/sharkdp/hyperfine/issues/597`: a program that ends before what it has started. Its time
/// is its own, and what it leaves is ended with it.
#[cfg(target_os = "linux")]
#[test]
fn what_outlives_its_program_is_ended_and_not_waited_for() {
    let scene = scene();
    let script = "tail -f /dev/null & echo $! >> left; sleep 0.02";
    let line = ["--repeat", "2", "--", "sh", "-c", script];
    let (measurement, said) = measured(&scene, "-j 2 -r 2", &line);
    assert_eq!(measurement["rounds"].as_array().unwrap().len(), 3);
    assert!(
        said.contains("processes that outlived the program"),
        "{said}"
    );

    for pid in scene.read("left").lines() {
        let stat = format!("/proc/{pid}/stat");
        let is_gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z"));
        assert!((0..1_000_000).any(|_| is_gone()), "{pid} still runs");
    }
}

/// `github.com/facebook/zstd/issues/2238` and xz's manual: zstd writes the same with any number of
/// threads and something else without any; xz writes something else as soon as there are several.
#[test]
fn compressors_write_the_same_or_not_as_their_manuals_say() {
    let scene = scene();
    let words: Vec<String> = (0..600_000_u32)
        .map(|word| format!("{:x}", word.wrapping_mul(2_654_435_761) >> 20))
        .collect();
    scene.write("text", words.join(" "));

    let zstd = ["--serial", "zstd -q -1 --single-thread -c text", "--"];
    let zstd = [
        &zstd[..],
        &["zstd", "-q", "-1", "-T{workers}", "-c", "text"],
    ]
    .concat();
    let (measurement, _) = measured(&scene, "-j 1,2 -r 2", &zstd);
    let answer = &measurement["answer"];
    assert_eq!(answer["own 1"], answer["own 2"]);
    assert_ne!(answer["own 1"], answer["serial"]);

    let xz = ["--", "xz", "-0", "-T{workers}", "-c", "text"];
    let (_, said) = measured(&scene, "-j 1,2 -r 2", &xz);
    assert!(
        said.contains("the output of own 2 differs from that of own 1"),
        "{said}"
    );
}

/// `github.com/pytest-dev/pytest-xdist/issues/695`: one worker takes longer than none. A runner that
/// sets up its workers is beside a serial one that does not.
#[test]
fn one_worker_that_costs_more_than_none_is_seen_beside_a_serial_program() {
    let scene = scene();
    let script = "sleep 0.1; sleep $(awk 'BEGIN { print 0.2 / {workers} }')";
    let line = ["--serial", "sleep 0.2", "--", "sh", "-c", script];
    let (measurement, said) = measured(&scene, "-j 1,2 -r 6", &line);

    assert_eq!(
        arm(&measurement, 1)["verdict"],
        "does-not-pay",
        "0.3 s beside 0.2 s"
    );
    assert!(
        !said.contains("use 2 workers"),
        "0.2 s beside 0.2 s: {said}"
    );
}
