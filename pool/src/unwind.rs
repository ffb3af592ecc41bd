//! Panics of the user's code: how they are kept from harming others, and what they said.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of a user whose panic concerns nobody, such as the drop of a result that was never
/// fetched.
pub(crate) fn ignore_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        // The payload is a value of the user's as well; should its drop panic too, the next one is
        // leaked.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        mem::forget(dropped);
    }
}

/// The message of a panic, from the payload that `catch_unwind` returned.
#[must_use]
pub fn panic_message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.unwrap_or("the panic carries no text").to_owned();
            ignore_panic(|| drop(payload));
            text
        }
    }
}
