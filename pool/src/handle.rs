//! The way in: how a task gets its name, declares its memory and is handed over. This file must not
//! run anything.

use std::fmt;
use std::iter;
use std::time::Instant;

use crate::admission::Admission;
use crate::cell::Cell;
use crate::error::SubmitError;
use crate::object_ref::ObjectRef;
use crate::runnable::QueuedTask;
use crate::shared::Shared;
use crate::span::{Name, Spans};
use crate::sync::Arc;
use crate::task::{Demand, Outcome, Task};

/// How many tasks of a batch are queued before workers are woken for them: a few microseconds'
/// worth.
const AT_ONCE: usize = 64;

/// A cloneable way to submit tasks to a [`TaskPool`](super::TaskPool), for other threads and for
/// tasks.
///
/// A handle does not keep the pool open: once the pool is shut down or dropped, submitting through
/// a handle fails. Its idle threads, though, end only when the last handle is gone as well.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

impl Handle {
    /// Hands a task over and returns at once. Its name is `task N`, where N counts the pool's tasks
    /// from 1.
    pub fn submit<T, F>(&self, code: F) -> Result<ObjectRef<T>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let name = Name::Numbered(self.shared.next_number(1));
        submit(&self.shared, name, 0, code)
    }

    /// Hands many tasks over, which costs less for each than one by one; the refs are in the order
    /// of `codes`. Either all are accepted or none.
    ///
    /// All of `codes` is collected before the first task can start.
    pub fn submit_all<T, F>(
        &self,
        codes: impl IntoIterator<Item = F>,
    ) -> Result<Vec<ObjectRef<T>>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let codes: Vec<F> = codes.into_iter().collect();
        let first = Name::Numbered(self.shared.next_number(codes.len()));
        submit_all(&self.shared, &first, 0, codes)
    }

    /// Starts the description of a task that has a name of its own.
    pub fn task(&self, name: impl Into<String>) -> NewTask<'_> {
        self.shared.next_number(1);
        NewTask {
            shared: &self.shared,
            name: Name::Custom(name.into().into()),
            bytes: 0,
        }
    }

    /// How many tasks run at once; see [`TaskPool::workers`](super::TaskPool::workers).
    #[must_use]
    pub fn workers(&self) -> usize {
        usize::try_from(self.shared.slots.limit()).unwrap_or(usize::MAX)
    }

    /// The bytes that running tasks may declare together, if there is a limit.
    #[must_use]
    pub fn memory_budget(&self) -> Option<u64> {
        self.shared.admission.as_ref().map(Admission::budget)
    }

    /// Whether the pool refuses new tasks.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.shared.is_closed()
    }

    /// The moment from which the times of spans count.
    #[must_use]
    pub fn epoch(&self) -> Instant {
        self.shared.log.epoch()
    }

    /// Takes the spans of all tasks that have finished since the last call. The span of a task is
    /// there before its result is.
    #[must_use = "spans that are taken are gone from the pool"]
    pub fn take_spans(&self) -> Spans {
        self.shared.log.take()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("workers", &self.workers())
            .field("memory_budget", &self.memory_budget())
            .field("is_shut_down", &self.is_shut_down())
            .finish()
    }
}

/// A task that has a name and can declare its memory, not yet submitted.
#[must_use = "nothing runs before `submit`"]
pub struct NewTask<'a> {
    shared: &'a Arc<Shared>,
    name: Name,
    bytes: u64,
}

impl NewTask<'_> {
    /// Declares the bytes that the task needs while it runs. It starts only when the pool's memory
    /// budget has room for them; without a budget they mean nothing.
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Hands the task over and returns at once, even if the task has to wait for memory.
    pub fn submit<T, F>(self, code: F) -> Result<ObjectRef<T>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        submit(self.shared, self.name, self.bytes, code)
    }

    /// Hands many tasks over that share the name, each of which needs the declared bytes; see
    /// [`Handle::submit_all`].
    pub fn submit_all<T, F>(
        self,
        codes: impl IntoIterator<Item = F>,
    ) -> Result<Vec<ObjectRef<T>>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let codes: Vec<F> = codes.into_iter().collect();
        // The first one has been counted.
        self.shared.next_number(codes.len().saturating_sub(1));
        submit_all(self.shared, &self.name, self.bytes, codes)
    }
}

impl fmt::Debug for NewTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.to_string();
        f.debug_struct("NewTask")
            .field("name", &name)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

fn submit<T, F>(
    shared: &Arc<Shared>,
    name: Name,
    bytes: u64,
    code: F,
) -> Result<ObjectRef<T>, SubmitError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let demand = demand(shared, &name, bytes)?;
    let description = Description {
        name,
        index: 0,
        queued: shared.log.now(),
        demand,
    };
    let task = description.task(shared, code);
    let queued_task = Arc::clone(&task) as QueuedTask;

    match shared.enter(|| hand_over(shared, demand, iter::once(queued_task))) {
        Some(()) => Ok(ObjectRef(task)),
        None => Err(SubmitError::ShutDown {
            task: task.name.to_string(),
        }),
    }
}

fn submit_all<T, F>(
    shared: &Arc<Shared>,
    first: &Name,
    bytes: u64,
    codes: Vec<F>,
) -> Result<Vec<ObjectRef<T>>, SubmitError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let demand = demand(shared, first, bytes)?;
    let queued = shared.log.now();
    let mut refs = Vec::with_capacity(codes.len());
    let mut codes = codes.into_iter().enumerate();

    let submitted = shared.enter(|| {
        while codes.len() > 0 {
            let tasks = codes.by_ref().take(AT_ONCE).map(|(index, code)| {
                let description = Description {
                    name: first.plus(index),
                    index,
                    queued,
                    demand,
                };
                let task = description.task(shared, code);
                refs.push(ObjectRef(Arc::clone(&task) as Arc<dyn Outcome<T>>));
                task as QueuedTask
            });
            hand_over(shared, demand, tasks);
        }
    });

    match submitted {
        Some(()) => Ok(refs),
        None => Err(SubmitError::ShutDown {
            task: first.to_string(),
        }),
    }
}

/// The bytes for which a task has to be admitted; None if it need not be.
fn demand(shared: &Shared, name: &Name, bytes: u64) -> Result<Option<u64>, SubmitError> {
    match shared.admission.as_ref().map(Admission::budget) {
        Some(budget) if bytes > budget => Err(SubmitError::TooLarge {
            task: name.to_string(),
            needs: bytes,
            budget,
        }),
        Some(_) if bytes > 0 => Ok(Some(bytes)),
        _ => Ok(None),
    }
}

/// What a task is made of beside its code.
struct Description {
    name: Name,
    index: usize,
    queued: u64,
    /// The bytes for which it has to be admitted.
    demand: Option<u64>,
}

impl Description {
    fn task<T, F>(self, shared: &Arc<Shared>, code: F) -> Arc<Task<T, F>> {
        let cell = if self.demand.is_some() {
            Cell::held(code)
        } else {
            Cell::ready(code)
        };
        let demand = self.demand.map(|bytes| Demand {
            bytes,
            lender: Arc::clone(shared),
        });

        Arc::new(Task {
            cell,
            pool: shared.id,
            name: self.name,
            index: self.index,
            queued: self.queued,
            demand,
        })
    }
}

fn hand_over(shared: &Shared, demand: Option<u64>, tasks: impl Iterator<Item = QueuedTask>) {
    match demand {
        None => shared.push(tasks),
        Some(_) => shared.admit(|admission, push| admission.enter(tasks, push)),
    }
}
