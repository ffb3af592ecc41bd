//! A probability.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A probability from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

impl Probability {
    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        if (0.0..=1.0).contains(&value) {
            // Of the two zeros, the one that people mean.
            Ok(Self(value + 0.0))
        } else {
            Err("must be from 0 to 1".to_owned())
        }
    }
}

impl From<Probability> for f64 {
    fn from(value: Probability) -> Self {
        value.0
    }
}

impl FromStr for Probability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.parse::<f64>().unwrap_or(f64::NAN))
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_zero_is_zero() {
        let zero = "-0".parse::<Probability>().unwrap();

        assert_eq!(serde_json::to_string(&zero).unwrap(), "0.0");
    }

    #[test]
    fn numbers_outside_of_zero_to_one_are_refused() {
        assert!("1.5".parse::<Probability>().is_err());
        assert!("NaN".parse::<Probability>().is_err());

        assert!(("0.5".parse::<Probability>().unwrap().get() - 0.5).abs() < f64::EPSILON);
    }
}
