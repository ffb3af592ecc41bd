//! A gain in per cent, with its interval.

use crate::analysis::Estimate;

/// By how much something is faster: `3 % [1, 5]`. What is close to 0 shows on which side it lies.
pub(super) fn percent(gain: Estimate) -> String {
    match (gain.low, gain.high) {
        (Some(low), Some(high)) => {
            let [median, low, high] = [gain.median, low, high].map(change);
            format!("{median} % [{low}, {high}]")
        }
        _ => format!("{} %", change(gain.median)),
    }
}

/// A ratio's difference from 1 in per cent, with as many decimals as it takes to be none of 0.
fn change(ratio: f64) -> String {
    const MOST_DECIMALS: usize = 6;
    let percent = (ratio - 1.0) * 100.0;

    (0..=MOST_DECIMALS)
        .map(|decimals| format!("{percent:.decimals$}"))
        .find(|text| text.parse::<f64>().is_ok_and(|number| number != 0.0))
        .unwrap_or_else(|| "0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_shows_its_side_of_nothing() {
        let percent_of = |median: f64, low: f64, high: f64| {
            percent(Estimate {
                median,
                low: Some(low),
                high: Some(high),
            })
        };

        assert_eq!(percent_of(1.03, 1.012, 1.0481), "3 % [1, 5]");
        assert_eq!(percent_of(1.03, 1.0013, 1.04), "3 % [0.1, 4]");
        assert_eq!(percent_of(0.98, 0.97, 0.9999), "-2 % [-3, -0.01]");
        assert_eq!(percent_of(1.0, 1.0, 1.0), "0 % [0, 0]");
    }
}
