//! Inputs from a file or from the standard input.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use super::bytes::os_string;
use crate::printable;

/// The name of the standard input.
const STDIN: &str = "-";

/// The inputs in `file`, in their order: one a line, or up to each null byte. Empty ones are left
/// out. An error is a line for the user.
pub(super) fn read_inputs(file: &Path, null: bool) -> Result<Vec<OsString>, String> {
    let bytes = if file == Path::new(STDIN) {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };

    bytes
        .map(|bytes| inputs_in(&bytes, null))
        .map_err(|error| format!("cannot read inputs from {}: {error}", printable::path(file)))
}

fn inputs_in(bytes: &[u8], null: bool) -> Vec<OsString> {
    let end = if null { b'\0' } else { b'\n' };

    bytes
        .split(|&byte| byte == end)
        .map(|input| match input {
            // Lists that were written on Windows.
            [line @ .., b'\r'] if !null => line,
            input => input,
        })
        .filter(|input| !input.is_empty())
        .map(|input| os_string(input.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_a_line_or_what_ends_with_a_null_byte() {
        assert_eq!(inputs_in(b"a b\r\n\n'c'\nd", false), ["a b", "'c'", "d"]);
        assert_eq!(inputs_in(b"a\nb\0c\0", true), ["a\nb", "c"]);
        assert!(inputs_in(b"\n\n", false).is_empty());
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
