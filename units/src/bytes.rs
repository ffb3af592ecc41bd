//! A number of bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::digits::{scaled, three_digits};
use super::whole_number::whole_number;

/// More than any machine has.
const MOST: u64 = 1_000_000_000_000_000_000;

/// A number of bytes; typed as `512MiB`, `8GB`, `1024` or `2e9`, printed in decimal units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// How many things of `size` fit in, at least one; `None` for things without a size.
    #[must_use]
    pub fn holding(self, size: Self) -> Option<usize> {
        let count = self.0.checked_div(size.0)?;

        Some(usize::try_from(count).unwrap_or(usize::MAX).max(1))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }

        let value = scaled(self.0 as f64);
        let prefix = match value.prefix {
            "K" => "k",
            prefix => prefix,
        };
        write!(f, "{} {prefix}B", three_digits(value.number))
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refusal = || "must be a size such as 512MiB, 8GB or a number of bytes".to_owned();

        let text = text.trim();
        if let Some(bytes) = whole_number(text).filter(|bytes| (1..=MOST).contains(bytes)) {
            return Ok(Self(bytes));
        }
        let is_digit = |character: char| character.is_ascii_digit() || character == '.';
        let end = text
            .find(|character| !is_digit(character))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);

        let number: f64 = number.parse().map_err(|_| refusal())?;
        let value = number * factor(unit.trim()).ok_or_else(refusal)?;
        if !(1.0..=MOST as f64).contains(&value) {
            return Err(refusal());
        }

        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 1e18"
        )]
        Ok(Self(value as u64))
    }
}

/// The bytes in one `unit`, which may be written in capital or small letters.
fn factor(unit: &str) -> Option<f64> {
    match unit.to_ascii_lowercase().as_str() {
        "" | "b" => Some(1.0),
        "k" | "kb" => Some(1e3),
        "m" | "mb" => Some(1e6),
        "g" | "gb" => Some(1e9),
        "t" | "tb" => Some(1e12),
        "kib" => Some(1024.0),
        "mib" => Some(1024.0 * 1024.0),
        "gib" => Some(1024.0 * 1024.0 * 1024.0),
        "tib" => Some(1024.0 * 1024.0 * 1024.0 * 1024.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_printed() {
        assert_eq!("512MiB".parse::<Bytes>().unwrap(), Bytes(536_870_912));
        assert_eq!("1.5 GB".parse::<Bytes>().unwrap(), Bytes(1_500_000_000));
        assert_eq!("1024".parse::<Bytes>().unwrap(), Bytes(1024));
        assert_eq!("2e9".parse::<Bytes>().unwrap(), Bytes(2_000_000_000));
        assert_eq!("8_000_000".parse::<Bytes>().unwrap(), Bytes(8_000_000));
        assert_eq!("1.5G".parse::<Bytes>().unwrap(), Bytes(1_500_000_000));

        for wrong in ["", "0", "GB", "-1", "1 XB", "1e-9", "1e19", "1.2.3"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
        }

        assert_eq!(Bytes(1_736_367_168).to_string(), "1.74 GB");
        assert_eq!(Bytes(999).to_string(), "999 B");
        assert_eq!(Bytes(43_000).to_string(), "43.0 kB");
    }

    #[test]
    fn bytes_hold_at_least_one_thing_that_has_a_size() {
        assert_eq!(Bytes(100).holding(Bytes(30)), Some(3));
        assert_eq!(Bytes(100).holding(Bytes(101)), Some(1));
        assert_eq!(Bytes(100).holding(Bytes(0)), None);
    }
}
