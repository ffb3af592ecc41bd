//! The serving end: reads requests, does them one after another, writes answers. It decides nothing.

use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use parbench_pool::panic_message;
use serde::Serialize;
use serde_json::Value;

use super::{Action, Answer, Hello, PROTOCOL, Request};
use crate::event::Silent;
use crate::machine;
use crate::stop::Stop;
use crate::threads::{self, Refused};
use crate::units::Bytes;
use crate::workload::{self, BUSY, Context, Shared};

/// What the flag is raised with when whoever asked is gone: the number of SIGHUP.
const GONE: usize = 1;

/// Serves the requests of `from` until it ends. Its end raises `stop`, so that a task under way ends, too.
pub fn serve(
    from: impl BufRead + Send + 'static,
    to: &mut dyn Write,
    stop: &Stop,
) -> io::Result<()> {
    // Before the hello: a worker that cannot read must not say that it is ready.
    let lines = lines(from, stop).map_err(io::Error::other)?;

    say(
        to,
        &Hello {
            parbench_worker: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            memory_available_bytes: Some(machine::memory().available)
                .filter(|&available| available > Bytes(0)),
            cpu_model: Some(machine::cpu_model()),
        },
    )?;
    let mut worker = Worker {
        stop,
        prepared: Vec::new(),
    };
    for line in lines {
        say(to, &worker.answer(&line))?;
    }
    Ok(())
}

/// The lines of `from`, read on a thread of their own: while a task runs, somebody has to see the end come. The end
/// raises `stop`.
pub(crate) fn lines(
    mut from: impl BufRead + Send + 'static,
    stop: &Stop,
) -> Result<Receiver<Vec<u8>>, Refused> {
    let (send, lines) = sync_channel(1);
    let stop = stop.clone();
    threads::start(move || {
        loop {
            let mut line = Vec::new();
            // What is no text is for the answer to say; what cannot be read at all is the end.
            let read = from.read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) || send.send(line).is_err() {
                break;
            }
        }
        stop.raise(GONE);
    })?;
    Ok(lines)
}

fn say(to: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

struct Worker<'a> {
    stop: &'a Stop,
    /// What was prepared for earlier requests, which the next one mostly wants again.
    prepared: Vec<Shared>,
}

impl Worker<'_> {
    fn answer(&mut self, line: &[u8]) -> Answer {
        let request: Request = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(error) => {
                return Answer::Failed {
                    id: None,
                    error: format!("this is no request: {error}"),
                };
            }
        };
        let id = request.id;
        let done = catch_unwind(AssertUnwindSafe(|| self.done(&request)));
        match done
            .unwrap_or_else(|payload| Err(format!("a task panicked: {}", panic_message(payload))))
        {
            Ok((partial, seconds)) => Answer::Done {
                id,
                partial,
                seconds,
            },
            Err(error) => Answer::Failed {
                id: Some(id),
                error,
            },
        }
    }

    fn done(&mut self, request: &Request) -> Result<(Value, f64), String> {
        let workload = self.prepared(request)?;
        let (task, tasks) = (request.task, workload.tasks());
        if task >= tasks {
            return Err(format!(
                "there is no task {task}: {} has {tasks}",
                request.workload
            ));
        }
        let start = Instant::now();
        let partial = match request.action {
            Action::Task => workload.task(task, self.stop),
            Action::Audit => workload.audit(task, self.stop).map(|()| Value::Null),
            Action::Prepare => Ok(Value::Null),
            Action::CoolDown => {
                workload.cool_down();
                Ok(Value::Null)
            }
            Action::Inputs => workload.inputs(self.stop).map(Value::from),
        };
        let seconds = start.elapsed().as_secs_f64();
        partial
            .map(|partial| (partial, seconds))
            .map_err(|error| error.to_string())
    }

    /// The workload that is asked for, ready.
    fn prepared(&mut self, request: &Request) -> Result<Shared, String> {
        let Request {
            workload: name,
            params,
            slowdown,
            memory,
            ..
        } = request;
        let same = |workload: &&Shared| {
            let spec = workload.spec();
            spec.name == name
                && spec.params == *params
                && spec.slowdown == *slowdown
                && spec.memory == *memory
        };
        if let Some(workload) = self.prepared.iter().find(same) {
            return Ok(Shared::clone(workload));
        }
        // Tasks that do nothing come between those of a workload; two workloads at once might not fit.
        self.prepared
            .retain(|workload| (workload.spec().name == BUSY.name) != (name == BUSY.name));
        let hidden = Some(&BUSY).filter(|busy| busy.name == name);
        let definition = workload::find(name)
            .or(hidden)
            .ok_or_else(|| format!("it knows no workload {name}"))?;
        let context = Context {
            stop: self.stop,
            observer: &Silent,
            workers: NonZeroUsize::MIN,
            memory: *memory,
        };
        let workload =
            (definition.prepare)(params.clone(), &context).map_err(|error| error.to_string())?;
        let workload = workload::slowed(workload, *slowdown);
        self.prepared.push(Shared::clone(&workload));
        Ok(workload)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a worker says to these lines, hello aside.
    fn answers(asks: &[Value]) -> Vec<Value> {
        let input = asks
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n");
        let mut output = Vec::new();
        serve(io::Cursor::new(input), &mut output, &Stop::new()).unwrap();
        let text = String::from_utf8(output).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let hello: Value = lines.next().unwrap();
        assert_eq!(hello["parbench_worker"], PROTOCOL);
        lines.collect()
    }

    #[test]
    fn bad_requests_are_answers_and_the_next_one_is_served() {
        let pi = |params: Value, task: usize| json!({"id": 5, "workload": "pi", "params": params, "task": task});
        let good = json!({"samples": 0, "tasks": 2, "seed": 1});
        let told = answers(&[
            json!("nonsense"),
            json!({"id": 1, "workload": "juggling", "params": null}),
            pi(good, 0),
            pi(json!({"samples": 10, "tasks": 2, "seed": 1}), 2),
        ]);
        let errors = [
            "this is no request",
            "it knows no workload juggling",
            "stored parameters",
            "there is no task 2",
        ];
        assert_eq!(told.len(), errors.len());
        for (told, error) in told.iter().zip(errors) {
            assert!(told["error"].as_str().unwrap().contains(error), "{told}");
        }
        assert_eq!(
            (&told[0]["id"], &told[1]["id"], &told[3]["id"]),
            (&Value::Null, &json!(1), &json!(5))
        );
    }
}
