//! How a figure or a sentence should be taken. Each format has its own sign for that: a colour, a
//! class, or nothing.

use crate::analysis::{Recommendation, Series, Summary, TaskCost, Verdict, Withheld};
use crate::results::{Judgement, Outcome, Pair};

/// Good news, bad news, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As good as can be.
    Good,
    /// To be taken with care: open, of little worth, or a matter of this moment.
    Doubtful,
    /// A failure, or what does not pay.
    Bad,
    /// A plain figure.
    #[default]
    Neutral,
    /// Shown for those who want to know; nothing depends on it.
    Faint,
}

impl Tone {
    /// Of a judgement: faint where the verdict does not depend on it.
    pub(super) fn of_judgement(judgement: &Judgement) -> Self {
        if judgement.informational {
            Self::Faint
        } else {
            judgement.outcome.into()
        }
    }

    /// Of the advice on how much work tasks need: good where it is known.
    pub(super) fn of_task_cost(cost: &TaskCost) -> Self {
        match cost.threshold(0.5).map(|half| half.withheld) {
            Some(None) => Self::Good,
            Some(Some(Withheld::NotReached)) => Self::Bad,
            Some(Some(Withheld::TooNoisy | Withheld::TooFewRounds)) | None => Self::Doubtful,
        }
    }

    /// Of the number of workers that a series recommends: that of its verdict, and neutral for the
    /// plain loop, which is neither good nor bad.
    pub(super) fn of_series(series: &Series<'_>, recommended: &Recommendation) -> Self {
        if recommended.is_open {
            return Self::Doubtful;
        }
        series
            .pair_at(recommended.arm)
            .and_then(Pair::summary)
            .map_or(Self::Neutral, |summary| Self::of_verdict(&summary))
    }

    /// Of what `summary` shows.
    pub(super) fn of_verdict(summary: &Summary) -> Self {
        match summary.verdict {
            _ if summary.busy_machine => Self::Doubtful,
            Verdict::Pays => Self::Good,
            Verdict::HardlyPays | Verdict::NotResolved => Self::Doubtful,
            Verdict::DoesNotPay => Self::Bad,
        }
    }
}

impl From<Outcome> for Tone {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Good,
            Outcome::Inconclusive => Self::Doubtful,
            Outcome::Regressed => Self::Bad,
        }
    }
}
