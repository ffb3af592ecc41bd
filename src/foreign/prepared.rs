//! A program's workload, ready to run: engines start worker processes of it, and so does the plain
//! loop.

use std::sync::Arc;

use serde_json::Value;

use super::conversation::Conversation;
use super::empty::Empty;
use crate::failure::Failure;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::worker::{Action, Answer, Description};
use crate::workload::{Context, Error, Prepared, Shared, Spec, Tasks};

/// Characters of a partial result that are shown.
const SHOWN: usize = 60;

pub(super) struct Foreign {
    conversation: Arc<Conversation>,
    description: Description,
}

impl Foreign {
    /// The workload that the program describes.
    pub(super) fn new(conversation: Conversation) -> Result<Self, Error> {
        let answer = conversation.ask(Action::Describe)?;
        let Answer::Description { description, .. } = answer else {
            let expected =
                "tasks (an integer), work with amount (an integer) and unit, and task_bytes";
            return Err(conversation.unexpected("describe", expected));
        };
        if Tasks::try_from(description.tasks as u64).is_err() {
            return Err(conversation.failed(&format!(
                "it describes {} tasks, and there must be 1 to 1000000",
                description.tasks
            )));
        }

        Ok(Self {
            conversation: Arc::new(conversation),
            description,
        })
    }

    fn by_engines_only(&self) -> Error {
        self.conversation
            .failed("its tasks are done by the processes that engines start")
    }
}

impl Prepared for Foreign {
    fn spec(&self) -> &Spec {
        self.conversation.spec()
    }

    fn tasks(&self) -> usize {
        self.description.tasks
    }

    fn work(&self) -> Work {
        self.description.work.clone()
    }

    fn task_bytes(&self) -> Bytes {
        self.description.task_bytes
    }

    fn task(&self, _index: usize, _stop: &Stop) -> Result<Value, Error> {
        Err(self.by_engines_only())
    }

    fn audit(&self, _index: usize, _stop: &Stop) -> Result<(), Error> {
        Err(self.by_engines_only())
    }

    fn cool_down(&self) {}

    fn empty_tasks(&self, context: &Context<'_>) -> Option<Result<Shared, Error>> {
        let empty = Empty::new(Arc::clone(&self.conversation), context);

        Some(empty.map(|empty| Arc::new(empty) as Shared))
    }

    fn combine(&self, partials: Vec<Value>) -> Result<Value, Error> {
        self.conversation.combine(partials)
    }

    fn describe(&self, _index: usize, partial: &Value) -> String {
        let text = partial.to_string();
        if text.chars().count() <= SHOWN {
            return text;
        }

        let beginning: String = text.chars().take(SHOWN).collect();
        format!("{beginning}...")
    }

    fn inputs(&self, _stop: &Stop) -> Result<Option<String>, Error> {
        let answer = self.conversation.ask(Action::Inputs)?;
        let Answer::Inputs { inputs, .. } = answer else {
            let expected = "inputs, the SHA-256 of files that tasks read or null";
            return Err(self.conversation.unexpected("inputs", expected));
        };

        Ok(inputs.as_str().map(str::to_owned))
    }

    fn problems(&self) -> Vec<Failure> {
        Vec::new()
    }
}
