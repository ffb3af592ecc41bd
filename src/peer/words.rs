//! The last words of a child process, read by a thread as they come: hours may pass in which nobody
//! waits for the child, and a full pipe would stop it.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::last_words::LastWords;
use crate::threads;

/// Characters of the last line that are shown.
const LONGEST: usize = 200;

/// What a child has said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    speech: Mutex<Speech>,
    completed: Condvar,
}

#[derive(Debug, Default)]
struct Speech {
    words: LastWords,
    /// Whether there will be no more.
    is_complete: bool,
}

impl Words {
    /// The words of `source`, which a thread of its own reads to the end.
    pub(super) fn read(mut source: impl Read + Send + 'static) -> io::Result<Self> {
        let words = Self::default();
        let reader = words.clone();

        threads::start(move || {
            let mut chunk = [0; 4096];
            loop {
                match source.read(&mut chunk) {
                    Ok(bytes @ 1..) => reader.speech().words.push(&chunk[..bytes]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => break,
                }
            }

            reader.speech().is_complete = true;
            reader.0.completed.notify_all();
        })
        .map_err(|refused| refused.source)?;

        Ok(words)
    }

    /// Waits for `limit` at most until there will be no more: a process that has left the child's
    /// group may hold the pipe open for as long as it likes.
    pub(super) fn wait(&self, limit: Duration) {
        let is_growing = |speech: &mut Speech| !speech.is_complete;
        let waited = self
            .0
            .completed
            .wait_timeout_while(self.speech(), limit, is_growing);

        drop(waited);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.speech().words.lines()
    }

    /// The last line, shortened.
    pub(super) fn last(&self) -> Option<String> {
        let line = self.lines().pop()?;

        Some(line.trim_start().chars().take(LONGEST).collect())
    }

    fn speech(&self) -> MutexGuard<'_, Speech> {
        self.0.speech.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_to_its_end() {
        let words = Words::read(&b"first\n\nlast\n"[..]).unwrap();
        words.wait(Duration::from_mins(1));

        assert_eq!(words.lines(), ["first", "last"]);
    }

    #[test]
    fn the_last_line_is_shortened() {
        assert_eq!(Words::default().last(), None);

        let words = Words::default();
        words.speech().words.push("é".repeat(1000).as_bytes());
        assert_eq!(words.last().unwrap().chars().count(), LONGEST);
    }
}
