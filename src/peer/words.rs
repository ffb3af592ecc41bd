//! The last words of a child process: the end of what it writes to its standard error.

use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that are kept. What a program says when it fails stands at the end.
const KEPT: usize = 1 << 14;
/// More of a line than this helps nobody.
const LONGEST: usize = 200;

/// The end of a text that grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Arc<Mutex<Vec<u8>>>);

impl Words {
    pub(super) fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        // Twice as much as is kept, so that not every addition moves all of it.
        if kept.len() > 2 * KEPT {
            let surplus = kept.len() - KEPT;
            kept.drain(..surplus);
        }
    }

    /// Its lines without blanks at their ends, the empty ones left out.
    pub(super) fn lines(&self) -> Vec<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// The last of them, shortened.
    pub(super) fn last(&self) -> Option<String> {
        Some(self.lines().pop()?.chars().take(LONGEST).collect())
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
        assert!(words.0.lock().unwrap().len() <= 2 * KEPT);
        words.add("é".repeat(1000).as_bytes());
        assert_eq!(words.last().unwrap().chars().count(), LONGEST);
    }
}
