//! How fast work is done.

use std::fmt;

use super::digits::{scaled, three_digits};

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
        let value = scaled(self.per_second);
        let number = three_digits(value.number);

        f.pad(&format!("{number}{} {}/s", value.prefix, self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_three_digits_and_a_prefix() {
        let text = |per_second: f64, unit: &str| Rate { per_second, unit }.to_string();

        assert_eq!(text(138.9e6, "samples"), "139M samples/s");
        assert_eq!(text(19.5, "images"), "19.5 images/s");
        assert_eq!(text(999_600.0, "terms"), "1.00M terms/s");
    }
}
