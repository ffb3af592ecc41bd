//! Stdout for the whole program. A reader that goes away ends the output quietly: everything else
//! still happens. A stdout that was never there is an error.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use parbench_kernels::before_main::stdout_was_closed;

/// Buffered stdout that ignores a closed pipe. Clones share it.
#[derive(Clone)]
pub(super) struct Stdout(Arc<Mutex<State>>);

struct State {
    writer: BufWriter<io::Stdout>,
    is_closed: bool,
}

impl Stdout {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            writer: BufWriter::new(io::stdout()),
            is_closed: false,
        })))
    }

    /// Writes out what is buffered; an error when not all of it could be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.flush()
    }

    fn with<T: Default>(
        &self,
        write: impl FnOnce(&mut BufWriter<io::Stdout>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            return Ok(T::default());
        }

        match write(&mut state.writer) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                state.is_closed = true;
                Ok(T::default())
            }
            Err(error) => {
                let message = format!("cannot write to stdout: {error}");
                Err(io::Error::new(error.kind(), message))
            }
            Ok(written) => Ok(written),
        }
    }
}

impl Write for Stdout {
    /// Also an error for no bytes at all where stdout was never there.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if stdout_was_closed() {
            let message = "cannot write to stdout: it is closed";
            return Err(io::Error::new(ErrorKind::NotConnected, message));
        }

        self.with(|writer| writer.write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(Write::flush)
    }
}
