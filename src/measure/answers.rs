//! What the arms of a session computed: reported once, and compared in every round.

use serde_json::Value;

use super::Error;
use super::session::Session;
use crate::event::Event;
use crate::results::first_difference;

impl Session<'_> {
    /// Reports the cold round's partial results, and checks the answer of each pass.
    pub(super) fn answers(
        &mut self,
        index: usize,
        number: u32,
        passes: Vec<Vec<Value>>,
    ) -> Result<(), Error> {
        if number == 0 {
            self.report(index, passes.first().map_or(&[], Vec::as_slice));
        }

        for partials in passes {
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
        let answer = self.workload.combine(partials)?;
        let expected = self.answer.get_or_insert_with(|| answer.clone());

        match first_difference("answer", expected, &answer) {
            None => Ok(()),
            Some(difference) => {
                let (arm, round) = (self.label(index), number + 1);
                Err(Error::Answer {
                    arm,
                    round,
                    difference,
                })
            }
        }
    }
}
