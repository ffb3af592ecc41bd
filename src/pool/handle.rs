//! The way in: how a task gets its name, declares its memory and is handed over. This file must not run
//! anything.

use super::{
    cell::Cell,
    error::SubmitError,
    gate::Gate,
    object_ref::ObjectRef,
    shared::Shared,
    span::{Name, Spans},
    sync::Arc,
    task::{Demand, Runnable, Task},
};
use std::fmt;

/// A cloneable way to submit tasks to a [`TaskPool`](super::TaskPool), for other threads and for tasks.
///
/// A handle does not keep the pool open: once the pool is shut down or dropped, submitting through a handle
/// fails. Its idle threads, though, end only when the last handle is gone as well.
#[derive(Clone)]
pub struct Handle {
    pub(super) shared: Arc<Shared>,
}

impl Handle {
    /// Hands a task over and returns at once. Its name is `task N`, where N counts the pool's tasks from 1.
    pub fn submit<T, F>(&self, code: F) -> Result<ObjectRef<T>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        submit(&self.shared, Name::Numbered(self.shared.next_number()), 0, code)
    }

    /// Starts the description of a task that has a name of its own.
    pub fn task(&self, name: impl Into<String>) -> NewTask<'_> {
        self.shared.next_number();
        NewTask { shared: &self.shared, name: Name::Given(name.into().into_boxed_str()), bytes: 0 }
    }

    /// How many tasks run at once.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.shared.workers
    }

    /// The bytes that running tasks may declare together, if there is a limit.
    #[must_use]
    pub fn memory_budget(&self) -> Option<u64> {
        self.shared.gate.as_ref().map(Gate::budget)
    }

    /// Whether the pool refuses new tasks.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.shared.is_closed()
    }

    /// Takes the spans of all tasks that have finished since the last call. The span of a task is there
    /// before its result is.
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
    /// Declares the bytes that the task needs while it runs. It starts only when the pool's memory budget has
    /// room for them; without a budget they mean nothing.
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
}

impl fmt::Debug for NewTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.to_string();
        f.debug_struct("NewTask").field("name", &name).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

fn submit<T, F>(shared: &Arc<Shared>, name: Name, bytes: u64, code: F) -> Result<ObjectRef<T>, SubmitError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let budget = shared.gate.as_ref().map(Gate::budget).filter(|_| bytes > 0);
    if let Some(budget) = budget.filter(|budget| bytes > *budget) {
        return Err(SubmitError::TooLarge { task: name.to_string(), needs: bytes, budget });
    }
    let demand = budget.map(|_| Demand { bytes, shared: Arc::clone(shared) });
    let cell = if demand.is_some() { Cell::held(code) } else { Cell::ready(code) };
    let task = Arc::new(Task { cell, pool: shared.id, name, queued: shared.now(), demand });
    let entry = Arc::clone(&task) as Arc<dyn Runnable>;
    let submitted = shared.enter(|| match task.demand {
        None => shared.push(entry),
        Some(_) => shared.at_gate(|gate, push| gate.enter(entry, push)),
    });
    match submitted {
        Some(()) => Ok(ObjectRef(task)),
        None => Err(SubmitError::ShutDown { task: task.name.to_string() }),
    }
}
