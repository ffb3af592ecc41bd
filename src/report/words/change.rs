//! Changes as text, the way readers expect them: more time is a plus, less speed-up is a minus.
//! Figures that say nothing any more are capped.

use crate::results::{Judgement, Metric};

/// Changes above this are not distinguished, in per cent.
const MOST_PERCENT: f64 = 1000.0;

/// A change in per cent with its interval: `+1.2 [-0.5, +2.9]`.
pub(in crate::report) fn interval(judgement: &Judgement) -> String {
    format!("{} {}", change(judgement), bounds(judgement))
}

/// A change in per cent: `+1.2`.
pub(in crate::report) fn change(judgement: &Judgement) -> String {
    percent(judgement.metric, judgement.change)
}

/// The interval of a change in per cent: `[-0.5, +2.9]`.
pub(in crate::report) fn bounds(judgement: &Judgement) -> String {
    between(judgement.metric, judgement.low, judgement.high)
}

/// The interval of a change from `low` to `high`, of which more is worse, in per cent.
pub(in crate::report) fn between(metric: Metric, low: f64, high: f64) -> String {
    let [low, high] = [low, high].map(|worse| percent(metric, worse));

    if metric.is_time() {
        format!("[{low}, {high}]")
    } else {
        format!("[{high}, {low}]")
    }
}

/// The change that counts as worse: `+10 %` for a time, `-9.09 %` for a speed-up.
pub(in crate::report) fn bound(judgement: &Judgement, worse: f64) -> String {
    let sign = if factor(judgement.metric, worse) < 1.0 {
        '-'
    } else {
        '+'
    };

    format!("{sign}{}", size(judgement, worse))
}

/// The same without its sign: `10 %` for a time, `9.09 %` for a speed-up.
pub(in crate::report) fn size(judgement: &Judgement, worse: f64) -> String {
    share((factor(judgement.metric, worse) - 1.0).abs())
}

/// The smallest change that could have been seen: `12 %`, or that there is no sensible one.
pub(in crate::report) fn detectable(judgement: &Judgement) -> String {
    let percent = least_seen(judgement) * 100.0;
    if percent.is_nan() || percent > MOST_PERCENT {
        return format!(">{MOST_PERCENT:.0} %");
    }

    let digits = usize::from(percent < 9.95);
    format!("{percent:.digits$} %")
}

/// The same as a share: of a time what is added, of a speed-up what is lost.
pub(super) fn least_seen(judgement: &Judgement) -> f64 {
    (factor(judgement.metric, 1.0 + judgement.detectable) - 1.0).abs()
}

/// A share as the user would type it: `10 %`, `0.5 %`, `12.5 %`.
pub(in crate::report) fn share(value: f64) -> String {
    let percent = value * 100.0;
    // Three digits that count.
    let digits = match percent {
        percent if percent >= 100.0 => 0,
        percent if percent >= 10.0 => 1,
        percent if percent >= 1.0 => 2,
        _ => 4,
    };

    let text = format!("{percent:.digits$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{short} %")
}

/// A change of `metric` that is `worse` times as bad, in per cent.
pub(in crate::report) fn percent(metric: Metric, worse: f64) -> String {
    let change = (factor(metric, worse) - 1.0) * 100.0;

    if change > MOST_PERCENT {
        format!(">+{MOST_PERCENT:.0}")
    } else if change.abs() < 99.95 {
        format!("{change:+.1}")
    } else {
        format!("{change:+.0}")
    }
}

/// By which factor the metric changed: something that is `worse` times as bad is more time, or less
/// speed-up.
fn factor(metric: Metric, worse: f64) -> f64 {
    if metric.is_time() { worse } else { 1.0 / worse }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn judgement(metric: Metric, change: f64, low: f64, high: f64) -> Judgement {
        let template = fixture::compared()
            .comparison
            .unwrap()
            .judgements
            .swap_remove(0);
        Judgement {
            metric,
            change,
            low,
            high,
            detectable: high - 1.0,
            ..template
        }
    }

    #[test]
    fn more_time_is_a_plus_and_less_speed_up_is_a_minus() {
        let slower = judgement(Metric::SerialTime, 1.25, 1.2, 1.3);
        assert_eq!(interval(&slower), "+25.0 [+20.0, +30.0]");
        // 1.74x to 1.01x is 1.723 times as bad, and 42 % less.
        let fallen = judgement(Metric::Speedup, 1.74 / 1.01, 1.6, 2.0);
        assert_eq!(interval(&fallen), "-42.0 [-50.0, -37.5]");
        assert_eq!(
            (bound(&slower, 1.1), bound(&fallen, 1.1)),
            ("+10 %".to_owned(), "-9.09 %".to_owned())
        );
    }

    #[test]
    fn what_says_nothing_is_capped() {
        let wild = judgement(Metric::DistributedTime, 40.0, 0.5, 957.08);
        assert_eq!(interval(&wild), ">+1000 [-50.0, >+1000]");
        assert_eq!(detectable(&wild), ">1000 %");
        assert_eq!(
            detectable(&judgement(Metric::Speedup, 1.0, 1.0, 957.08)),
            "100 %"
        );
        assert_eq!(
            detectable(&judgement(Metric::SerialTime, 1.0, 1.0, f64::INFINITY)),
            ">1000 %"
        );
        assert_eq!(
            detectable(&judgement(Metric::SerialTime, 1.0, 1.0, f64::NAN)),
            ">1000 %"
        );
        assert_eq!(
            detectable(&judgement(Metric::SerialTime, 1.0, 1.0, 1.034)),
            "3.4 %"
        );
        assert_eq!(
            detectable(&judgement(Metric::SerialTime, 1.0, 1.0, 1.34)),
            "34 %"
        );
    }

    #[test]
    fn a_share_reads_as_it_was_typed() {
        for (value, text) in [
            (0.1, "10 %"),
            (0.005, "0.5 %"),
            (0.125, "12.5 %"),
            (0.0, "0 %"),
            (10.0, "1000 %"),
        ] {
            assert_eq!(share(value), text);
        }
        assert_eq!(share(0.075), "7.5 %");
        assert_eq!(share(0.000_123), "0.0123 %");
    }
}
