//! Pipes where the system cannot wait for several of them: a thread reads the output.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::{Heard, LONGEST_LINE};
use crate::threads;

#[derive(Debug)]
pub(in crate::peer) struct Streams {
    stdin: Option<ChildStdin>,
    lines: Receiver<Heard>,
}

impl Streams {
    pub(in crate::peer) fn new(stdin: ChildStdin, stdout: ChildStdout) -> io::Result<Self> {
        let (send, lines) = channel();

        threads::start(move || {
            let mut reader = BufReader::new(stdout);
            loop {
                let heard = next_line(&mut reader);
                let is_last = !matches!(heard, Heard::Line(_));
                if send.send(heard).is_err() || is_last {
                    break;
                }
            }
        })
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

    pub(in crate::peer) fn read(&mut self, limit: Duration) -> Heard {
        match self.lines.recv_timeout(limit) {
            Ok(heard) => heard,
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }

    pub(in crate::peer) fn discard(&mut self, limit: Duration) {
        if self.read(limit) == Heard::End {
            std::thread::sleep(limit);
        }
    }
}

fn next_line(reader: &mut impl BufRead) -> Heard {
    let mut line = Vec::new();
    let read = reader
        .by_ref()
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', &mut line);

    match read {
        Ok(1..) if line.ends_with(b"\n") => {
            line.pop();
            Heard::Line(String::from_utf8_lossy(&line).into_owned())
        }
        Ok(_) if line.len() >= LONGEST_LINE => Heard::Endless,
        _ => Heard::End,
    }
}
