//! A whole number with a range that its type carries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::whole_number::whole_number;

/// A whole number from `MIN` to `MAX`: a value outside cannot be built, typed or loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Bounded<const MIN: u64, const MAX: u64>(u64);

/// The text is not a whole number, or the number lies outside its range.
#[derive(Debug, thiserror::Error)]
#[error("must be a whole number from {min} to {max}")]
pub struct OutOfRange {
    min: u64,
    max: u64,
}

impl<const MIN: u64, const MAX: u64> Bounded<MIN, MAX> {
    /// `value`, or an error that names the range.
    pub const fn new(value: u64) -> Result<Self, OutOfRange> {
        if value < MIN || value > MAX {
            Err(OutOfRange { min: MIN, max: MAX })
        } else {
            Ok(Self(value))
        }
    }

    /// The number nearest to `value` that the range allows.
    #[must_use]
    pub const fn clamped(value: u64) -> Self {
        if value < MIN {
            Self(MIN)
        } else if value > MAX {
            Self(MAX)
        } else {
            Self(value)
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number as a count of things in memory, which it must be on every platform we build for.
    #[must_use]
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Bounded<MIN, MAX> {
    type Error = OutOfRange;

    fn try_from(value: u64) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl<const MIN: u64, const MAX: u64> From<Bounded<MIN, MAX>> for u64 {
    fn from(value: Bounded<MIN, MAX>) -> Self {
        value.0
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for Bounded<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for Bounded<MIN, MAX> {
    type Err = OutOfRange;

    /// Reads digits, which may be grouped by `_`, and short forms: `10_000_000`, `200k`, `1.5M`,
    /// `1e6`.
    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let value = whole_number(text).ok_or(OutOfRange { min: MIN, max: MAX })?;

        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_outside_the_range_is_neither_typed_nor_loaded() {
        type Quality = Bounded<1, 100>;

        assert_eq!("60".parse::<Quality>().unwrap().get(), 60);
        assert_eq!("1_0".parse::<Quality>().unwrap().get(), 10);

        for wrong in ["0", "101", "-1", "x", "", "1.5", "99999999999999999999"] {
            let error = wrong.parse::<Quality>().unwrap_err().to_string();
            assert_eq!(error, "must be a whole number from 1 to 100", "{wrong}");
        }

        assert!(serde_json::from_str::<Quality>("101").is_err());
        assert_eq!(
            serde_json::to_string(&Quality::clamped(900)).unwrap(),
            "100"
        );
    }
}
