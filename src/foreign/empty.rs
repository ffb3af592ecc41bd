//! Tasks that do nothing: round trips to a worker process that ask for no work, which is what the
//! pipe and the program's reading and writing of lines cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::conversation::Conversation;
use crate::failure::Failure;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::worker::Action;
use crate::workload::{Context, Error, Prepared, Spec};

/// Round trips in a batch: enough to see what one costs.
const MOST: u32 = 256;
/// But no more than fit into this long: a program may take its time to describe its work.
const BATCH: Duration = Duration::from_millis(20);

pub(super) struct Empty {
    conversation: Arc<Conversation>,
    count: usize,
}

impl Empty {
    /// As many as show what one costs, each worker at least one.
    pub(super) fn new(
        conversation: Arc<Conversation>,
        context: &Context<'_>,
    ) -> Result<Self, Error> {
        let began = Instant::now();
        conversation.ask(Action::Describe)?;
        let round_trip = began.elapsed().max(Duration::from_nanos(1));

        let fitting = BATCH.as_nanos() / round_trip.as_nanos();
        let count = fitting.min(u128::from(MOST)) as usize;
        Ok(Self {
            conversation,
            count: count.max(context.workers.get()),
        })
    }
}

impl Prepared for Empty {
    fn spec(&self) -> &Spec {
        self.conversation.spec()
    }

    fn tasks(&self) -> usize {
        self.count
    }

    fn work(&self) -> Work {
        Work::new(self.count as u64, "round trips")
    }

    fn task_bytes(&self) -> Bytes {
        Bytes(0)
    }

    fn has_work(&self) -> bool {
        false
    }

    fn task(&self, _index: usize, _stop: &Stop) -> Result<Value, Error> {
        self.conversation.ask(Action::Describe).map(drop)?;

        Ok(Value::Null)
    }

    fn audit(&self, _index: usize, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    fn cool_down(&self) {}

    fn combine(&self, _partials: Vec<Value>) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn describe(&self, _index: usize, _partial: &Value) -> String {
        "nothing".to_owned()
    }

    fn problems(&self) -> Vec<Failure> {
        Vec::new()
    }
}
