//! Ends what a worker process and its tasks have started, once nobody wants their answers any more.
//! Ray kills worker processes, and a killed one cannot end its programs itself: the guard asks them
//! to end, and kills those that do not.

use std::io::{self, Read};

use crate::descendants::GUARDED;
use crate::subprocess;

/// Waits for the end of `from`, then ends every process that has `PARBENCH_GUARD` set to `mark`.
pub fn guard(mut from: impl Read, mark: &str) -> io::Result<()> {
    io::copy(&mut from, &mut io::sink())?;

    subprocess::sweep(GUARDED, mark);
    Ok(())
}
