//! The last words of a child process: the end of what it writes to its standard error.
//!
//! A thread reads them as they come. Hours may pass in which nobody waits for the child, and a full
//! pipe would stop it.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::threads;

/// Bytes that are kept. The reason why a program fails stands at the end.
const KEPT: usize = 1 << 14;
/// Characters of the last line that are shown.
const LONGEST: usize = 200;

/// The end of a text that grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    text: Mutex<Text>,
    completed: Condvar,
}

#[derive(Debug, Default)]
struct Text {
    kept: Vec<u8>,
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
                    Ok(bytes @ 1..) => reader.add(&chunk[..bytes]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => break,
                }
            }

            reader.complete();
        })
        .map_err(|refused| refused.source)?;

        Ok(words)
    }

    /// Waits for `limit` at most until there will be no more: a process that has left the child's
    /// group may hold the pipe open for as long as it likes.
    pub(super) fn wait(&self, limit: Duration) {
        let is_growing = |text: &mut Text| !text.is_complete;
        let waited = self
            .0
            .completed
            .wait_timeout_while(self.text(), limit, is_growing);

        drop(waited);
    }

    /// Its lines without blanks at their ends, the empty ones left out.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = self.text();
        let kept = String::from_utf8_lossy(&text.kept);

        let lines = kept.lines().map(str::trim).filter(|line| !line.is_empty());

        lines.map(str::to_owned).collect()
    }

    /// The last of them, shortened.
    pub(super) fn last(&self) -> Option<String> {
        Some(self.lines().pop()?.chars().take(LONGEST).collect())
    }

    fn add(&self, bytes: &[u8]) {
        let mut text = self.text();
        text.kept.extend_from_slice(bytes);

        // Twice as much as is kept, so that not every addition moves all of it.
        if text.kept.len() > 2 * KEPT {
            let surplus = text.kept.len() - KEPT;
            text.kept.drain(..surplus);
        }
    }

    fn complete(&self) {
        self.text().is_complete = true;
        self.0.completed.notify_all();
    }

    fn text(&self) -> MutexGuard<'_, Text> {
        self.0.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_and_no_more() {
        let words = Words::default();
        assert_eq!(words.last(), None);

        for number in 0..100_000 {
            words.add(format!("line {number}\n").as_bytes());
        }
        words.add(b"\n  \n");
        assert_eq!(words.last().unwrap(), "line 99999");
        assert!(words.text().kept.len() <= 2 * KEPT);

        words.add("é".repeat(1000).as_bytes());
        assert_eq!(words.last().unwrap().chars().count(), LONGEST);
    }

    #[test]
    fn a_source_is_read_to_its_end() {
        let words = Words::read(&b"first\n\nlast\n"[..]).unwrap();
        words.wait(Duration::from_mins(1));

        assert_eq!(words.lines(), ["first", "last"]);
    }
}
