//! A running program where the system has no handle to wait for its end beside its output: what
//! may end it early is only looked at by a thread of its own.

use std::io::Read;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;

use wait4::Wait4;

use super::last_words::LastWords;
use super::{Error, Finished, Until, Usage};

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    last_words: Option<JoinHandle<LastWords>>,
    is_reaped: bool,
}

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        command.stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.spawn().map_err(Error::Start)?;

        let last_words = child
            .stderr
            .take()
            .map(|stderr| std::thread::spawn(move || listen(stderr)));
        Ok(Self {
            child,
            last_words,
            is_reaped: false,
        })
    }

    /// Drains its output until that ends.
    pub(super) fn drain(
        &mut self,
        drain: &mut dyn FnMut(&[u8]),
        until: Until<'_>,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; 1 << 16];

        while let Some(source) = &mut self.child.stdout {
            until.left()?;
            match source.read(&mut buffer) {
                Ok(count) if count > 0 => drain(&buffer[..count]),
                _ => break,
            }
        }
        Ok(())
    }

    /// Waits for the program.
    pub(super) fn finish(mut self) -> Result<Finished, Error> {
        self.is_reaped = true;
        let used = self.child.wait4().map_err(Error::Lost)?;
        let last_words = self.last_words.take().and_then(|words| words.join().ok());

        Ok(Finished {
            status: used.status,
            usage: Usage::new(&used.rusage),
            last_words: last_words.unwrap_or_default().lines(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_reaped {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

fn listen(mut stderr: ChildStderr) -> LastWords {
    let mut words = LastWords::default();
    let mut buffer = vec![0; 1 << 12];

    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        words.push(&buffer[..count]);
    }
    words
}
