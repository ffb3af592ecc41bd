//! Measurements of `busy` built by hand, for tests of what follows from them.

use serde_json::{Value, json};

use super::TaskCost;
use super::task_cost::task_costs;
use crate::results::{
    Arm, ArmTime, BUSY, Calibration, MachineUse, Measurement, Placement, Round, SERIAL, Shape,
    WORTH, Work,
};
use crate::units::Bytes;

/// Measurements on one engine beside the plain loop.
pub(crate) struct Ladder {
    engine: &'static str,
    workers: usize,
    pub(crate) measurements: Vec<Measurement>,
}

/// Seconds of both arms in one round.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) serial_s: f64,
    pub(crate) engine_s: f64,
}

impl Ladder {
    pub(crate) fn on(engine: &'static str, workers: usize) -> Self {
        Self {
            engine,
            workers,
            measurements: Vec::new(),
        }
    }

    /// The same with one more measurement.
    pub(crate) fn with(mut self, shape: Shape, steps: u64, tasks: usize, times: &[Times]) -> Self {
        let arm = |engine: &str, workers, startup_s| Arm {
            engine: engine.to_owned(),
            workers,
            scale: 1,
            startup_s,
            placement: Placement::default(),
            detail: None,
        };

        self.measurements.push(Measurement {
            workload: BUSY.to_owned(),
            params: json!({ "tasks": tasks, "steps": steps, "shape": shape }),
            tasks,
            task_bytes: Bytes(0),
            memory_bytes: Bytes(0),
            work: Work {
                amount: tasks as u64,
                unit: "tasks".to_owned(),
            },
            answer: Value::Null,
            arms: vec![arm(SERIAL, 1, 0.0), arm(self.engine, self.workers, 0.04)],
            reference: 0,
            worth: WORTH,
            answer_may_vary: false,
            functions: Vec::new(),
            rounds: times
                .iter()
                .enumerate()
                .map(|(number, times)| times.round(number))
                .collect(),
        });
        self
    }

    /// What they show.
    pub(crate) fn cost(&self) -> TaskCost {
        let mut costs = task_costs(self.measurements.iter());
        assert_eq!(costs.len(), 1);

        costs.remove(0)
    }
}

impl Times {
    fn round(self, number: usize) -> Round {
        let time = |wall_s| ArmTime {
            wall_s,
            ..ArmTime::default()
        };

        Round {
            cold: false,
            order: if number.is_multiple_of(2) {
                vec![0, 1]
            } else {
                vec![1, 0]
            },
            times: vec![time(self.serial_s), time(self.engine_s)],
            calibration: Calibration::default(),
            machine: MachineUse::default(),
        }
    }
}
