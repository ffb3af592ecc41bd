//! Quotients of two like quantities: how many times as fast, and how many per cent.

use std::fmt;

use super::digits::two_decimals;

/// How many times as fast: `1.97x`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x", two_decimals(self.0)))
    }
}

/// A share of a whole, which is 1, printed in per cent: `98 %`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} %", self.0 * 100.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_and_percentages() {
        assert_eq!(Ratio(1.966).to_string(), "1.97x");
        assert_eq!(Ratio(1234.0).to_string(), "1234x");
        assert_eq!(Percent(0.984).to_string(), "98 %");
    }
}
