//! What the arms of a session computed: reported once, and compared in every round.

use serde_json::Value;

use super::Error;
use super::agreement::{Disagreement, Found};
use super::session::Session;
use crate::event::Event;

impl Session<'_> {
    /// Reports the cold round's partial results, and checks the answer of each pass, or each of its
    /// answers where the arm does the work several times.
    pub(super) fn answers(
        &mut self,
        index: usize,
        number: u32,
        passes: Vec<Vec<Value>>,
    ) -> Result<(), Error> {
        // A list of functions' calls may be a long one, and the results are elsewhere.
        if number == 0 && self.workload.host().is_none() {
            let first = passes.first().map_or(&[][..], Vec::as_slice);
            self.report(index, &first[..first.len().min(self.workload.tasks())]);
        }

        for mut partials in passes {
            while partials.len() > self.workload.tasks() {
                let further = partials.split_off(self.workload.tasks());
                self.verify(index, number, partials)?;
                partials = further;
            }
            self.verify(index, number, partials)?;
        }
        Ok(())
    }

    fn report(&self, arm: usize, partials: &[Value]) {
        for (index, partial) in partials.iter().enumerate() {
            let (arm, text) = (self.label(arm), self.workload.describe(index, partial));
            self.conditions
                .observer
                .observe(&Event::TaskAnswered { arm, index, text });
        }
    }

    fn verify(&mut self, index: usize, number: u32, partials: Vec<Value>) -> Result<(), Error> {
        let answer = Found {
            arm: index,
            round: number,
            answer: self.workload.combine(partials)?,
        };

        self.agreements.check(answer).map_err(|disagreement| {
            let Disagreement {
                arm,
                round,
                difference,
            } = disagreement;
            Error::Answer {
                arm: self.label(arm),
                round: round + 1,
                difference,
            }
        })
    }
}
