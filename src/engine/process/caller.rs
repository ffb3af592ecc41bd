//! One thread of a pass: it sends its worker process a task, waits for the answer, and replaces the
//! process where it is lost. Only the first request of a pass carries the parameters, where the worker
//! keeps them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::piece::{Piece, Timing};
use super::shared::Dispatch;
use super::terms::{STARTED_BY, Terms};
use crate::failure::Failure;
use crate::worker::{Answer, Child, Lost, Request};

/// How often a task is done again after its worker was lost.
const RETRIES: u32 = 3;

/// One thread of a pass, and the worker that it calls.
pub(super) struct Caller<'a> {
    pub(super) dispatch: &'a Dispatch<'a>,
    /// The worker's place, from 0, of `places`.
    pub(super) place: usize,
    pub(super) places: usize,
    pub(super) worker: &'a mut Option<Child>,
    /// Whether the worker was sent the parameters in this pass.
    pub(super) has_params: bool,
}

impl Caller<'_> {
    /// Does one task after another, as long as there are any and none has failed.
    pub(super) fn all(&mut self) -> Result<Vec<Piece>, Failure> {
        let dispatch = self.dispatch;
        let tasks = (0..).map_while(|turn| dispatch.take(turn));

        tasks.map(|task| self.done(task)).collect()
    }

    /// Does `task`, on a new worker where this one is lost.
    fn done(&mut self, task: usize) -> Result<Piece, Failure> {
        let mut lost = 0;
        loop {
            match self.attempt(task) {
                Ok(Piece {
                    answer: Answer::Failed { error, .. },
                    ..
                }) => return Err(Failure::new(error)),
                Ok(piece) => return Ok(piece),
                Err(Lost(failure)) => {
                    *self.worker = None;
                    self.has_params = false;
                    lost += 1;
                    if lost > RETRIES || self.dispatch.is_over.load(Ordering::Relaxed) {
                        let message = format!(
                            "task {} was lost {lost} times, at last: {}",
                            task + 1,
                            failure.message
                        );
                        return Err(Failure { message, ..failure });
                    }

                    let reruns = &self.dispatch.reruns;
                    let mut reruns = reruns.lock().unwrap_or_else(PoisonError::into_inner);
                    reruns.push(format!("a worker process was lost: {}", failure.message));
                }
            }
        }
    }

    fn attempt(&mut self, task: usize) -> Result<Piece, Lost> {
        let dispatch = self.dispatch;
        let child = match self.worker.take() {
            Some(child) => child,
            None => self.replacement()?,
        };
        let child = self.worker.insert(child);
        let id = dispatch.requests.fetch_add(1, Ordering::Relaxed);
        let index = dispatch.work.index(task);
        // Long lists in every request would take longer than many a task.
        let request = if self.has_params && child.keeps_params() {
            Request::without_params(dispatch.spec, dispatch.action, id, index)
        } else {
            Request::new(dispatch.spec, dispatch.action, id, index)
        };

        let sent = Instant::now();
        let answer = child.call(&request, dispatch.terms.timeout)?;
        let answered = Instant::now();
        self.has_params = true;

        let timing = Timing {
            task,
            worker: self.place,
            sent,
            answered,
            took: answer.time(),
        };
        Ok(Piece { answer, timing })
    }

    /// A new worker in place of a lost one.
    fn replacement(&self) -> Result<Child, Lost> {
        let Terms { program, mark, .. } = self.dispatch.terms;
        let mut child = Child::start(program, self.place + 1, self.places, &[(STARTED_BY, mark)])?;

        let killers = &self.dispatch.killers;
        let mut killers = killers.lock().unwrap_or_else(PoisonError::into_inner);
        // Abandoning the pass kills the workers that are listed here, and none that comes later.
        if self.dispatch.is_over.load(Ordering::Relaxed) {
            return Err(Lost::new("interrupted"));
        }
        killers[self.place] = Some(child.killer());
        drop(killers);

        // The stop flag need not be looked at: abandoning the pass kills the child.
        child.hello(None)?;
        Ok(child)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::engine::process::shared::Work;
    use crate::stop::Stop;
    use crate::units::Bytes;
    use crate::worker::{self, Action};
    use crate::workload::Spec;

    /// Which of the requests of two passes of three tasks each had parameters, as a worker with this
    /// first line answers.
    fn requests_with_params(hello: &str) -> Vec<bool> {
        let answers = r#"id=0; while read -r request; do
            id=$((id + 1)); had=false
            case $request in *'"params":'*) had=true ;; esac
            echo "{\"id\":$id,\"partial\":$had,\"seconds\":0}"
            done"#;
        let mut child = worker::script(&format!("echo '{hello}'; {answers}"));
        child.hello(None).unwrap();
        let spec = Spec {
            name: "theirs".into(),
            params: json!({"long": "list"}),
            slowdown: 1.0,
            memory: Bytes(u64::MAX),
            task_timeout: Duration::MAX,
        };
        let terms = Terms {
            program: None,
            timeout: Duration::from_mins(1),
            ends_others: false,
            mark: "",
        };

        let requests = AtomicU64::new(1);
        let mut workers = [Some(child)];
        let mut had_params = Vec::new();
        for _ in 0..2 {
            let work = Work::tasks(&(0..3), 3);
            let mut dispatch = Dispatch::new(&spec, Action::Task, work, terms, &requests);
            let pieces = dispatch.run(&mut workers, 1, &Stop::new()).unwrap();
            for piece in pieces {
                let Answer::Partial { partial, .. } = piece.answer else {
                    panic!("{:?}", piece.answer)
                };
                had_params.push(partial.as_bool().unwrap());
            }
        }
        had_params
    }

    #[test]
    fn only_a_worker_that_keeps_params_gets_requests_without_them() {
        assert_eq!(requests_with_params(r#"{"parbench_worker":2}"#), [true; 6]);
        assert_eq!(
            requests_with_params(r#"{"parbench_worker":2,"keeps_params":true}"#),
            [true, false, false, true, false, false]
        );
    }
}
