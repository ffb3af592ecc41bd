//! A program's workload, ready to run: the plain loop has one worker process of it do all tasks.

use std::sync::Arc;

use serde_json::Value;

use super::conversation::Conversation;
use super::empty::Empty;
use crate::failure::Failure;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::worker::{Action, Answer, Description, NO_PARTIAL};
use crate::workload::{Context, Error, Prepared, Shared, Spec, Tasks};

/// Characters of a partial result that are shown.
const SHOWN: usize = 60;

pub(super) struct Foreign {
    conversation: Arc<Conversation>,
    description: Description,
}

impl Foreign {
    /// The workload that the program describes.
    pub(super) fn new(conversation: Conversation, stop: &Stop) -> Result<Self, Error> {
        let answer = conversation.ask(Action::Describe, 0, stop)?;
        let Answer::Description { description, .. } = answer else {
            return Err(conversation.unexpected("describe"));
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

    /// An error of task `index`.
    fn of_task(index: usize, error: Error) -> Error {
        match error {
            Error::Failed(failure) => Error::Failed(Failure {
                message: format!("task {}: {}", index + 1, failure.message),
                ..failure
            }),
            interrupted @ Error::Interrupted(_) => interrupted,
        }
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

    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error> {
        match self.conversation.ask(Action::Task, index, stop) {
            Ok(Answer::Partial { partial, .. }) => Ok(partial),
            Ok(_) => Err(Self::of_task(index, self.conversation.failed(NO_PARTIAL))),
            Err(error) => Err(Self::of_task(index, error)),
        }
    }

    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        let audited = self.conversation.ask(Action::Audit, index, stop);

        audited
            .map(drop)
            .map_err(|error| Self::of_task(index, error))
    }

    fn cool_down(&self) {
        // A worker that is lost meanwhile is an error of the next task.
        let _ = self.conversation.ask(Action::CoolDown, 0, &Stop::new());
    }

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

    fn inputs(&self, stop: &Stop) -> Result<Option<String>, Error> {
        match self.conversation.ask(Action::Inputs, 0, stop)? {
            Answer::Inputs { inputs, .. } => Ok(inputs.as_str().map(str::to_owned)),
            _ => Err(self.conversation.unexpected("inputs")),
        }
    }

    fn problems(&self) -> Vec<Failure> {
        Vec::new()
    }
}
