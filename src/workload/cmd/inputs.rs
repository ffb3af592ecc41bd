//! Inputs: from a file or from the standard input, and those of each task.

use std::ffi::OsString;
use std::path::Path;

use super::bytes::os_string;
use super::params::Params;
use crate::printable;
use crate::units::Bytes;
use crate::whole_file;

/// The name of the standard input.
const STDIN: &str = "-";
/// More than the inputs of any run take.
const LONGEST: Bytes = Bytes(1 << 30);

/// The inputs of all tasks; for equal runs there are none.
pub(super) struct Inputs {
    all: Vec<OsString>,
    /// Inputs of one task.
    batch: usize,
}

impl Inputs {
    pub(super) fn of(params: &Params) -> Self {
        let inputs = params.inputs.iter();

        Self {
            all: inputs
                .map(|input| input.as_path().as_os_str().to_owned())
                .collect(),
            batch: params.batch.count(),
        }
    }

    pub(super) fn all(&self) -> &[OsString] {
        &self.all
    }

    /// Into how many tasks they are cut.
    pub(super) fn tasks(&self) -> usize {
        self.all.len().div_ceil(self.batch)
    }

    /// Those of task `index`.
    pub(super) fn of_task(&self, index: usize) -> &[OsString] {
        let first = (index * self.batch).min(self.all.len());
        let end = (first + self.batch).min(self.all.len());

        &self.all[first..end]
    }

    /// What reports call task `index`: its first input, or its number.
    pub(super) fn name_of(&self, index: usize) -> String {
        match self.of_task(index) {
            [] => format!("run {}", index + 1),
            [input] => printable::path(Path::new(input)),
            [input, rest @ ..] => {
                let input = printable::path(Path::new(input));
                format!("{input} and {} more", rest.len())
            }
        }
    }
}

/// The inputs in `file`, in their order and byte by byte: one a line, or up to each null byte, also
/// where it is empty. An error is a line for the user.
pub(super) fn read_inputs(file: &Path, null: bool) -> Result<Vec<OsString>, String> {
    let what = "list of inputs";
    let bytes = if file == Path::new(STDIN) {
        whole_file::read_from(std::io::stdin(), LONGEST, what)
    } else {
        whole_file::read(file, LONGEST, what)
    };

    bytes
        .map(|bytes| inputs_in(&bytes, null))
        .map_err(|error| format!("cannot read inputs from {}: {error}", printable::path(file)))
}

fn inputs_in(bytes: &[u8], null: bool) -> Vec<OsString> {
    let end = if null { b'\0' } else { b'\n' };

    let mut inputs: Vec<&[u8]> = bytes.split(|&byte| byte == end).collect();
    // What ends the last input begins no further one.
    if inputs.last().is_some_and(|last| last.is_empty()) {
        inputs.pop();
    }

    let owned = inputs.into_iter().map(|input| os_string(input.to_vec()));
    owned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_a_line_or_what_ends_with_a_null_byte() {
        assert_eq!(
            inputs_in(b"a b\r\n\n'c'\nd", false),
            ["a b\r", "", "'c'", "d"]
        );
        assert_eq!(inputs_in(b"a\nb\0c\0", true), ["a\nb", "c"]);
        assert_eq!(inputs_in(b"\n\n", false), ["", ""]);
        assert!(inputs_in(b"", false).is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = read_inputs(Path::new("no/such/list"), false).unwrap_err();
        assert!(
            error.starts_with("cannot read inputs from no/such/list: "),
            "{error}"
        );
    }
}
