//! A path as it is stored and sent to workers: a plain string where it is UTF-8, and an object with
//! its bytes in percent-encoding where it is not, so that no path is lost on the way.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A path that travels as JSON without loss: `"photos"`, or `{"percent_encoded": "caf%E9"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct StoredPath(PathBuf);

/// The JSON.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a path is a text, or {\"percent_encoded\": ...}"
)]
enum Form {
    Plain(String),
    Encoded { percent_encoded: String },
}

impl StoredPath {
    /// The path itself.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl From<PathBuf> for StoredPath {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl From<StoredPath> for Form {
    fn from(path: StoredPath) -> Self {
        match path.0.into_os_string().into_string() {
            Ok(plain) => Self::Plain(plain),
            Err(other) => Self::Encoded {
                percent_encoded: encoded(other.as_encoded_bytes()),
            },
        }
    }
}

impl TryFrom<Form> for StoredPath {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        match form {
            Form::Plain(plain) => Ok(Self(plain.into())),
            Form::Encoded { percent_encoded } => {
                let bytes = decoded(&percent_encoded)
                    .ok_or_else(|| format!("{percent_encoded:?} is not percent-encoded"))?;

                path_of(bytes).map(Self)
            }
        }
    }
}

/// Every byte that is not a printable ASCII character, and `%` itself, as `%E9`.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();

    for &byte in bytes {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }

    text
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();

    while let Some((&byte, behind)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            if digits.starts_with('+') {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }

    Some(bytes)
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems have paths that this form cannot hold"
)]
fn path_of(bytes: Vec<u8>) -> Result<PathBuf, String> {
    use std::os::unix::ffi::OsStringExt;

    Ok(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> Result<PathBuf, String> {
    let wrong = |_| "a path that is not UTF-8 was stored on another kind of system".to_owned();

    String::from_utf8(bytes).map(PathBuf::from).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_usual_path_is_a_plain_string() {
        let path = StoredPath::from(PathBuf::from("dir/100 % \u{1b}é.jpg"));
        let stored = serde_json::to_value(&path).unwrap();
        assert_eq!(stored, json!("dir/100 % \u{1b}é.jpg"));
        assert_eq!(serde_json::from_value::<StoredPath>(stored).unwrap(), path);
    }

    #[test]
    fn what_is_no_path_is_named_as_such() {
        let error = serde_json::from_value::<StoredPath>(json!(3)).unwrap_err();
        assert!(error.to_string().starts_with("a path is a text"), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn every_byte_comes_back() {
        use std::os::unix::ffi::OsStringExt;
        let bytes: Vec<u8> = (1..=255).collect();
        let path = StoredPath::from(PathBuf::from(std::ffi::OsString::from_vec(bytes)));
        let stored = serde_json::to_value(&path).unwrap();
        assert!(stored["percent_encoded"].as_str().unwrap().is_ascii());
        assert_eq!(serde_json::from_value::<StoredPath>(stored).unwrap(), path);

        let latin = StoredPath::from(PathBuf::from(std::ffi::OsString::from_vec(
            b"caf\xe9 %".to_vec(),
        )));
        assert_eq!(
            serde_json::to_value(&latin).unwrap(),
            json!({"percent_encoded": "caf%E9%20%25"})
        );
    }

    #[test]
    fn a_wrong_encoding_is_refused() {
        for wrong in ["%", "%4", "%zz", "%+1"] {
            let stored = json!({"percent_encoded": wrong});
            assert!(
                serde_json::from_value::<StoredPath>(stored).is_err(),
                "{wrong}"
            );
        }
    }
}
