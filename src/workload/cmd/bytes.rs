//! Words as bytes and back: file names need not be text.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use clap::builder::{OsStringValueParser, TypedValueParser};

/// Reads a flag that has to be text: the error names the flag, as clap's own does not.
pub(super) fn text() -> impl TypedValueParser<Value = String> {
    let into_text = |word: OsString| word.into_string().map_err(|_| "must be UTF-8");

    OsStringValueParser::new().try_map(into_text)
}

#[cfg(unix)]
pub(super) fn bytes_of(word: &OsStr) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;

    Cow::Borrowed(word.as_bytes())
}

#[cfg(unix)]
pub(super) fn os_string(bytes: Vec<u8>) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    OsString::from_vec(bytes)
}

#[cfg(not(unix))]
pub(super) fn bytes_of(word: &OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(word.to_string_lossy().into_owned().into_bytes())
}

#[cfg(not(unix))]
pub(super) fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
