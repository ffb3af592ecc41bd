//! One thread of a pass: it sends its worker process a task, or two where tasks are short, waits
//! for the answer, and replaces the process where it is lost. Only the first request of a pass
//! carries the parameters, where the worker keeps them.

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::piece::{self, Piece, Timing};
use super::shared::Dispatch;
use super::terms::{STARTED_BY, Terms};
use crate::failure::Failure;
use crate::results::LostWorker;
use crate::units::seconds;
use crate::worker::{Answer, Child, Lost, Request};

/// A worker gets its next task before it has answered where its last one took less than this:
/// sending and waking up are most of such a task's time. A longer one that waits could be another
/// worker's.
const SHORT: Duration = Duration::from_millis(1);
/// The longest request that goes ahead, in bytes: two of these fit into any pipe. Of longer ones,
/// worker and caller could wait for each other to read.
const SMALL: usize = 1024;

/// One thread of a pass, and the worker that it calls.
pub(super) struct Caller<'a> {
    dispatch: &'a Dispatch<'a>,
    /// The worker's place, from 0, of `places`.
    place: usize,
    places: usize,
    worker: &'a mut Option<Child>,
    /// Whether the worker was sent the parameters in this pass.
    has_params: bool,
    /// The requests that it has not answered, the oldest first.
    sent: VecDeque<Sent>,
    /// Whether its last task was short.
    is_quick: bool,
    /// The length of its last request in bytes.
    request_bytes: usize,
}

/// A request on its way.
#[derive(Clone, Copy)]
struct Sent {
    task: usize,
    id: u64,
    at: Instant,
}

impl<'a> Caller<'a> {
    /// For the worker at `place`, from 0, of `places`.
    pub(super) fn new(
        dispatch: &'a Dispatch<'a>,
        place: usize,
        places: usize,
        worker: &'a mut Option<Child>,
    ) -> Self {
        Self {
            dispatch,
            place,
            places,
            worker,
            has_params: false,
            sent: VecDeque::new(),
            is_quick: false,
            request_bytes: usize::MAX,
        }
    }

    /// Does one task after another, as long as there are any and none has failed.
    pub(super) fn all(&mut self) -> Result<Vec<Piece>, Failure> {
        let dispatch = self.dispatch;
        let mut tasks = (0..).map_while(|turn| dispatch.take(turn)).fuse();
        let mut queue = VecDeque::new();
        let mut pieces = Vec::new();

        loop {
            let wanted = self.requests_in_flight().saturating_sub(queue.len());
            queue.extend(tasks.by_ref().take(wanted));
            if queue.is_empty() {
                break;
            }

            let done = self.first_of(&queue);
            if done.is_err() && !self.sent.is_empty() {
                // Nobody will read its next answer.
                *self.worker = None;
            }
            pieces.push(done?);
            queue.pop_front();
        }

        piece::set_apart(&mut pieces);
        Ok(pieces)
    }

    /// How many requests the worker may have at a time.
    fn requests_in_flight(&self) -> usize {
        let is_small = self.request_bytes <= SMALL;
        let is_far_from_the_end = self.dispatch.work.left() > 2 * self.places;

        if is_small && self.is_quick && is_far_from_the_end {
            2
        } else {
            1
        }
    }

    /// Does the first one of `queue`, on a new worker where this one is lost, and lets the worker
    /// have the others.
    fn first_of(&mut self, queue: &VecDeque<usize>) -> Result<Piece, Failure> {
        let mut times = 0;
        loop {
            match self.attempt(queue) {
                Ok(Piece {
                    answer: Answer::Failed { error, .. },
                    ..
                }) => return Err(Failure::new(self.named(queue[0], &error))),
                Ok(piece) => return Ok(piece),
                Err(Lost(failure)) => {
                    *self.worker = None;
                    self.has_params = false;
                    self.sent.clear();
                    times += 1;
                    let is_last = times > self.dispatch.terms.retries;
                    if is_last || self.dispatch.is_over.load(Ordering::Relaxed) {
                        let message = match times {
                            1 => self.named(queue[0], &failure.message),
                            _ => format!(
                                "{} was lost {times} times, at last: {}",
                                self.dispatch.work.name_of(queue[0]),
                                failure.message
                            ),
                        };
                        return Err(Failure { message, ..failure });
                    }

                    let lost = &self.dispatch.lost;
                    let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
                    lost.push(LostWorker {
                        at_s: seconds(self.dispatch.began.elapsed()),
                        worker: self.place,
                        why: format!("a worker process was lost: {}", failure.message),
                    });
                }
            }
        }
    }

    /// What is wrong with `task`, with the program's name where it is not this one.
    fn named(&self, task: usize, why: &str) -> String {
        let Some(program) = self.dispatch.terms.program else {
            return why.to_owned();
        };

        let task = self.dispatch.work.name_of(task);
        format!("{task}: {}: {why}", program.shown())
    }

    /// Sends what was not sent yet of `queue`, and waits for the answer to the first one.
    fn attempt(&mut self, queue: &VecDeque<usize>) -> Result<Piece, Lost> {
        let dispatch = self.dispatch;
        let child = match self.worker.take() {
            Some(child) => child,
            None => self.replacement()?,
        };
        let child = self.worker.insert(child);

        for &task in queue.iter().skip(self.sent.len()) {
            let id = dispatch.requests.fetch_add(1, Ordering::Relaxed);
            let index = dispatch.work.index(task);
            // Long lists in every request would take longer than many a task.
            let mut request = if self.has_params && child.keeps_params() {
                Request::without_params(dispatch.spec, dispatch.action, id, index)
            } else {
                Request::new(dispatch.spec, dispatch.action, id, index)
            };

            request.arm = dispatch.terms.arm.cloned();

            let at = Instant::now();
            self.request_bytes = child.send(&request, dispatch.terms.timeout, None)?;
            self.sent.push_back(Sent { task, id, at });
        }

        let Sent { task, id, at } = self.sent[0];
        let answer = child.answer(id, dispatch.terms.timeout, None)?;
        let answered = Instant::now();
        self.sent.pop_front();
        self.has_params = true;
        self.is_quick = answered.saturating_duration_since(at) < SHORT;

        let timing = Timing {
            task,
            worker: self.place,
            sent: at,
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

    use serde_json::json;

    use super::*;
    use crate::engine::process::shared::Work;
    use crate::stop::Stop;
    use crate::units::Bytes;
    use crate::worker::{self, Action};
    use crate::workload::Spec;

    fn spec() -> Spec {
        Spec {
            name: "theirs".into(),
            params: json!({"long": "list"}),
            slowdown: 1.0,
            memory: Bytes(u64::MAX),
            task_timeout: Duration::MAX,
        }
    }

    fn terms() -> Terms<'static> {
        Terms {
            program: None,
            timeout: Duration::from_mins(1),
            retries: 3,
            are_programs: false,
            arm: None,
            mark: "",
        }
    }

    fn five_tasks<'a>(spec: &'a Spec, requests: &'a AtomicU64) -> Dispatch<'a> {
        let work = Work::tasks(&(0..5), 5);

        Dispatch::new(spec, Action::Task, work, terms(), requests)
    }

    /// Which of the requests of two passes of three tasks each had parameters, as a worker with
    /// this first line answers.
    fn requests_with_params(hello: &str) -> Vec<bool> {
        let answers = r#"id=0; while read -r request; do
            id=$((id + 1)); had=false
            case $request in *'"params":'*) had=true ;; esac
            echo "{\"id\":$id,\"partial\":$had,\"seconds\":0}"
            done"#;
        let mut child = worker::script(&format!("echo '{hello}'; {answers}"));
        child.hello(None).unwrap();
        let (spec, terms) = (spec(), terms());

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
    fn a_quick_worker_gets_its_next_task_before_it_answers() {
        // It answers the first of two requests when it has read both of them.
        let mut child = worker::script(
            r#"echo '{"parbench_worker":2,"keeps_params":true}'
            read -r one; read -r two
            echo '{"id":1,"partial":1,"seconds":0}'; echo '{"id":2,"partial":2,"seconds":0}'"#,
        );
        child.hello(None).unwrap();
        let (spec, requests) = (spec(), AtomicU64::new(1));
        let dispatch = five_tasks(&spec, &requests);
        let mut worker = Some(child);
        let mut caller = Caller::new(&dispatch, 0, 1, &mut worker);

        assert_eq!(
            caller.requests_in_flight(),
            1,
            "nobody knows how long tasks are"
        );
        caller.is_quick = true;
        assert_eq!(caller.requests_in_flight(), 1, "nor how long requests are");
        caller.request_bytes = 100;
        assert_eq!(caller.requests_in_flight(), 2);
        let first = caller.first_of(&VecDeque::from([0, 1])).unwrap();
        let second = caller.first_of(&VecDeque::from([1])).unwrap();
        let partials = [first, second].map(|piece| match piece.answer {
            Answer::Partial { partial, .. } => partial,
            other => panic!("{other:?}"),
        });
        assert_eq!(partials, [json!(1), json!(2)]);

        dispatch.take(0).unwrap();
        dispatch.take(1).unwrap();
        dispatch.take(2).unwrap();
        caller.is_quick = true;
        assert_eq!(
            caller.requests_in_flight(),
            1,
            "what is left near the end is for whichever worker is free"
        );
    }

    #[test]
    fn tasks_of_a_lost_worker_are_all_done_again() {
        // The first worker ends with two requests unanswered.
        let mut child = worker::script(
            r#"echo '{"parbench_worker":2,"keeps_params":true}'; read -r one; read -r two"#,
        );
        child.hello(None).unwrap();
        let (spec, requests) = (spec(), AtomicU64::new(1));
        let dispatch = five_tasks(&spec, &requests);
        let mut worker = Some(child);
        let mut caller = Caller::new(&dispatch, 0, 1, &mut worker);

        let queue = VecDeque::from([3, 4]);
        caller.attempt(&queue).err().unwrap();
        caller.sent.clear();
        let answers = r#"echo '{"parbench_worker":2,"keeps_params":true}'
            read -r one; echo '{"id":3,"partial":3,"seconds":0}'
            read -r two; echo '{"id":4,"partial":4,"seconds":0}'"#;
        let mut child = worker::script(answers);
        child.hello(None).unwrap();
        *caller.worker = Some(child);
        assert_eq!(caller.first_of(&queue).unwrap().timing.task, 3);
        assert_eq!(
            caller.first_of(&VecDeque::from([4])).unwrap().timing.task,
            4
        );
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
