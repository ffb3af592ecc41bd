//! The one form in which all our JSON is written.

use std::io::{self, Write};

use serde::Serialize;

use crate::printable;

/// Writes `value` indented, with a line end after it.
pub fn pretty(value: &impl Serialize, to: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;

    writeln!(to, "{}", printable::json(text))
}
