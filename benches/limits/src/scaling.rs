//! Fits of a law of scaling with the intervals of what it says, and all that is made of a sweep
//! once its last round is over: what a report waits for.

use std::io::Write;

use anyhow::{Result, ensure};
use parbench::report::{CHARTS, Layout, STORED, table};
use parbench::results::{Measurement, Run, SERIAL};
use serde_json::{Value, json};

use crate::contest::{Contender, Contest, Unit};

/// Numbers of workers of a long sweep.
const COUNTS: [u64; 8] = [1, 2, 4, 8, 12, 16, 24, 32];
/// Fits in a run.
const FITS: usize = 20;

/// A law and its intervals from 2,000 draws, by the rounds that they are drawn from.
pub(crate) fn law() -> Result<Contest> {
    let contender = |rounds: u64| -> Result<Contender> {
        let measurement = measurement(rounds)?;
        Ok(Contender::new(format!("{rounds} rounds"), move || {
            let laws = (0..FITS).map(|_| measurement.series()[0].law());
            laws.flatten().count()
        }))
    };

    Ok(Contest {
        title: format!(
            "{} counts, fitted with 2000 draws of the rounds",
            COUNTS.len()
        ),
        unit: Unit::NanosecondsPer(FITS as f64, "fit"),
        contenders: [6, 12, 50]
            .map(contender)
            .into_iter()
            .collect::<Result<_>>()?,
    })
}

/// A sweep stored, shown as a table, and drawn, by its rounds.
pub(crate) fn report() -> Result<Contest> {
    let contender = |rounds: u64| -> Result<Contender> {
        let run = run(rounds)?;
        Ok(Contender::trying(format!("{rounds} rounds"), move || {
            reported(&run)
        }))
    };

    Ok(Contest {
        title: format!("{} counts: stored, in a table, in a chart", COUNTS.len()),
        unit: Unit::Milliseconds,
        contenders: [6, 12, 50]
            .map(contender)
            .into_iter()
            .collect::<Result<_>>()?,
    })
}

/// The size of everything that is made of `run`.
fn reported(run: &Run) -> Result<usize> {
    let mut bytes = Vec::new();

    (STORED.write)(run, &mut bytes)?;
    bytes.write_all(table(run, Layout::PLAIN).as_bytes())?;
    (CHARTS[0].write)(run, &mut bytes)?;
    Ok(bytes.len())
}

/// The published run with a sweep in place of what was measured.
fn run(rounds: u64) -> Result<Run> {
    let mut run: Run = serde_json::from_str(include_str!("../../../results/reference.json"))?;
    run.measurements = vec![measurement(rounds)?];

    let law = run.measurements[0].series()[0].law();
    ensure!(law.is_some(), "the sweep has no law");
    Ok(run)
}

/// A sweep of the pool whose times follow a law, with a little noise that is the same in each run.
fn measurement(rounds: u64) -> Result<Measurement> {
    let arm = |engine: &str, workers: u64| json!({"engine": engine, "workers": workers, "startup_s": 0.0});
    let time = |workers: u64, round: u64| {
        let noise = 1.0 + 0.01 * ((workers * 7 + round * 13) % 5) as f64;
        let workers = workers as f64;
        json!({"wall_s": noise * (0.95 / workers + 0.05 + 0.001 * (workers - 1.0))})
    };
    let round = |round: u64| {
        let times = COUNTS.map(|workers| time(workers, round));
        let times: Vec<Value> = std::iter::once(json!({"wall_s": 1.0}))
            .chain(times)
            .collect();
        json!({
            "order": (0..times.len()).collect::<Vec<_>>(),
            "times": times,
            "calibration": {"arithmetic_s": 0.001, "memory_s": 0.001, "handoff_s": null, "granted": []},
            "machine": {"steal": null, "throttled": null, "load": null},
        })
    };

    let pool = COUNTS.map(|workers| arm("pool", workers));
    let arms: Vec<Value> = std::iter::once(arm(SERIAL, 1)).chain(pool).collect();
    Ok(serde_json::from_value(json!({
        "workload": "pi",
        "params": {},
        "tasks": 64,
        "work": {"amount": 64, "unit": "samples"},
        "answer": null,
        "arms": arms,
        "reference": 0,
        "rounds": (0..rounds).map(round).collect::<Vec<_>>(),
    }))?)
}
