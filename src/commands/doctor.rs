//! `doctor`: what the machine is and what of it matters for measuring.

use std::io::{self, Write};

use crate::report::{self, Layout};
use crate::results::Environment;

/// How the environment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In words.
    Text(Layout),
    /// As in a stored run.
    Json,
}

/// Writes `environment`.
pub fn doctor(environment: &Environment, form: Form, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Text(layout) => out.write_all(report::machine(environment, layout).as_bytes()),
        Form::Json => {
            serde_json::to_writer_pretty(&mut *out, environment)?;
            writeln!(out)
        }
    }
}
