//! How many rounds a statement needs: with too few of them not even complete separation is
//! significant.

use super::CONFIDENCE;
use super::matching::Matched;
use super::{ALPHA, Pairing, Question, Refusal, questions};
use crate::results::Metric;
use crate::stats::{fewest_for, least_signed_rank_p};

/// The fewest rounds that the ratio's interval needs on each side.
const FEWEST_FOR_A_RATIO: usize = 5;
/// More rounds than anybody has: the search ends.
const MANY: usize = 10_000;

/// The steady rounds that a run needs to be compared in `metrics` metrics with one that has `other`
/// of them; `None` when no number is enough. Runs apart need samples that do not overlap at all,
/// runs in turns need differences of one sign, and Holm multiplies the p-value of either by the
/// number of metrics.
#[must_use]
pub fn rounds_needed(other: usize, metrics: usize, pairing: Pairing) -> Option<usize> {
    let least = match pairing {
        Pairing::Apart => FEWEST_FOR_A_RATIO,
        Pairing::Interleaved => fewest_for(CONFIDENCE),
    };
    (other >= least).then_some(())?;

    let least_p_value = |rounds: usize| match pairing {
        Pairing::Apart => least_rank_sum_p(rounds, other),
        // A round without its partner says nothing.
        Pairing::Interleaved => least_signed_rank_p(rounds.min(other)),
    };
    (least..MANY).find(|&rounds| least_p_value(rounds) * metrics as f64 <= ALPHA)
}

/// The least two-sided p-value of the rank-sum test, `2 / C(n + m, n)`.
fn least_rank_sum_p(n: usize, m: usize) -> f64 {
    // 1 / C(n + m, n), factor by factor, so that nothing overflows.
    2.0 * (1..=n).map(|k| k as f64 / (m + k) as f64).product::<f64>()
}

/// The fewest steady rounds that two runs of equal length need to be compared in `metrics` metrics.
#[must_use]
pub fn rounds_alike(metrics: usize, pairing: Pairing) -> usize {
    let enough = |&rounds: &usize| {
        rounds_needed(rounds, metrics, pairing).is_some_and(|need| need <= rounds)
    };
    (1..MANY).find(enough).unwrap_or(MANY)
}

/// The arms with rounds enough for a statement about all of them in the metrics `asked`. The
/// shortest ones are left out and named: fewer questions need fewer rounds. Only when nothing
/// remains, the question is refused.
pub(super) fn long_enough<'a>(
    question: &Question<'_>,
    mut pairs: Vec<Matched<'a>>,
    asked: &[Metric],
    left_out: &mut Vec<String>,
) -> Result<Vec<Matched<'a>>, Refusal> {
    let mut first_refusal = None;

    loop {
        let family = family(&pairs, asked).max(1);
        let refused = pairs.iter().enumerate().filter_map(|(place, pair)| {
            let refusal = check(question, pair, family).err()?;
            Some((place, refusal))
        });
        let shortest = refused.min_by_key(|(place, _)| pairs[*place].rounds());
        let Some((place, refusal)) = shortest else {
            return Ok(pairs);
        };

        left_out.push(format!("left out: {refusal}"));
        pairs.remove(place);
        let refusal = first_refusal.get_or_insert(refusal);
        if pairs.is_empty() {
            return Err(refusal.clone());
        }
    }
}

/// How many questions are asked about `pairs`.
fn family(pairs: &[Matched<'_>], asked: &[Metric]) -> usize {
    let mut of_measurements: Vec<(&Matched<'_>, usize)> = Vec::new();
    for pair in pairs {
        match of_measurements
            .iter_mut()
            .find(|(known, _)| known.is_beside(pair))
        {
            Some((_, count)) => *count += 1,
            None => of_measurements.push((pair, 1)),
        }
    }

    questions(of_measurements.into_iter().map(|(_, count)| count), asked)
}

/// Refuses two arms that cannot lead to any statement.
fn check(question: &Question<'_>, pair: &Matched<'_>, metrics: usize) -> Result<(), Refusal> {
    let too_few = |run: &str, have: usize, need: usize| Refusal::TooFewRounds {
        workload: pair.new.workload().to_owned(),
        run: run.to_owned(),
        have,
        // An even number counts, so that each arm goes first as often as the other.
        need: need.next_multiple_of(2),
        metrics,
    };

    let (theirs, ours) = (pair.old.steady().count(), pair.new.steady().count());
    match rounds_needed(theirs, metrics, question.pairing) {
        None => {
            let need = rounds_alike(metrics, question.pairing);
            Err(too_few(question.name, theirs, need))
        }
        Some(need) if ours < need => Err(too_few("this run", ours, need)),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C(12, 6) = 924 and C(14, 7) = 3432, from Pascal's triangle.
    #[test]
    fn the_least_p_value_is_that_of_complete_separation() {
        assert!((least_rank_sum_p(6, 6) - 2.0 / 924.0).abs() < 1e-12);
        assert!((least_rank_sum_p(7, 7) - 2.0 / 3432.0).abs() < 1e-12);
    }

    #[test]
    fn more_metrics_need_more_rounds() {
        assert_eq!(
            rounds_needed(6, 1, Pairing::Apart),
            Some(5),
            "C(11, 5) = 462: 2 / 462 < 1 %"
        );
        assert_eq!(
            rounds_needed(6, 12, Pairing::Apart),
            Some(8),
            "C(14, 6) = 3003: 24 / 3003 < 1 %"
        );
        assert_eq!(rounds_needed(4, 1, Pairing::Apart), None);
        assert_eq!(
            rounds_needed(7, 1, Pairing::Interleaved),
            None,
            "a 99 % interval needs 8"
        );
        assert_eq!(
            rounds_alike(12, Pairing::Apart),
            7,
            "C(14, 7) = 3432: 24 / 3432 < 1 %"
        );
        assert_eq!(rounds_alike(1, Pairing::Interleaved), 8);
        assert_eq!(rounds_alike(9, Pairing::Interleaved), 11, "18 / 2^11 < 1 %");
        assert_eq!(
            rounds_alike(12, Pairing::Interleaved),
            12,
            "24 / 2^11 > 1 % > 24 / 2^12"
        );
        assert_eq!(
            rounds_needed(11, 12, Pairing::Interleaved),
            None,
            "11 pairs are too few, whichever run has more"
        );
    }
}
