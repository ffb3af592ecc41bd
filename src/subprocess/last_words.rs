//! The end of what a program writes to its standard error.

use std::collections::VecDeque;

/// Bytes that are kept.
const KEPT: usize = 4096;
/// Lines that are shown.
const LINES: usize = 5;

/// The last few thousand bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct LastWords(VecDeque<u8>);

impl LastWords {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(KEPT)..];
        let surplus = (self.0.len() + bytes.len()).saturating_sub(KEPT);

        self.0.drain(..surplus);
        self.0.extend(bytes);
    }

    /// The last lines that are not empty, oldest first.
    pub(super) fn lines(&self) -> Vec<String> {
        let bytes: Vec<u8> = self.0.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();

        let first = lines.len().saturating_sub(LINES);
        lines[first..].iter().map(|&line| line.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_however_much_was_written() {
        let mut words = LastWords::default();
        assert_eq!(words.lines(), [""; 0]);

        for line in 0..2000 {
            words.push(format!("line {line}\n\n").as_bytes());
        }
        assert_eq!(
            words.lines(),
            [
                "line 1995",
                "line 1996",
                "line 1997",
                "line 1998",
                "line 1999"
            ]
        );

        words.push(&[b'x'; 10_000]);
        assert_eq!(words.lines(), ["x".repeat(KEPT)]);
    }
}
