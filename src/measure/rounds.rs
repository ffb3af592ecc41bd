//! The rounds of one measurement: which arm goes first, what is timed, when there are enough. Only
//! `Engine::execute` stands in a timed region.

use std::time::Duration;

use serde_json::Value;

use super::answers::first_difference;
use super::{Conditions, Error};
use crate::engine::{Engine, Pass};
use crate::event::{Arm, Event};
use crate::plan::Sampling;
use crate::results::{Order, Round};
use crate::units::seconds;
use crate::workload::Shared;

/// The rounds of one workload on one engine.
pub(super) struct Rounds<'a> {
    pub(super) workload: &'a Shared,
    pub(super) serial: &'a mut dyn Engine,
    pub(super) distributed: &'a mut dyn Engine,
    pub(super) conditions: Conditions<'a>,
    /// What every arm must find: the first arm's answer ever.
    pub(super) answer: &'a mut Option<Value>,
    /// The rounds to store, also after an error: an interrupted run keeps them.
    pub(super) complete: Vec<Round>,
}

impl Rounds<'_> {
    /// Runs rounds until `sampling` has enough.
    pub(super) fn run(&mut self, sampling: Sampling) -> Result<(), Error> {
        let mut began = self.conditions.clock.now();
        for number in 0_u32.. {
            if number == sampling.warmup {
                // Warm-up, and the audit in it, take nothing from the time for the rounds that count.
                began = self.conditions.clock.now();
            }
            let round = self.round(number)?;
            let cold = number == 0;
            if cold || number >= sampling.warmup {
                self.complete.push(round);
            }
            let counted = (number + 1).saturating_sub(sampling.warmup);
            let progress = sampling.rounds.progress(counted, self.conditions.clock.since(began));
            self.conditions.observer.observe(&Event::RoundFinished {
                done: number as usize + 1,
                progress,
                serial: Duration::from_secs_f64(round.serial_s),
                distributed: Duration::from_secs_f64(round.distributed_s),
            });
            if cold {
                // After the cold round, or it would not be cold; on the engine, so that it takes less time.
                self.distributed.execute(self.workload, Pass::Audit, self.conditions.stop)?;
            }
            if progress >= 1.0 {
                break;
            }
        }
        Ok(())
    }

    /// Runs both arms, in turns by the round's number, and compares their answers.
    fn round(&mut self, number: u32) -> Result<Round, Error> {
        let cold = number == 0;
        let (order, arms) = if number.is_multiple_of(2) {
            (Order::SerialFirst, [Arm::Serial, Arm::Distributed])
        } else {
            (Order::DistributedFirst, [Arm::Distributed, Arm::Serial])
        };
        let (mut serial, mut distributed) = (Duration::ZERO, Duration::ZERO);
        for arm in arms {
            if cold {
                self.workload.cool_down();
            }
            let (elapsed, partials) = self.time(arm)?;
            match arm {
                Arm::Serial => serial = elapsed,
                Arm::Distributed => distributed = elapsed,
            }
            if cold {
                self.tell(arm, &partials);
            }
            self.verify(arm, number, partials)?;
        }
        Ok(Round { serial_s: seconds(serial), distributed_s: seconds(distributed), order, cold })
    }

    fn time(&mut self, arm: Arm) -> Result<(Duration, Vec<Value>), Error> {
        let Conditions { clock, stop, .. } = self.conditions;
        let engine: &mut dyn Engine = match arm {
            Arm::Serial => self.serial,
            Arm::Distributed => self.distributed,
        };
        let began = clock.now();
        let result = engine.execute(self.workload, Pass::Work, stop);
        let elapsed = clock.since(began);
        Ok((elapsed, result?))
    }

    fn tell(&self, arm: Arm, partials: &[Value]) {
        for (index, partial) in partials.iter().enumerate() {
            let text = self.workload.describe(index, partial);
            self.conditions.observer.observe(&Event::TaskAnswered { arm, index, text });
        }
    }

    fn verify(&mut self, arm: Arm, number: u32, partials: Vec<Value>) -> Result<(), Error> {
        let found = self.workload.combine(partials)?;
        let expected = self.answer.get_or_insert_with(|| found.clone());
        let Some(difference) = first_difference(expected, &found) else { return Ok(()) };
        let arm = match arm {
            Arm::Serial => "serial",
            Arm::Distributed => "distributed",
        };
        let round = number + 1;
        Err(Error::Answer(format!(
            "the {arm} answer of round {round} differs from the first one: {difference}"
        )))
    }
}
