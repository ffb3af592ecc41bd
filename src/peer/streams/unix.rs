//! Pipes on Unix: one poll(2) for both.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use nix::libc::PIPE_BUF;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{LONGEST_LINE, Reading};

/// Bytes that are read at once: as many as a pipe holds.
const CHUNK: usize = 1 << 16;

#[derive(Debug)]
pub(in crate::peer) struct Streams {
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    /// What was read of the output.
    text: Vec<u8>,
    /// `text` was returned as lines up to here.
    taken: usize,
    /// The rest of it holds no end of a line up to here.
    searched: usize,
    chunk: Box<[u8]>,
}

/// Which pipes can be used without waiting. A closed pipe is ready, too.
#[derive(Clone, Copy, Debug, Default)]
struct Ready {
    input: bool,
    output: bool,
}

impl Streams {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "where this takes a thread, it may be refused"
    )]
    pub(in crate::peer) fn new(stdin: ChildStdin, stdout: ChildStdout) -> io::Result<Self> {
        Ok(Self {
            stdin: Some(stdin),
            stdout: Some(stdout),
            text: Vec::new(),
            taken: 0,
            searched: 0,
            chunk: vec![0; CHUNK].into_boxed_slice(),
        })
    }

    pub(in crate::peer) fn close_input(&mut self) {
        self.stdin = None;
    }

    /// Writes some of `bytes` within `limit` and returns how many; `None` once nobody reads them
    /// any more.
    pub(in crate::peer) fn write(&mut self, bytes: &[u8], limit: Duration) -> Option<usize> {
        let ready = self.serve(limit, true);
        if !ready.input {
            return self.stdin.is_some().then_some(0);
        }

        // A pipe that is ready takes this much without making the writer wait (POSIX, write(2)).
        let part = &bytes[..bytes.len().min(PIPE_BUF)];

        match self.stdin.as_mut()?.write(part) {
            Ok(written) => Some(written),
            Err(error) if error.kind() == ErrorKind::Interrupted => Some(0),
            Err(_) => None,
        }
    }

    /// The next line, if it comes within `limit`.
    pub(in crate::peer) fn read(&mut self, limit: Duration) -> Reading {
        if let Some(line) = self.take_line() {
            return Reading::Line(line);
        }
        if self.is_endless() {
            return Reading::Endless;
        }
        if self.stdout.is_none() {
            return Reading::End;
        }

        self.serve(limit, false);

        self.take_line().map_or(Reading::Nothing, Reading::Line)
    }

    /// Lets the child write for `limit`, and forgets what it wrote to its output.
    pub(in crate::peer) fn discard(&mut self, limit: Duration) {
        self.serve(limit, false);

        self.text.clear();
        self.taken = 0;
        self.searched = 0;
    }

    /// Waits until a pipe can be used, for `limit` at most, and reads the output if there is any.
    fn serve(&mut self, limit: Duration, writes: bool) -> Ready {
        let ready = self.poll(limit, writes);

        if ready.output
            && let Some(stdout) = &mut self.stdout
        {
            match stdout.read(&mut self.chunk) {
                Ok(bytes @ 1..) => {
                    self.text.drain(..self.taken);
                    self.searched -= self.taken;
                    self.taken = 0;
                    self.text.extend_from_slice(&self.chunk[..bytes]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => self.stdout = None,
            }
        }

        ready
    }

    fn poll(&self, limit: Duration, writes: bool) -> Ready {
        // A child that writes without end must not fill the memory: what is too long for a line is
        // read no further.
        let output = self
            .stdout
            .as_ref()
            .filter(|_| !self.is_endless())
            .map(AsFd::as_fd);

        let input = self.stdin.as_ref().filter(|_| writes).map(AsFd::as_fd);
        let requests = [
            input.map(|pipe| PollFd::new(pipe, PollFlags::POLLOUT)),
            output.map(|pipe| PollFd::new(pipe, PollFlags::POLLIN)),
        ];
        let mut pipes: Vec<_> = requests.iter().flatten().cloned().collect();

        // Rounded up: with less than a millisecond left it would ask again and again without
        // waiting.
        let millis = limit.as_nanos().div_ceil(1_000_000);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        if poll(&mut pipes, timeout).unwrap_or(0) == 0 {
            return Ready::default();
        }

        let mut answers = pipes.iter().map(|pipe| pipe.any().unwrap_or(true));
        let mut is_ready = |is_requested: bool| is_requested && answers.next().unwrap_or(false);
        let [input, output] = requests.map(|pipe| is_ready(pipe.is_some()));

        Ready { input, output }
    }

    fn is_endless(&self) -> bool {
        self.text.len() - self.taken >= LONGEST_LINE
    }

    fn take_line(&mut self) -> Option<String> {
        let unsearched = &self.text[self.searched..];
        let Some(length) = unsearched.iter().position(|&byte| byte == b'\n') else {
            self.searched = self.text.len();
            return None;
        };

        let end = self.searched + length;
        let line = self.text[self.taken..end].to_vec();
        self.taken = end + 1;
        self.searched = self.taken;

        let text = String::from_utf8(line)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Some(text)
    }
}
