//! How well it pays, in words. That the whole interval of a speed-up is above 1 says that it pays
//! at all; how much of what the workers could bring has been gained is another question.

use crate::results::{Summary, Verdict};

/// How much of the possible gain there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Grade {
    /// Less than [`BARELY`].
    Barely,
    /// What lies between.
    Well,
    /// At least [`ALMOST_IN_FULL`].
    AlmostInFull,
}

/// On two workers this is 1.25x, on eight 2.75x.
const BARELY: f64 = 0.25;
/// On two workers this is 1.8x, on eight 6.6x.
const ALMOST_IN_FULL: f64 = 0.8;

impl Grade {
    /// The grade of a speed-up that is certain; `None` where distributing does not pay, or may not.
    pub(in crate::report) fn of(summary: &Summary, workers: usize) -> Option<Self> {
        if summary.verdict != Verdict::Pays {
            return None;
        }
        // One worker could bring nothing: what it gains is something else.
        let possible = (workers.max(1) - 1) as f64;
        let gained = summary.speedup - 1.0;

        Some(match gained {
            _ if workers <= 1 => Self::Well,
            gained if gained < BARELY * possible => Self::Barely,
            gained if gained >= ALMOST_IN_FULL * possible => Self::AlmostInFull,
            _ => Self::Well,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn summary(workers: usize, distributed_s: f64) -> Summary {
        let measurement = fixture::measurement("pi", workers, 1.0, distributed_s);
        measurement.pairs().next().unwrap().summary().unwrap()
    }

    fn grade(workers: usize, speedup: f64) -> Option<Grade> {
        let mut summary = summary(workers, 0.5);
        summary.verdict = Verdict::Pays;
        summary.speedup = speedup;
        Grade::of(&summary, workers)
    }

    #[test]
    fn grades_go_by_the_share_of_the_possible_gain() {
        assert_eq!(grade(2, 1.02), Some(Grade::Barely));
        assert_eq!(grade(2, 1.3), Some(Grade::Well));
        assert_eq!(
            (grade(2, 1.81), grade(2, 2.1)),
            (Some(Grade::AlmostInFull), Some(Grade::AlmostInFull))
        );
        assert_eq!(
            (grade(8, 2.7), grade(8, 2.8)),
            (Some(Grade::Barely), Some(Grade::Well))
        );
        assert_eq!(
            (grade(8, 6.5), grade(8, 6.7)),
            (Some(Grade::Well), Some(Grade::AlmostInFull))
        );
        assert_eq!(grade(1, 1.1), Some(Grade::Well));
    }

    #[test]
    fn what_does_not_pay_has_no_grade() {
        let summary = summary(2, 2.0);

        assert_eq!(Grade::of(&summary, 2), None);
    }
}
