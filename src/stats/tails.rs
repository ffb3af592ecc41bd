//! How probable a test statistic is from either end of its distribution.

/// The probabilities of a value at most, and at least, as great as the one at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tails {
    /// The probability of at most this value.
    pub(super) lower: f64,
    /// The probability of at least this value.
    pub(super) upper: f64,
}

impl Tails {
    /// The tails at `place` in a list of the probabilities of all values, ascending.
    pub(super) fn at(distribution: &[f64], place: usize) -> Self {
        let lower: f64 = distribution[..=place].iter().sum();
        let upper: f64 = distribution[place..].iter().sum();

        // The sums of all probabilities may be off by rounding.
        Self {
            lower: lower.min(1.0),
            upper: upper.min(1.0),
        }
    }

    /// The tails of the same value in a distribution that is turned around.
    pub(super) fn mirrored(self) -> Self {
        Self {
            lower: self.upper,
            upper: self.lower,
        }
    }

    /// Twice the smaller tail, at most 1.
    pub(super) fn two_sided(self) -> f64 {
        (2.0 * self.lower.min(self.upper)).min(1.0)
    }
}
