//! Ratios that show on which side of 1 they lie, however close they are, and their intervals.

use crate::analysis::{Estimate, Summary};
use crate::units::{Ratio, two_decimals};

/// The interval of a speed-up: `[1.95, 1.98]`; empty where there is none. Its upper end shows on
/// which side of what is worth having it lies, because the verdict depends on it.
pub(in crate::report) fn interval(summary: &Summary) -> String {
    match (summary.speedup_low, summary.speedup_high) {
        (Some(low), Some(high)) => {
            format!("[{}, {}]", bound(low), beside(high, &[1.0, summary.worth]))
        }
        _ => String::new(),
    }
}

/// The ends of a ratio's interval; empty where there is none.
pub(in crate::report) fn ends(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("[{}, {}]", bound(low), bound(high)),
        _ => String::new(),
    }
}

/// `text` with a blank before it, unless it is empty.
pub(super) fn spaced(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" {text}")
    }
}

/// A share in per cent and its interval.
pub(in crate::report) struct Shares {
    /// `3.1 %`.
    pub(in crate::report) median: String,
    /// `[2.0, 4.2]`; empty where there is none.
    pub(in crate::report) interval: String,
}

/// `share`, of which 1 is the whole, with a decimal.
pub(in crate::report) fn shares(share: Estimate) -> Shares {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let interval = match (share.low, share.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", percent(low), percent(high)),
        _ => String::new(),
    };

    Shares {
        median: format!("{} %", percent(share.median)),
        interval,
    }
}

/// With two decimals, or with as many more as it takes to show the side of 1.
fn bound(ratio: f64) -> String {
    beside(ratio, &[1.0])
}

/// With the digits of a ratio, or with as many more as it takes to show on which side of each of
/// `marks`. Of less than a hundredth, two digits: an interval's ends are to differ.
fn beside(ratio: f64, marks: &[f64]) -> String {
    const MOST_DECIMALS: usize = 9;
    const SMALL: f64 = 0.01;
    const LARGE: f64 = 99.995;

    let is_small = ratio > 0.0 && ratio < SMALL;
    let (mut fewest, mut scaled) = if ratio < LARGE {
        (2, 100.0 * ratio)
    } else {
        (0, ratio)
    };
    while is_small && scaled < 9.5 && fewest < MOST_DECIMALS {
        (fewest, scaled) = (fewest + 1, 10.0 * scaled);
    }

    let keeps_sides = |text: &String| {
        text.parse().is_ok_and(|number: f64| {
            let keeps_side = |mark: &f64| number.total_cmp(mark) == ratio.total_cmp(mark);
            marks.iter().all(keeps_side)
        })
    };

    (fewest..=MOST_DECIMALS)
        .map(|decimals| format!("{ratio:.decimals$}"))
        .find(keeps_sides)
        .unwrap_or_else(|| two_decimals(ratio))
}

/// The same with its `x`: `1.97x`, `1.004x`.
pub(in crate::report) fn ratio(ratio: f64) -> String {
    let short = Ratio(ratio).to_string();

    if short == "1.00x" {
        bound(ratio) + "x"
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_shows_its_side_of_one() {
        for (value, text) in [
            (1.18, "1.18"),
            (0.97, "0.97"),
            (1.0, "1.00"),
            (1.0004, "1.0004"),
            (0.9996, "0.9996"),
            (1.004, "1.004"),
            (0.996, "0.996"),
            (1.0 + 1e-15, "1.00"),
            (0.0, "0.00"),
            (0.0041, "0.0041"),
            (0.000_712, "0.00071"),
            (99.97, "99.97"),
            (220.437, "220"),
            (2659.16, "2659"),
        ] {
            assert_eq!(bound(value), text);
        }
        assert_eq!(beside(1.096, &[1.0, 1.1]), "1.096");
        assert_eq!(beside(1.104, &[1.0, 1.1]), "1.104");
        assert_eq!(beside(1.1, &[1.0, 1.1]), "1.10");
        assert_eq!(ratio(1.004), "1.004x");
        assert_eq!(ratio(1.05), "1.05x");
    }
}
