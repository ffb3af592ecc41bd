//! What the standard library changes before `main`. This is not a hot loop; it is in this crate
//! because it needs an unsafe promise.

use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use ctor::declarative::ctor;

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether this process was started without a stdout, as `>&-` does in a shell. The standard
/// library opens the null device in its place, so that no other file takes its number; whatever is
/// written there is gone without an error.
#[must_use]
pub fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}

#[cfg(unix)]
ctor! {
    // SAFETY: before `main` nothing of the standard library may be used that needs its start-up.
    // This is one system call and one store: it allocates nothing, starts nothing and cannot panic.
    #[ctor(unsafe)]
    fn look_at_stdout() {
        let is_closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err();
        STDOUT_WAS_CLOSED.store(is_closed, Ordering::Relaxed);
    }
}
