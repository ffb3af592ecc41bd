//! Whether the values of a series could stand in any order, and where they are split otherwise.

use super::FEWEST;
use super::blocks::{Blocks, blocks};
use crate::stats::{Permutations, step_test};

/// How a series is tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Testing {
    /// The p-value below which a step is no chance.
    pub(super) level: f64,
    /// How chance is drawn.
    pub(super) permutations: Permutations,
}

impl Testing {
    /// For `family` series that are judged together. The level is what Holm asks of the least
    /// p-value. A p-value that is far below it takes several times as many permutations as the
    /// level itself.
    pub(super) fn of(family: usize, alpha: f64, seed: u64) -> Self {
        const LEAST: usize = 1999;
        const MOST: usize = 99_999;
        const OF_EACH: usize = 500;
        // With fewer, the least p-value that there is would be above the level of 1 % of a family.
        const LEAST_OF_EACH: usize = 200;

        let family = family.max(1);
        let most = MOST.max(family.saturating_mul(LEAST_OF_EACH));
        Self {
            level: alpha / family as f64,
            permutations: Permutations {
                count: family.saturating_mul(OF_EACH).clamp(LEAST, most),
                seed,
            },
        }
    }
}

/// What is against any order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    /// The indices at which other levels begin.
    pub(super) splits: Vec<usize>,
    /// The chance of as much in values that could stand in any order.
    pub(super) p_value: f64,
}

/// The greatest step of `values`, or where that may be chance, their blocks. `None` where there are
/// too few values.
pub(super) fn order(values: &[f64], testing: Testing) -> Option<Order> {
    let step = step_test(values, FEWEST, testing.permutations)?;
    let of_step = Order {
        splits: vec![step.at],
        p_value: step.p_value,
    };
    if step.p_value <= testing.level {
        return Some(of_step);
    }

    let of_blocks = blocks(values).map(|Blocks { splits, p_value }| Order { splits, p_value });
    let less_likely = |order: &Order| order.p_value < step.p_value;
    Some(of_blocks.filter(less_likely).unwrap_or(of_step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_questions_take_more_permutations() {
        assert_eq!(Testing::of(1, 0.01, 0).permutations.count, 1999);
        let many = Testing::of(40, 0.01, 0);
        assert!(many.level * many.permutations.count as f64 > 4.0);

        // Also of very many, the least p-value is below the level.
        let most = Testing::of(5_000, 0.01, 0);
        assert!(most.level * most.permutations.count as f64 > 1.0);
    }
}
