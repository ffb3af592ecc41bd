//! Pipes where the system cannot wait for several of them: a thread reads the output.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::{LONGEST_LINE, Reading};
use crate::threads;

#[derive(Debug)]
pub(in crate::peer) struct Streams {
    stdin: Option<ChildStdin>,
    lines: Receiver<Reading>,
}

impl Streams {
    pub(in crate::peer) fn new(stdin: ChildStdin, stdout: ChildStdout) -> io::Result<Self> {
        let (sender, lines) = channel();

        threads::start(move || send_lines(BufReader::new(stdout), &sender))
            .map_err(|refused| refused.source)?;

        Ok(Self {
            stdin: Some(stdin),
            lines,
        })
    }

    pub(in crate::peer) fn close_input(&mut self) {
        self.stdin = None;
    }

    pub(in crate::peer) fn write(&mut self, bytes: &[u8], _limit: Duration) -> Option<usize> {
        self.stdin.as_mut()?.write(bytes).ok()
    }

    pub(in crate::peer) fn read(&mut self, limit: Duration) -> Reading {
        match self.lines.recv_timeout(limit) {
            Ok(reading) => reading,
            Err(RecvTimeoutError::Timeout) => Reading::Nothing,
            Err(RecvTimeoutError::Disconnected) => Reading::End,
        }
    }

    pub(in crate::peer) fn discard(&mut self, limit: Duration) {
        if self.read(limit) == Reading::End {
            std::thread::sleep(limit);
        }
    }
}

/// Sends the lines of `output` until there are no more, or nobody wants them.
fn send_lines(mut output: impl BufRead, lines: &Sender<Reading>) {
    loop {
        let reading = next_line(&mut output);
        let is_last = !matches!(reading, Reading::Line(_));

        if lines.send(reading).is_err() || is_last {
            break;
        }
    }
}

fn next_line(reader: &mut impl BufRead) -> Reading {
    let mut line = Vec::new();
    let read = reader
        .by_ref()
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', &mut line);

    match read {
        Ok(1..) if line.ends_with(b"\n") => {
            line.pop();
            Reading::Line(String::from_utf8_lossy(&line).into_owned())
        }
        Ok(_) if line.len() >= LONGEST_LINE => Reading::Endless,
        _ => Reading::End,
    }
}
