//! Signals as a flag: the first one asks the work to stop, a second one ends the process at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::stop::Stop;

/// Makes SIGINT and SIGTERM raise `stop`.
pub(super) fn install(stop: &Stop) -> io::Result<()> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the check comes first, so that only a second signal finds the mark.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
        flag::register(signal, Arc::clone(&asked))?;
        flag::register_usize(signal, stop.cell(), usize::try_from(signal).unwrap_or_default())?;
    }
    Ok(())
}
