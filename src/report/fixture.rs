//! Runs built by hand for the reports' tests: typical, extreme and broken ones. No clock, no machine.

mod compared;
mod machines;
mod overhead;

use serde_json::{Value, json};

use crate::machine::OtherPrograms;
use crate::results::{
    Busy, Calibration, CpuUse, LostSlots, MachineUse, Measurement, Node, Order, Phase, Placement,
    Problem, Rerun, Round, Rounds, Run, SCHEMA_VERSION, Sampling, Work,
};
use crate::units::Bytes;

pub(super) use compared::compared;
pub(super) use machines::{crowded, environment, unknown};
pub(super) use overhead::overhead;

/// Three workloads on two workers, with a cold round and ten steady ones each.
pub(super) fn run() -> Run {
    of(vec![
        measurement("fib", 2, 1.234, 0.651),
        measurement("pi", 2, 0.432, 0.2205),
        measurement("image", 2, 2.05, 2.11),
    ])
}

/// A run of `measurements` on a usual machine.
pub(super) fn of(measurements: Vec<Measurement>) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: "0.1.0".to_owned(),
        started_at: "2026-02-03T04:05:06Z".to_owned(),
        interrupted: false,
        environment: environment(),
        sampling: Sampling {
            warmup: 1,
            rounds: Rounds::Exactly(10),
            order_seed: 7,
        },
        measurements,
        comparison: None,
        problems: Vec::new(),
    }
}

/// A measurement whose arms take about `serial` and `distributed` seconds.
pub(super) fn measurement(
    workload: &str,
    workers: usize,
    serial: f64,
    distributed: f64,
) -> Measurement {
    let (params, amount, unit, answer) = workload_of(workload);
    Measurement {
        workload: workload.to_owned(),
        params,
        tasks: 8,
        engine: "pool".to_owned(),
        workers,
        task_bytes: Bytes(0),
        memory_bytes: Bytes(0),
        work: Work {
            amount,
            unit: unit.to_owned(),
        },
        answer,
        startup_s: 0.0012,
        placement: crate::results::Placement::default(),
        rounds: rounds(serial, distributed),
    }
}

fn workload_of(name: &str) -> (Value, u64, &'static str, Value) {
    match name {
        "fib" => (
            json!({"n": 10_000, "tasks": 8}),
            10_000,
            "terms",
            json!({"digits": 2090, "sha256": "5c4f|19"}),
        ),
        "pi" => (
            json!({"samples": 60_000_000, "seed": 1}),
            60_000_000,
            "samples",
            json!({"inside": 47_123_880}),
        ),
        _ => (
            json!({"images": 40}),
            40,
            "images",
            json!({"bytes": 1_203_455, "sha256": "ab".repeat(32)}),
        ),
    }
}

/// A cold round, then ten that spread a few per cent around the given times.
fn rounds(serial: f64, distributed: f64) -> Vec<Round> {
    let cold = round(serial * 1.05, distributed * 1.2, true);
    let steady = (0..10).map(|index| {
        let off = f64::from(index - 5) * 0.006;
        round(
            serial * (1.0 + off),
            distributed * (1.0 - off * off * 20.0),
            false,
        )
    });
    std::iter::once(cold).chain(steady).collect()
}

/// One round.
pub(super) fn round(serial_s: f64, distributed_s: f64, cold: bool) -> Round {
    let cpu = |wall: f64| {
        Some(CpuUse {
            user_s: wall * 0.97,
            system_s: wall * 0.02,
            preemptions: 3,
            waited_s: Some(0.001),
        })
    };
    Round {
        serial_s,
        distributed_s,
        order: Order::SerialFirst,
        cold,
        calibration: Calibration {
            arithmetic_s: 0.00062,
            memory_s: 0.0005,
            handoff_s: Some(1.1e-7),
            granted_cores: 1.94,
        },
        task_overhead_s: 3.1e-7,
        serial_cpu: cpu(serial_s),
        distributed_cpu: cpu(2.0 * distributed_s),
        busy: Some(Busy {
            total_s: serial_s * 1.02,
            busiest_s: serial_s * 0.515,
        }),
        machine: MachineUse {
            steal: Some(0.001),
            throttled: Some(0.0),
            load: Some(0.4),
            other_programs: Some(OtherPrograms {
                cores: 0.03,
                cpus: 2,
            }),
            ..MachineUse::default()
        },
        cluster: None,
    }
}

/// Three workloads at one, two and four workers.
pub(super) fn nine() -> Run {
    let base = [("fib", 1.234), ("pi", 0.432), ("image", 2.05)];
    let grid = base.iter().flat_map(|&(name, serial)| {
        [1, 2, 4].map(|workers| measurement(name, workers, serial, serial / workers as f64 * 1.06))
    });
    of(grid.collect())
}

/// Two workloads on three engines, of which one answered nothing in the end.
pub(super) fn engines() -> Run {
    let on = |name: &str, engine: &str, distributed: f64| {
        let mut one = measurement(name, 2, 1.234, distributed);
        one.engine = engine.to_owned();
        one
    };
    let mut run = of(vec![
        on("fib", "pool", 0.651),
        on("fib", "process", 0.662),
        on("fib", "ray", 0.771),
        on("pi", "pool", 0.64),
        on("pi", "process", 0.65),
        on("pi", "ray", 0.7),
    ]);
    run.measurements[5].rounds.clear();
    run.measurements[2].placement = Placement {
        cluster: None,
        startup: vec![
            Phase {
                name: "driver".to_owned(),
                seconds: 0.41,
            },
            Phase {
                name: "slots".to_owned(),
                seconds: 0.8,
            },
        ],
        nodes: vec![Node {
            name: "alpha (10.0.0.5)".to_owned(),
            slots: 2,
            tasks: 88,
            model: None,
        }],
        reruns: vec![Rerun {
            why: "node alpha (10.0.0.5): its Ray worker died".to_owned(),
            tasks: 2,
        }],
        lost_slots: vec![LostSlots {
            why: "node alpha (10.0.0.5): its Ray worker died".to_owned(),
            slots: 1,
        }],
        elsewhere: true,
    };
    run
}

/// Times from a nanosecond to a quarter of an hour, many tasks and workers, and names that need escaping.
pub(super) fn extreme() -> Run {
    let mut run = of(vec![
        measurement("fib", 128, 1e-9, 998.7),
        measurement("pi", 128, 998.7, 7.8e-6),
        measurement("image", 1, 0.0, 0.0),
    ]);
    for measurement in &mut run.measurements {
        measurement.tasks = 1_048_576;
        measurement.startup_s = 12.34;
    }
    run.measurements[1].engine = "process".to_owned();
    run.environment.cpu_model = "Model & Sons <\"Xeon\"> | 'Platinum' CPU @ 2.70GHz ".repeat(3);
    run
}

/// Interrupted in a debug build, with a cold round alone, no round at all, and two problems.
pub(super) fn broken() -> Run {
    let mut run = run();
    run.interrupted = true;
    run.environment.build_profile = "debug".to_owned();
    run.measurements[1].rounds.truncate(1);
    run.measurements[2].rounds.clear();
    let message =
        "photo-17.jpg is no JPEG | 3 of 40 images were left out; delete the folder to make it anew";
    run.problems.push(Problem {
        workload: "image".to_owned(),
        message: message.to_owned(),
    });
    run.problems.push(Problem {
        workload: "ray".to_owned(),
        message: "not reachable".to_owned(),
    });
    run
}

/// The runs that every report must cope with.
pub(super) fn every_run() -> Vec<Run> {
    let single = |serial, distributed| of(vec![measurement("pi", 4, serial, distributed)]);
    let mut no_round = single(1.0, 1.0);
    no_round.measurements[0].rounds.clear();
    let mut one_round = run();
    one_round
        .measurements
        .iter_mut()
        .for_each(|one| one.rounds.truncate(1));
    let mut log = run();
    log.measurements[1] = measurement("pi", 2, 0.0123, 0.0071);
    vec![
        run(),
        nine(),
        engines(),
        extreme(),
        broken(),
        of(Vec::new()),
        no_round,
        one_round,
        log,
        single(350e-9, 45e-6),
        single(1.0, 0.04),
        compared(),
    ]
}
