//! How many digits of a figure are shown: those that say something.

/// Two digits after the point while they say something: a ratio of 1000 needs none.
#[must_use]
pub fn two_decimals(value: f64) -> String {
    if value < 99.995 {
        format!("{value:.2}")
    } else {
        three_digits(value)
    }
}

/// Three significant digits: `1.23`, `12.3`, `123`, and whole numbers from there on.
#[must_use]
pub fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
