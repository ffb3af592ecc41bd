//! Quantities as people read and type them: durations, ratios, percentages, sizes, counts, and whole
//! numbers with a range. Parsing and printing only; nothing here measures or decides.

mod count;
mod digits;
mod share;
mod time;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use count::whole_number;

pub use count::count;
pub use digits::{three_digits, two_decimals};
pub use share::Share;
pub use time::{Seconds, TimeUnit, seconds};

/// A whole number from `MIN` to `MAX`: a value outside cannot be built, typed or loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Bounded<const MIN: u64, const MAX: u64>(u64);

/// A number that lies outside its range, or is none.
#[derive(Debug, thiserror::Error)]
#[error("must be a whole number from {min} to {max}")]
pub struct OutOfRange {
    min: u64,
    max: u64,
}

impl<const MIN: u64, const MAX: u64> Bounded<MIN, MAX> {
    /// The value, or an error that names the range.
    pub const fn new(value: u64) -> Result<Self, OutOfRange> {
        if value < MIN || value > MAX {
            Err(OutOfRange { min: MIN, max: MAX })
        } else {
            Ok(Self(value))
        }
    }

    /// The value nearest to `value` that the range allows.
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

    /// Digits, with `_` between them where a reader wants it, and short forms: `10_000_000`, `200k`, `1.5M`, `1e6`.
    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let value = whole_number(text).ok_or(OutOfRange { min: MIN, max: MAX })?;

        Self::new(value)
    }
}

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
            Ok(Self(value))
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

/// A number of bytes; typed as `512MiB`, `8GB` or `1024`, printed in decimal units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let (value, prefix) = scaled(self.0 as f64);
        write!(
            f,
            "{} {}B",
            three_digits(value),
            if prefix == "K" { "k" } else { prefix }
        )
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be a size such as 512MiB, 8GB or a number of bytes".to_owned();
        let text = text.trim();
        let split = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "t" | "tb" => 1e12,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => return Err(wrong()),
        };
        let value = number.parse::<f64>().map_err(|_| wrong())? * factor;
        if !(1.0..=1e18).contains(&value) {
            return Err(wrong());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 1e18"
        )]
        Ok(Self(value as u64))
    }
}

impl Bytes {
    /// How many things of this size they hold, at least one; `None` for things of no size.
    #[must_use]
    pub fn holding(self, each: Self) -> Option<usize> {
        let count = self.0.checked_div(each.0)?;
        Some(usize::try_from(count).unwrap_or(usize::MAX).max(1))
    }
}

/// How many times as fast: `1.97x`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x", two_decimals(self.0)))
    }
}

/// A share of one, printed in per cent: `98 %`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} %", self.0 * 100.0))
    }
}

/// A number of things per second: `139M samples/s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate<'a> {
    /// Things per second.
    pub per_second: f64,
    /// The things' name, in the plural.
    pub unit: &'a str,
}

impl fmt::Display for Rate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, prefix) = scaled(self.per_second);
        f.pad(&format!("{}{prefix} {}/s", three_digits(value), self.unit))
    }
}

/// `value` below 1000 with the prefix that restores its size.
fn scaled(value: f64) -> (f64, &'static str) {
    let mut rest = value;
    for prefix in ["", "K", "M", "G", "T"] {
        if rest < 999.5 {
            return (rest, prefix);
        }
        rest /= 1000.0;
    }
    (rest, "P")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_holds_its_range_in_every_door() {
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

    #[test]
    fn probability_refuses_what_is_none() {
        assert!("1.5".parse::<Probability>().is_err());
        assert!("NaN".parse::<Probability>().is_err());
        assert!(("0.5".parse::<Probability>().unwrap().get() - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn bytes_read_and_print() {
        assert_eq!("512MiB".parse::<Bytes>().unwrap(), Bytes(536_870_912));
        assert_eq!("1.5 GB".parse::<Bytes>().unwrap(), Bytes(1_500_000_000));
        assert_eq!("1024".parse::<Bytes>().unwrap(), Bytes(1024));
        for wrong in ["", "0", "GB", "-1", "1 XB", "1e9", "1.2.3"] {
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

    #[test]
    fn ratios_rates_and_percentages() {
        assert_eq!(Ratio(1.966).to_string(), "1.97x");
        assert_eq!(Ratio(1234.0).to_string(), "1234x");
        assert_eq!(Percent(0.984).to_string(), "98 %");
        assert_eq!(
            Rate {
                per_second: 138.9e6,
                unit: "samples"
            }
            .to_string(),
            "139M samples/s"
        );
        assert_eq!(
            Rate {
                per_second: 19.5,
                unit: "images"
            }
            .to_string(),
            "19.5 images/s"
        );
        assert_eq!(
            Rate {
                per_second: 999_600.0,
                unit: "terms"
            }
            .to_string(),
            "1.00M terms/s"
        );
    }
}
