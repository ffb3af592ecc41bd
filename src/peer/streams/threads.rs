//! Pipes where the system cannot wait for several of them: a thread reads each.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::{Heard, LONGEST_LINE};
use crate::peer::words::Words;
use crate::threads;

#[derive(Debug)]
pub(in crate::peer) struct Streams {
    stdin: Option<ChildStdin>,
    lines: Receiver<Heard>,
    pub(in crate::peer) words: Words,
}

impl Streams {
    pub(in crate::peer) fn new(
        stdin: ChildStdin,
        stdout: ChildStdout,
        mut stderr: ChildStderr,
    ) -> io::Result<Self> {
        let (send, lines) = channel();
        threads::start(move || {
            let mut reader = BufReader::new(stdout);
            loop {
                let mut line = Vec::new();
                let read = reader
                    .by_ref()
                    .take(LONGEST_LINE as u64)
                    .read_until(b'\n', &mut line);
                let heard = match read {
                    Ok(1..) if line.ends_with(b"\n") => {
                        line.pop();
                        Heard::Line(String::from_utf8_lossy(&line).into_owned())
                    }
                    Ok(_) if line.len() >= LONGEST_LINE => Heard::Endless,
                    _ => Heard::End,
                };
                let is_last = !matches!(heard, Heard::Line(_));
                if send.send(heard).is_err() || is_last {
                    break;
                }
            }
        })
        .map_err(io::Error::other)?;

        let words = Words::default();
        let kept = words.clone();
        threads::start(move || {
            let mut chunk = [0; 4096];
            while let Ok(bytes @ 1..) = stderr.read(&mut chunk) {
                kept.add(&chunk[..bytes]);
            }
        })
        .map_err(io::Error::other)?;

        Ok(Self {
            stdin: Some(stdin),
            lines,
            words,
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

    #[expect(clippy::unused_self, reason = "the threads read without being asked")]
    pub(in crate::peer) fn drain(&mut self) {}
}
