//! SHA-256: two machines can prove that they computed the same, and anybody can recompute the
//! digest with a standard library.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What the text of a digest must be.
const FORM: &str = "a SHA-256 has 64 hexadecimal digits";

/// A SHA-256 digest, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub(crate) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of `parts`, concatenated.
    pub(crate) fn of_parts<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Self {
        let mut hasher = Sha256::new();
        parts.into_iter().for_each(|part| hasher.update(part));

        Self(hasher.finalize().into())
    }

    /// The digest of the raw 32 bytes of each of `digests`, concatenated.
    pub(crate) fn of_all<'a>(digests: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::of_parts(digests.into_iter().map(|digest| digest.0))
    }

    /// The raw 32 bytes.
    pub(crate) const fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// The first 8 digits, enough to tell two digests apart at a glance: `1a2b3c4d…`.
    pub(crate) fn short(self) -> String {
        let mut text = self.to_string();
        text.truncate(8);

        text + "…"
    }
}

/// The digest of bytes that come piece by piece, and how many they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digesting {
    hasher: Sha256,
    bytes: u64,
}

impl Digesting {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.bytes += piece.len() as u64;
    }

    /// The digest of all pieces, and their bytes.
    pub(crate) fn finish(self) -> (Digest, u64) {
        (Digest(self.hasher.finalize().into()), self.bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(FORM);
        };

        let bytes: Option<Vec<u8>> = pairs.iter().copied().map(byte_of_digits).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());

        bytes.map(Self).ok_or(FORM)
    }
}

/// The byte that two hexadecimal digits stand for.
fn byte_of_digits(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(16 * high? + low?).ok()
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of `abc`: an example in FIPS 180-2.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_standards_example_is_written_and_read_back() {
        let digest = Digest::of("abc");

        assert_eq!(digest.to_string(), ABC);
        assert_eq!(digest.short(), "ba7816bf…");
        assert_eq!(ABC.parse::<Digest>().unwrap(), digest);

        assert_eq!(serde_json::to_value(digest).unwrap(), ABC);
        assert_eq!(
            serde_json::from_value::<Digest>(ABC.into()).unwrap(),
            digest
        );
    }

    #[test]
    fn many_are_hashed_as_raw_bytes_in_order() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));

        assert_eq!(
            Digest::of_all([&a, &b]),
            Digest::of([a.bytes(), b.bytes()].concat())
        );
        assert_ne!(Digest::of_all([&a, &b]), Digest::of_all([&b, &a]));
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in [
            "",
            "ba",
            &ABC[1..],
            &format!("{ABC}00"),
            &ABC.replace('b', "g"),
            &ABC.replace('b', "+"),
        ] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
