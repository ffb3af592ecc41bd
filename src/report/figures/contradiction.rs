//! Medians that seem to contradict their ratio. Both are right: a ratio is not that of the medians
//! but is made of the rounds.

/// What stands behind a median that seems to contradict its ratio.
const MARK: char = '*';

/// The factor between a ratio and that of the medians above which a reader needs a word.
const FAR_APART: f64 = 1.25;

/// And the one below which the two are the same to a reader, on whichever sides of 1 they are.
const CLOSE: f64 = 1.02;

/// Which way a ratio of two figures points.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

impl Direction {
    /// Of a ratio; `None` at 1.
    pub(super) fn of(ratio: f64) -> Option<Self> {
        if ratio > 1.0 {
            Some(Self::Up)
        } else if ratio < 1.0 {
            Some(Self::Down)
        } else {
            None
        }
    }

    pub(super) fn is_opposite(self, other: Option<Self>) -> bool {
        other.is_some_and(|other| other != self)
    }
}

/// Two medians as a table shows them, and the ratio beside them.
pub(super) struct Shown<'a> {
    pub(super) first_text: &'a str,
    pub(super) second_text: &'a str,
    /// The first median divided by the second.
    pub(super) of_medians: f64,
    pub(super) ratio_text: &'a str,
    /// The median of the rounds' ratios.
    pub(super) ratio: f64,
}

impl Shown<'_> {
    /// Whether a reader sees the medians on one side and the ratio on the other, or the two far
    /// apart.
    pub(super) fn is_contradiction(&self) -> bool {
        let looks_equal = self.first_text == self.second_text || self.ratio_text == "1.00x";

        let is_opposite = Direction::of(self.of_medians)
            .is_some_and(|medians| medians.is_opposite(Direction::of(self.ratio)));
        let times_apart = (self.of_medians / self.ratio).max(self.ratio / self.of_medians);

        let is_visible = !looks_equal && times_apart > CLOSE;
        (is_visible && is_opposite) || times_apart > FAR_APART
    }
}

/// The texts of a column, with the mark behind those that are to have it, and as much room behind
/// the others.
pub(super) fn marked(text: &str, is_contradiction: bool, any: bool) -> String {
    match (is_contradiction, any) {
        (true, _) => format!("{text}{MARK}"),
        (false, true) => format!("{text} "),
        (false, false) => text.to_owned(),
    }
}

/// What the mark means, where `basis` is what the ratio is made of.
pub(super) fn legend(ratio: &str, basis: &str) -> Vec<String> {
    vec![format!(
        "{MARK} The median seems to contradict the {ratio}. Go by the {ratio}: {basis}."
    )]
}
