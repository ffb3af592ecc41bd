//! Exit codes, as `--help` lists them.

use crate::commands::Ending;

pub(super) const OK: u8 = 0;
pub(super) const REGRESSED: u8 = 1;
pub(super) const TROUBLE: u8 = 2;
pub(super) const UNSETTLED: u8 = 3;
/// As timeout(1) has it.
pub(super) const TIMED_OUT: u8 = 124;
/// What shells add to a signal's number.
const SIGNAL: usize = 128;

/// The exit code of a command that ended like this.
pub(super) fn code(ending: Ending) -> u8 {
    match ending {
        Ending::Done => OK,
        Ending::Regressed => REGRESSED,
        Ending::Trouble => TROUBLE,
        Ending::Unsettled => UNSETTLED,
        Ending::TimedOut => TIMED_OUT,
        Ending::Interrupted(signal) => u8::try_from(SIGNAL + signal).unwrap_or(TROUBLE),
    }
}
