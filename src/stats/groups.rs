//! Whether marked places of a series stand together.

use statrs::function::factorial::ln_binomial;

/// The chance that as many marks at random places form as few groups of neighbours as these, or
/// fewer. 1 without a mark.
///
/// Of m marks among n places, C(m - 1, k - 1) C(n - m + 1, k) of all C(n, m) arrangements have k
/// groups. (W. L. Stevens, Distribution of groups in a sequence of alternatives, Annals of Eugenics
/// 9, 1939.)
#[must_use]
pub fn grouping_p(marks: &[bool]) -> f64 {
    let places = marks.len() as u64;
    let marked = marks.iter().filter(|mark| **mark).count() as u64;
    let groups = marks.chunk_by(|left, right| left == right);
    let groups = groups.filter(|group| group[0]).count() as u64;
    if groups == 0 {
        return 1.0;
    }

    let all = ln_binomial(places, marked);
    let share = |count: u64| {
        let inside = ln_binomial(marked - 1, count - 1);
        let between = ln_binomial(places - marked + 1, count);
        (inside + between - all).exp()
    };
    (1..=groups).map(share).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(marks: &[bool]) -> usize {
        let before = std::iter::once(&false).chain(marks);
        before
            .zip(marks)
            .filter(|(before, mark)| !**before && **mark)
            .count()
    }

    #[test]
    fn the_chance_is_the_share_of_all_arrangements() {
        let arrangements: Vec<Vec<bool>> = (0_u32..1 << 10)
            .filter(|bits| bits.count_ones() == 4)
            .map(|bits| (0..10).map(|place| bits >> place & 1 == 1).collect())
            .collect();
        assert_eq!(arrangements.len(), 210);

        for marks in &arrangements {
            let as_few = arrangements
                .iter()
                .filter(|other| groups(other) <= groups(marks))
                .count();
            let share = as_few as f64 / 210.0;
            assert!((grouping_p(marks) / share - 1.0).abs() < 1e-9, "{marks:?}");
        }
    }

    #[test]
    fn without_a_mark_or_with_nothing_else_there_is_no_question() {
        for marks in [&[][..], &[false; 5], &[true; 5]] {
            assert!((grouping_p(marks) - 1.0).abs() < 1e-12, "{marks:?}");
        }
    }
}
