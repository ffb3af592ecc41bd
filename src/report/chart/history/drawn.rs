//! Which of very many runs are drawn.

use crate::history::Point;

/// The most points of a figure: more could not be told from one another.
const MOST_POINTS: usize = 1000;

/// How many neighbours share the two points that are drawn of them, where a figure has this many
/// runs.
pub(super) fn group(runs: usize) -> usize {
    if runs <= MOST_POINTS {
        1
    } else {
        runs.div_ceil(MOST_POINTS / 2)
    }
}

/// The places of the points that are drawn: all of them, or the ends of each group's values, so
/// that a run far from its level is seen all the same.
pub(super) fn drawn(points: &[Point]) -> Vec<usize> {
    let size = group(points.len());
    if size == 1 {
        return (0..points.len()).collect();
    }

    let groups = (0..points.len()).step_by(size);
    let ends = groups.flat_map(|first| {
        let places = first..points.len().min(first + size);
        let by_value =
            |left: &usize, right: &usize| points[*left].value.total_cmp(&points[*right].value);
        [places.clone().min_by(by_value), places.max_by(by_value)]
    });
    let mut drawn: Vec<usize> = ends.flatten().collect();
    drawn.sort_unstable();
    drawn.dedup();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_runs_those_far_from_the_others_are_drawn() {
        let points: Vec<Point> = (0..10_000)
            .map(|run| Point {
                run,
                value: match run {
                    4321 => 9.0,
                    8765 => 0.1,
                    _ => 1.0 + (run % 7) as f64 / 100.0,
                },
                conditions: None,
            })
            .collect();
        let places = drawn(&points);

        assert!(places.len() <= MOST_POINTS, "{}", places.len());
        assert!(places.contains(&4321) && places.contains(&8765));
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(drawn(&points[..1000]).len(), 1000);
        assert_eq!((group(1000), group(1001), group(10_000)), (1, 3, 20));
    }
}
