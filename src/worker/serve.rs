//! The serving end: reads requests, does them one after another, writes answers.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use parbench_pool::panic_message;
use serde::Serialize;
use serde_json::Value;

use super::lines::{GONE, read};
use super::{Action, Answer, Description, Hello, PROTOCOL, Request};
use crate::event::Silent;
use crate::machine;
use crate::peer::Parent;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::workload::{self, BUSY, Context, Registry, Shared};

/// How often to see whether anybody wants the answers to the last requests.
const LOOK: Duration = Duration::from_millis(100);
/// How many workloads are kept ready.
const MOST_PREPARED: usize = 4;

/// Serves the requests of `from`, with the workloads of a program, until every one of them is
/// answered and there are no more. Requests wait in memory until it is their turn.
///
/// After the end of the input it goes on as long as there is somebody to read the answers. Then
/// `stop` is raised, so that a task under way ends, too.
pub fn serve(
    from: impl BufRead + Send + 'static,
    to: &mut dyn Write,
    workloads: &Registry,
    stop: &Stop,
) -> io::Result<()> {
    let parent = Parent::now();
    let (serving, served) = channel::<()>();
    let raised = stop.clone();
    let watch = move || {
        while served.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if parent.is_gone() {
                raised.raise(GONE);
                break;
            }
        }
    };
    // Before the hello: a worker that cannot read must not say that it is ready.
    let requests = read(from, watch).map_err(io::Error::other)?;

    write_line(to, &hello())?;

    let mut worker = Worker {
        workloads,
        stop,
        prepared: Vec::new(),
        last_params: HashMap::new(),
    };
    for line in requests {
        let answer = worker.answer(&line);
        // Not what came of the task: the worker is lost, and the task is done again.
        if stop.signal().is_some() {
            break;
        }
        write_line(to, &answer)?;
    }

    drop(serving);
    Ok(())
}

fn hello() -> Hello {
    let available = machine::memory().available;

    Hello {
        parbench_worker: PROTOCOL,
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        arch: Some(std::env::consts::ARCH.to_owned()),
        memory_available_bytes: Some(available).filter(|&available| available > Bytes(0)),
        cpu_model: Some(machine::cpu_model()),
        keeps_params: true,
    }
}

fn write_line(to: &mut dyn Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');

    to.write_all(&line)?;
    to.flush()
}

struct Worker<'a> {
    workloads: &'a Registry,
    stop: &'a Stop,
    /// What was prepared for earlier requests, which the next one mostly wants again.
    prepared: Vec<Ready>,
    /// The parameters of the last request for each workload, by its name.
    last_params: HashMap<String, Arc<Value>>,
}

/// A workload that is prepared.
struct Ready {
    /// What was asked for: comparing long lists for each task would take longer than many a task.
    params: Arc<Value>,
    workload: Shared,
}

impl Worker<'_> {
    fn answer(&mut self, line: &[u8]) -> Answer {
        let request: Request = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(error) => return refusal(line, &error),
        };
        let id = request.id;
        let failed = |error| Answer::Failed {
            id: Some(id),
            error,
        };

        if let Some(version) = request.parbench_worker
            && version != PROTOCOL
        {
            return failed(other_version(version.into()));
        }
        match catch_unwind(AssertUnwindSafe(|| self.serve(request))) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => failed(error),
            Err(payload) => failed(format!("a task panicked: {}", panic_message(payload))),
        }
    }

    fn serve(&mut self, mut request: Request) -> Result<Answer, String> {
        let params = self.params(&mut request)?;
        let workload = self.prepared(&request, params)?;
        let Request {
            id,
            task,
            action,
            arm,
            partials,
            ..
        } = request;
        check(&workload, action, task, partials.len())?;
        if let Some(arm) = &arm {
            workload.enter_arm(arm);
        }

        let start = Instant::now();
        let seconds = || start.elapsed().as_secs_f64();
        let answer = match action {
            Action::Task => workload
                .task(task, self.stop)
                .map(|partial| Answer::Partial {
                    id,
                    partial,
                    seconds: seconds(),
                }),
            Action::Audit => workload.audit(task, self.stop).map(|()| Answer::Done {
                id,
                seconds: seconds(),
            }),
            Action::Prepare => Ok(Answer::Done { id, seconds: 0.0 }),
            Action::CoolDown => {
                workload.cool_down();
                Ok(Answer::Done {
                    id,
                    seconds: seconds(),
                })
            }
            Action::Inputs => workload.inputs(self.stop).map(|inputs| Answer::Inputs {
                id,
                inputs: Value::from(inputs),
            }),
            Action::Describe => Ok(Answer::Description {
                id,
                description: Description {
                    tasks: workload.tasks(),
                    work: workload.work(),
                    task_bytes: workload.task_bytes(),
                },
            }),
            Action::Combine => workload
                .combine(partials)
                .map(|answer| Answer::Combined { id, answer }),
        };

        answer.map_err(|error| error.to_string())
    }

    /// The parameters of `request`, or else those of the last request for its workload.
    fn params(&mut self, request: &mut Request) -> Result<Arc<Value>, String> {
        let name = &request.workload;
        let last = self.last_params.get(name);

        match request.params.take() {
            None => last.cloned().ok_or_else(|| {
                format!("it has no params, and no request for {name} before it had any: send them")
            }),
            Some(params) => {
                let same = last.filter(|last| ***last == params).cloned();
                let params = same.unwrap_or_else(|| Arc::new(params));
                self.last_params.insert(name.clone(), Arc::clone(&params));
                Ok(params)
            }
        }
    }

    /// The workload of `request` with these `params`, ready.
    fn prepared(&mut self, request: &Request, params: Arc<Value>) -> Result<Shared, String> {
        let is_wanted = |ready: &&Ready| {
            let spec = ready.workload.spec();
            *spec.name == *request.workload
                && (Arc::ptr_eq(&ready.params, &params) || ready.params == params)
                && spec.slowdown == request.slowdown
                && spec.memory == request.memory
                && spec.task_timeout == request.task_timeout()
        };
        if let Some(ready) = self.prepared.iter().find(is_wanted) {
            return Ok(Shared::clone(&ready.workload));
        }

        let is_busy = request.workload == BUSY;
        let known = self.workloads.find(&request.workload);
        let definition = known
            .or_else(|| is_busy.then(workload::busy))
            .ok_or_else(|| format!("it knows no workload {}", request.workload))?;

        // Two at once might not fit in memory, unless they hold none, as `busy` and programs do.
        let is_light = |ready: &Ready| {
            let workload = &ready.workload;
            workload.spec().name.as_ref() == BUSY || !workload.runs_in_process()
        };
        let is_heavy = !is_busy && definition.runs_in_process();
        self.prepared.retain(|ready| !is_heavy || is_light(ready));
        if self.prepared.len() == MOST_PREPARED
            && let Some(oldest) = self.prepared.iter().position(is_light)
        {
            self.prepared.remove(oldest);
        }

        let context = Context {
            task_timeout: request.task_timeout(),
            stop: self.stop,
            observer: &Silent,
            workers: NonZeroUsize::MIN,
            memory: request.memory,
        };
        let workload = definition
            .prepare(params.as_ref().clone(), &context)
            .map_err(|error| error.to_string())?;
        let workload = workload::slowed(workload, request.slowdown);

        self.prepared.push(Ready {
            params,
            workload: Shared::clone(&workload),
        });
        Ok(workload)
    }
}

/// Whether `action` can be done with this task, or with this number of partial results.
fn check(workload: &Shared, action: Action, task: usize, partials: usize) -> Result<(), String> {
    let (name, tasks) = (&workload.spec().name, workload.tasks());

    match action {
        Action::Task | Action::Audit if task >= tasks => {
            Err(format!("there is no task {task}: {name} has {tasks}"))
        }
        Action::Combine if partials != tasks => Err(format!(
            "there are {partials} partial results to combine: {name} has {tasks} tasks"
        )),
        _ => Ok(()),
    }
}

/// The answer to a line that cannot be understood as a request.
fn refusal(line: &[u8], error: &serde_json::Error) -> Answer {
    let fields: Value = serde_json::from_slice(line).unwrap_or_default();

    // Another version may have requests of another form.
    let error = match fields["parbench_worker"].as_u64() {
        Some(version) if version != u64::from(PROTOCOL) => other_version(version),
        _ => format!("this is not a request: {error}"),
    };
    Answer::Failed {
        id: fields["id"].as_u64(),
        error,
    }
}

fn other_version(version: u64) -> String {
    format!(
        "the request is of version {version} of the worker protocol, and this worker speaks version {PROTOCOL}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a worker answers to these requests.
    fn answers(requests: &[Value]) -> Vec<Value> {
        let lines: Vec<_> = requests.iter().map(ToString::to_string).collect();
        let mut output = Vec::new();
        let input = io::Cursor::new(lines.join("\n"));
        serve(input, &mut output, &workload::built_in(), &Stop::new()).unwrap();

        let text = String::from_utf8(output).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let hello: Value = lines.next().unwrap();
        assert_eq!(hello["parbench_worker"], PROTOCOL);
        lines.collect()
    }

    #[test]
    fn bad_requests_are_answers_and_the_next_one_is_served() {
        let pi = |id: u64, samples: u64, more: Value| {
            let mut request = json!({
                "id": id,
                "workload": "pi",
                "params": {"samples": samples, "tasks": 2, "seed": 1},
            });
            for (name, value) in more.as_object().unwrap() {
                request[name] = value.clone();
            }
            request
        };
        let cases = [
            (json!("nonsense"), Value::Null, "this is not a request"),
            (
                json!({"id": 1, "workload": "juggling", "params": null}),
                json!(1),
                "it knows no workload juggling",
            ),
            (pi(2, 0, json!({})), json!(2), "stored parameters"),
            (
                pi(3, 10, json!({"task": 2})),
                json!(3),
                "there is no task 2",
            ),
            (
                pi(4, 10, json!({"do": "combine", "partials": [1]})),
                json!(4),
                "there are 1 partial results to combine: pi has 2 tasks",
            ),
            (
                pi(5, 10, json!({"do": "juggle"})),
                json!(5),
                "this is not a request",
            ),
            (
                pi(6, 10, json!({"parbench_worker": 1})),
                json!(6),
                "of version 1 of the worker protocol, and this worker speaks version 2",
            ),
            (
                json!({"parbench_worker": 3, "id": 7, "from": "the future"}),
                json!(7),
                "of version 3",
            ),
        ];

        let requests: Vec<_> = cases.iter().map(|(request, ..)| request.clone()).collect();
        let answers = answers(&requests);
        assert_eq!(answers.len(), cases.len());
        for (answer, (_, id, error)) in answers.iter().zip(&cases) {
            assert_eq!(answer["id"], *id, "{answer}");
            assert!(
                answer["error"].as_str().unwrap().contains(error),
                "{answer}"
            );
        }
    }

    #[test]
    fn a_request_without_params_has_those_of_the_last_one_for_its_workload() {
        let params = |tasks: u64, seed: u64| json!({"samples": 1000, "tasks": tasks, "seed": seed});
        let request = |params: Option<Value>| {
            let mut request = json!({"id": 1, "workload": "pi", "task": 1});
            if let Some(params) = params {
                request["params"] = params;
            }
            request
        };
        let busy = json!({"id": 1, "workload": "busy", "params": {"tasks": 1, "steps": 1}});

        let answers = answers(&[
            request(None),
            request(Some(params(2, 42))),
            request(None),
            request(Some(params(2, 7))),
            busy,
            request(None),
            // These have no second task.
            request(Some(params(1, 42))),
            request(None),
        ]);
        let partial = |place: usize| answers[place]["partial"].as_u64().unwrap();
        assert_eq!(
            answers[0]["error"],
            "it has no params, and no request for pi before it had any: send them"
        );
        assert_eq!(partial(2), partial(1));
        assert_eq!(partial(5), partial(3));
        assert_ne!(partial(3), partial(1));
        assert_eq!(answers[7]["error"], answers[6]["error"]);
        assert_eq!(answers[7]["error"], "there is no task 1: pi has 1");
    }
}
