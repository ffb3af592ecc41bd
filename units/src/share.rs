//! A share of something, typed in per cent.

use std::fmt;
use std::str::FromStr;

/// A share above 0, typed as `10%`, `2.5 %` or `5` (all in per cent): a tolerance, a precision.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// The largest share that makes sense anywhere: ten times as much.
    const MOST: f64 = 10.0;

    /// The number itself: 0.1 for 10 %.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text.trim().trim_end_matches('%').trim_end();
        let share = percent.parse::<f64>().map(|percent| percent / 100.0);

        match share {
            Ok(share) if share > 0.0 && share <= Self::MOST => Ok(Self(share)),
            _ => Err("must be a share in per cent, above 0 and up to 1000: 10% or 2.5"),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The shortest digits, without what dividing by a hundred left behind.
        let percent = (self.0 * 1e10).round() / 1e8;

        f.pad(&format!("{percent} %"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_printed_in_per_cent() {
        for (text, share, printed) in [
            ("10%", 0.1, "10 %"),
            ("2.5 %", 0.025, "2.5 %"),
            ("5", 0.05, "5 %"),
            ("7%", 0.07, "7 %"),
        ] {
            let parsed: Share = text.parse().unwrap();
            assert!((parsed.get() - share).abs() < 1e-12);
            assert_eq!(parsed.to_string(), printed);
        }

        for wrong in ["", "%", "0", "-1%", "NaN", "inf", "1001%", "ten"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
