//! Reads lines on a thread of their own.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, channel};

use crate::stop::Stop;
use crate::threads::{self, Refused};

/// What the stop flag is raised with when nobody wants the answers any more: the number of SIGHUP.
pub(super) const GONE: usize = 1;

/// The lines of `from`, read on a thread of their own: while one of them is served, its end must be
/// seen. The end raises `stop`.
pub(crate) fn lines(
    from: impl BufRead + Send + 'static,
    stop: &Stop,
) -> Result<Receiver<Vec<u8>>, Refused> {
    let stop = stop.clone();
    read(from, move || stop.raise(GONE))
}

/// The lines of `from`, read on a thread of their own, which calls `at_end` when there are no more.
pub(super) fn read(
    mut from: impl BufRead + Send + 'static,
    at_end: impl FnOnce() + Send + 'static,
) -> Result<Receiver<Vec<u8>>, Refused> {
    let (send, lines) = channel();

    threads::start(move || {
        loop {
            let mut line = Vec::new();
            // A line that is not UTF-8 is answered by an error; what cannot be read at all is the
            // end.
            let read = from.read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) || send.send(line).is_err() {
                break;
            }
        }
        drop(send);

        at_end();
    })?;

    Ok(lines)
}
