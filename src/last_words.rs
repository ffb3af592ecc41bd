//! The last words of a program: the end of what it writes to its standard error, where the reason
//! stands if it fails.

use std::collections::VecDeque;

/// Bytes that are kept.
const KEPT: usize = 1 << 14;

/// The end of a stream that grows.
#[derive(Debug, Default)]
pub(crate) struct LastWords(VecDeque<u8>);

impl LastWords {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(KEPT)..];
        let surplus = (self.0.len() + bytes.len()).saturating_sub(KEPT);

        self.0.drain(..surplus);
        self.0.extend(bytes);
    }

    /// The lines that are kept, oldest first, without blanks at their ends and without the empty
    /// ones.
    pub(crate) fn lines(&self) -> Vec<String> {
        let (front, back) = self.0.as_slices();
        let bytes = [front, back].concat();
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::trim_end);

        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The last `count` of them.
    pub(crate) fn last(&self, count: usize) -> Vec<String> {
        let mut lines = self.lines();
        let first = lines.len().saturating_sub(count);

        lines.split_off(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_however_much_was_written() {
        let mut words = LastWords::default();
        assert_eq!(words.last(1), [""; 0]);

        for line in 0..100_000 {
            words.push(format!("  line {line} \n \n").as_bytes());
        }
        assert_eq!(words.last(2), ["  line 99998", "  line 99999"]);
        assert!(words.lines().len() > 100);

        words.push(&vec![b'x'; 2 * KEPT]);
        assert_eq!(words.lines(), ["x".repeat(KEPT)]);
    }
}
