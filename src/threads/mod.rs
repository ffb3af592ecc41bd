//! Threads and processes that the system may refuse to start, and the error that names how many
//! were requested and which limit stands in the way.

mod limits;
mod side_by_side;

use std::fmt;
use std::io::{self, ErrorKind};
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::machine::tree::Tree;

pub use side_by_side::side_by_side;

/// The system refused to start a thread or a process.
#[derive(Debug)]
pub struct Refused {
    /// `thread`, `worker process`.
    pub what: String,
    /// Its place in the sequence, from 1: those before it had started.
    pub number: usize,
    /// How many were requested.
    pub count: usize,
    /// The system's error.
    pub source: io::Error,
    /// The limits that may be the reason, in words; empty if unknown.
    pub limits: String,
}

impl Refused {
    /// Whether `source` means that there are too many already. A missing file, say, has nothing to
    /// do with limits.
    #[must_use]
    pub fn is_meant_by(source: &io::Error) -> bool {
        matches!(
            source.kind(),
            ErrorKind::WouldBlock | ErrorKind::OutOfMemory
        )
    }

    /// The error for number `number` (from 1) of `count`. It looks up the limits, so it has to be
    /// made at once, while the earlier ones run.
    #[must_use]
    pub fn new(what: impl Into<String>, number: usize, count: usize, source: io::Error) -> Self {
        let limits = if Self::is_meant_by(&source) {
            limits::in_words(&Tree::system())
        } else {
            String::new()
        };

        Self {
            what: what.into(),
            number,
            count,
            source,
            limits,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            number,
            count,
            source,
            limits,
        } = self;

        // Without the number of the error, which only programmers understand.
        let reason = source.to_string();
        let reason = reason.split(" (os error").next().unwrap_or_default();

        write!(f, "cannot start {what}")?;
        if *count > 1 {
            write!(f, " {number} of {count}")?;
        }
        write!(f, ": {reason}")?;

        match (Self::is_meant_by(source), limits.as_str()) {
            (true, "") => write!(f, "; ask for fewer workers"),
            (false, "") => Ok(()),
            (_, limits) => write!(f, "; {limits}: raise the limit or ask for fewer workers"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The text has it already: a chain of causes would show it twice.
        None
    }
}

/// Starts number `number` (from 1) of `count` threads of a scope.
///
/// Threads that have started already may wait for this one: after an error the caller has to let
/// them go.
pub fn start_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    number: usize,
    count: usize,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, Refused> {
    let started = Builder::new().spawn_scoped(scope, work);

    started.map_err(|source| Refused::new("thread", number, count, source))
}

/// Starts a thread that belongs to no scope.
pub fn start<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Refused> {
    Builder::new()
        .spawn(work)
        .map_err(|source| Refused::new("thread", 1, 1, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_count_the_limit_and_the_remedy() {
        // 11 is EAGAIN on Linux, what pthread_create(3) returns at every limit.
        let again = || io::Error::from(ErrorKind::WouldBlock);
        let limits = "this user may run 12 threads (ulimit -u)".to_owned();
        let refused = Refused {
            what: "thread".to_owned(),
            number: 7,
            count: 8,
            source: again(),
            limits,
        };
        let text = refused.to_string();

        assert!(text.starts_with("cannot start thread 7 of 8: "), "{text}");
        assert!(
            text.ends_with(
                "; this user may run 12 threads (ulimit -u): raise the limit or ask for fewer workers"
            ),
            "{text}"
        );

        let unknown = Refused {
            what: "thread".to_owned(),
            number: 1,
            count: 1,
            source: again(),
            limits: String::new(),
        };
        let text = unknown.to_string();

        assert!(
            text.starts_with("cannot start thread: ") && text.ends_with("ask for fewer workers"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_file_has_nothing_to_do_with_limits() {
        let missing = Refused::new("worker process", 1, 2, io::Error::from(ErrorKind::NotFound));

        assert!(missing.limits.is_empty());
        assert!(!missing.to_string().contains("workers"), "{missing}");
    }

    #[test]
    fn threads_start_and_return_what_they_computed() {
        assert_eq!(start(|| 1).unwrap().join().unwrap(), 1);

        let sum: i32 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|number| start_scoped(scope, 1, 3, move || number).unwrap())
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(sum, 3);
    }
}
