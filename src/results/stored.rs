//! A measurement as it is stored: with the figures derived from its rounds, for readers with `jq`.
//! Loading ignores them: they are always derived from the rounds.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Arm, ArmFigures, Measurement, Pair, Round, Summary, Work};
use crate::units::Bytes;

/// A measurement as it is written: its own fields, then the derived figures.
#[derive(Serialize)]
struct WithSummary {
    workload: String,
    params: Value,
    tasks: usize,
    task_bytes: Bytes,
    memory_bytes: Bytes,
    work: Work,
    answer: Value,
    arms: Vec<Arm>,
    reference: usize,
    rounds: Vec<Round>,
    summary: Stored,
}

/// The derived figures of every arm, in the order of the arms.
#[derive(Serialize)]
struct Stored {
    arms: Vec<StoredArm>,
}

#[derive(Serialize)]
struct StoredArm {
    engine: String,
    workers: usize,
    #[serde(flatten)]
    figures: Option<StoredFigures>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum StoredFigures {
    Reference(ArmFigures),
    Other(Box<Summary>),
}

impl Stored {
    fn of(measurement: &Measurement) -> Self {
        let figures = |index: usize| {
            if index == measurement.reference {
                measurement.figures(index).map(StoredFigures::Reference)
            } else {
                let summary = Pair { measurement, index }.summary();
                summary.map(|summary| StoredFigures::Other(Box::new(summary)))
            }
        };
        let arms = measurement
            .arms
            .iter()
            .enumerate()
            .map(|(index, arm)| StoredArm {
                engine: arm.engine.clone(),
                workers: arm.workers,
                figures: figures(index),
            });

        Self {
            arms: arms.collect(),
        }
    }
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        WithSummary::from(self.clone()).serialize(to)
    }
}

impl From<Measurement> for WithSummary {
    fn from(measurement: Measurement) -> Self {
        let summary = Stored::of(&measurement);
        let Measurement {
            workload,
            params,
            tasks,
            task_bytes,
            memory_bytes,
            work,
            answer,
            arms,
            reference,
            rounds,
        } = measurement;

        Self {
            workload,
            params,
            tasks,
            task_bytes,
            memory_bytes,
            work,
            answer,
            arms,
            reference,
            rounds,
            summary,
        }
    }
}
