//! Numbers with as many digits as a reader can use.

/// A number below 1000 and the prefix that restores its size.
pub(super) struct Scaled {
    pub(super) number: f64,
    pub(super) prefix: &'static str,
}

/// `value` with the prefix that suits it: `K`, `M`, `G`, `T`, `P`, or an empty one below 1000.
pub(super) fn scaled(value: f64) -> Scaled {
    let mut number = value;

    for prefix in ["", "K", "M", "G", "T"] {
        if number < 999.5 {
            return Scaled { number, prefix };
        }

        number /= 1000.0;
    }

    Scaled {
        number,
        prefix: "P",
    }
}

/// Two digits after the point while they matter: `1.97`, but `1234`.
#[must_use]
pub fn two_decimals(value: f64) -> String {
    const SMALL: f64 = 0.005;
    const MOST_DECIMALS: usize = 9;

    // Of less than a hundredth, the first digit.
    if value > 0.0 && value < SMALL {
        let (mut decimals, mut unit) = (2, 0.01);
        while value < 0.95 * unit && decimals < MOST_DECIMALS {
            (decimals, unit) = (decimals + 1, unit / 10.0);
        }
        return format!("{value:.decimals$}");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_keep_their_first_digit() {
        for (value, text) in [
            (0.0, "0.00"),
            (0.0051, "0.01"),
            (0.0041, "0.004"),
            (0.000_71, "0.0007"),
            (0.000_096, "0.0001"),
            (1.966, "1.97"),
            (1234.0, "1234"),
        ] {
            assert_eq!(two_decimals(value), text);
        }
    }
}
