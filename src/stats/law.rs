//! Laws of scaling, fitted to the times that a piece of work takes on several numbers of workers.

/// The time of a piece of work on N workers: base / N + contention (N - 1) / N + coherency (N - 1).
/// All three are seconds and not negative, `base` is above 0.
///
/// Without coherency this is Amdahl's law, whose serial fraction is `sigma`; with it, Gunther's
/// universal scalability law.
///
/// Sources: G. M. Amdahl, Validity of the single processor approach to achieving large scale
/// computing capabilities, AFIPS 1967; N. J. Gunther, Guerrilla Capacity Planning, 2007, chapter 4:
/// X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), which is N / T(N) with lambda = 1 /
/// base and the amount of work 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// What one worker takes.
    pub base: f64,
    /// What workers wait for one another.
    pub contention: f64,
    /// What each further worker costs all of them.
    pub coherency: f64,
}

/// Which of the terms are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Base and contention.
    Amdahl,
    /// And coherency: Gunther's universal scalability law.
    Universal,
}

impl Model {
    /// What stored runs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amdahl => "amdahl",
            Self::Universal => "universal",
        }
    }
}

/// The terms that may be above 0, by the model: a least-squares problem for each.
const OF_AMDAHL: [&[usize]; 2] = [&[0], &[0, 1]];
const OF_UNIVERSAL: [&[usize]; 4] = [&[0], &[0, 1], &[0, 2], &[0, 1, 2]];

/// How many terms a law has.
const TERMS: usize = 3;

impl Law {
    /// The law that is closest to `points`, each a number of workers and the seconds that they
    /// took, by the sum of squares of the relative errors of the times. `None` where no law has a
    /// base above 0, as without points, and for a value that is not positive and finite.
    ///
    /// The times are linear in the three terms, so that non-negative least squares is exact: with
    /// each set of terms that may be above 0 the normal equations are solved, and the best of the
    /// solutions without a negative term is the answer.
    #[must_use]
    pub fn fit(points: &[(f64, f64)], model: Model) -> Option<Self> {
        let is_valid = |&(workers, seconds): &(f64, f64)| {
            workers.is_finite() && workers >= 1.0 && seconds.is_finite() && seconds > 0.0
        };
        if !points.iter().all(is_valid) {
            return None;
        }

        let products = Products::of(points);
        let term_sets: &[&[usize]] = match model {
            Model::Amdahl => &OF_AMDAHL,
            Model::Universal => &OF_UNIVERSAL,
        };
        let solutions = term_sets.iter().filter_map(|terms| products.solve(terms));
        let best = solutions.min_by(|a, b| products.gain(b).total_cmp(&products.gain(a)))?;

        Some(Self {
            base: best[0],
            contention: best[1],
            coherency: best[2],
        })
    }

    /// The seconds of the work on `workers`.
    #[must_use]
    pub fn seconds(&self, workers: f64) -> f64 {
        let parts = [self.base, self.contention, self.coherency];

        std::iter::zip(parts, weights(workers))
            .map(|(part, weight)| part * weight)
            .sum()
    }

    /// The serial fraction, or contention: the share of the work that waits for one worker.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.contention / self.base
    }

    /// Gunther's coherency coefficient: the share of the work that each pair of workers adds.
    #[must_use]
    pub fn kappa(&self) -> f64 {
        self.coherency / self.base
    }

    /// The number of workers that takes the least time, at least 1; `None` where every further one
    /// still gains.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        let kappa = self.kappa();

        (kappa > 0.0).then(|| ((1.0 - self.sigma()).max(0.0) / kappa).sqrt().max(1.0))
    }

    /// The relative error of the law's times, as the root of the mean square over `points`.
    #[must_use]
    pub fn misfit(&self, points: &[(f64, f64)]) -> f64 {
        let squares: f64 = points
            .iter()
            .map(|&(workers, seconds)| (self.seconds(workers) / seconds - 1.0).powi(2))
            .sum();

        (squares / points.len().max(1) as f64).sqrt()
    }
}

/// What the terms are multiplied by for `workers`.
fn weights(workers: f64) -> [f64; TERMS] {
    [1.0 / workers, 1.0 - 1.0 / workers, workers - 1.0]
}

/// The normal equations of all terms: `terms[i][j]` is the sum over the points of the products of
/// two weights, each divided by the point's time; `target[i]` that of a weight and 1.
struct Products {
    terms: [[f64; TERMS]; TERMS],
    target: [f64; TERMS],
}

impl Products {
    fn of(points: &[(f64, f64)]) -> Self {
        let mut products = Self {
            terms: [[0.0; TERMS]; TERMS],
            target: [0.0; TERMS],
        };

        for &(workers, seconds) in points {
            let row = weights(workers).map(|weight| weight / seconds);
            for (i, first) in row.iter().enumerate() {
                products.target[i] += first;
                for (j, second) in row.iter().enumerate() {
                    products.terms[i][j] += first * second;
                }
            }
        }
        products
    }

    /// The least-squares solution with only `terms`; `None` where it is not unique, or has a base
    /// that is not above 0 or another term below it.
    fn solve(&self, terms: &[usize]) -> Option<[f64; TERMS]> {
        let is_used = |term: usize| terms.contains(&term);

        // A term that is not used is 0: its own equation says so, and the others lose it.
        let matrix = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                if is_used(i) && is_used(j) {
                    self.terms[i][j]
                } else {
                    f64::from(u8::from(i == j))
                }
            })
        });
        let right = std::array::from_fn(|i| if is_used(i) { self.target[i] } else { 0.0 });

        let solution = solved(matrix, right)?;
        let is_feasible = solution[0] > 0.0 && solution.iter().all(|&part| part >= 0.0);
        is_feasible.then_some(solution)
    }

    /// By how much the sum of squares falls with `solution`, which solves the normal equations of
    /// the terms that it has.
    fn gain(&self, solution: &[f64; TERMS]) -> f64 {
        std::iter::zip(solution, self.target)
            .map(|(part, target)| part * target)
            .sum()
    }
}

/// The solution of the symmetric, positive semidefinite system, by Gauss's elimination; `None`
/// where a pivot is lost in the rounding of its row.
fn solved(mut matrix: [[f64; TERMS]; TERMS], mut right: [f64; TERMS]) -> Option<[f64; TERMS]> {
    let before = matrix;

    for pivot in 0..TERMS {
        if matrix[pivot][pivot] <= before[pivot][pivot] * 1e-12 {
            return None;
        }
        for row in pivot + 1..TERMS {
            let above = matrix[pivot];
            let factor = matrix[row][pivot] / above[pivot];
            for (value, above) in matrix[row].iter_mut().zip(above) {
                *value -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }

    let mut solution = [0.0; TERMS];
    for row in (0..TERMS).rev() {
        let known: f64 = (row + 1..TERMS)
            .map(|column| matrix[row][column] * solution[column])
            .sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times from throughputs, whose unit is a piece of work a second.
    fn times(throughputs: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let time = |&(workers, throughput): &(f64, f64)| (workers, 1.0 / throughput);

        throughputs.iter().map(time).collect()
    }

    fn close(value: f64, expected: f64, relative: f64) {
        assert!(
            (value / expected - 1.0).abs() < relative,
            "{value} is not {expected}"
        );
    }

    #[test]
    fn exact_times_give_their_law_back() {
        for (base, sigma, kappa) in [(1.0, 0.02, 0.02), (3.0, 0.3, 0.0), (0.5, 0.0, 0.001)] {
            let law = Law {
                base,
                contention: sigma * base,
                coherency: kappa * base,
            };
            let points: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0]
                .map(|workers| (workers, law.seconds(workers)))
                .to_vec();

            let fitted = Law::fit(&points, Model::Universal).unwrap();
            close(fitted.base, base, 1e-9);
            assert!((fitted.sigma() - sigma).abs() < 1e-9, "{fitted:?}");
            assert!((fitted.kappa() - kappa).abs() < 1e-9, "{fitted:?}");
            assert!(fitted.misfit(&points) < 1e-9);
        }
    }

    /// The synthetic series of N. J. Gunther's law with sigma = kappa = 0.02, as throughputs to
    /// four decimals.
    #[test]
    fn the_published_synthetic_series_has_its_coefficients() {
        let law = Law::fit(
            &times(&[
                (1.0, 1.0),
                (2.0, 1.8868),
                (4.0, 3.0769),
                (6.0, 3.5294),
                (8.0, 3.5398),
                (10.0, 3.3557),
            ]),
            Model::Universal,
        )
        .unwrap();

        close(law.sigma(), 0.02, 1e-3);
        close(law.kappa(), 0.02, 1e-3);
        // sqrt(0.98 / 0.02) = 7.
        close(law.peak().unwrap(), 7.0, 1e-3);
    }

    /// SPEC SDM91 on a Sun `SPARCcenter` 2000, the data set `specsdm91` of R's package `usl`. The
    /// coefficients of the fit with relative errors were found with numpy.
    #[test]
    fn spec_sdm91_peaks_within_its_range() {
        let points = times(&[
            (1.0, 64.9),
            (18.0, 995.9),
            (36.0, 1652.4),
            (72.0, 1853.2),
            (108.0, 1828.9),
            (144.0, 1775.0),
            (216.0, 1702.2),
        ]);
        let law = Law::fit(&points, Model::Universal).unwrap();

        close(1.0 / law.base, 68.16, 1e-3);
        close(law.sigma(), 0.01336, 1e-3);
        close(law.kappa(), 1.152e-4, 1e-3);
        close(law.peak().unwrap(), 92.5, 1e-3);
        close(law.misfit(&points), 0.057, 0.02);
    }

    /// The data set `raytracer` of R's package `usl`; coefficients as above. Its first six points
    /// have a peak at 23 processors, where the whole has none within 64.
    #[test]
    fn the_ray_tracer_shows_how_little_six_points_say() {
        let points = times(&[
            (1.0, 20.0),
            (4.0, 78.0),
            (8.0, 130.0),
            (12.0, 170.0),
            (16.0, 190.0),
            (20.0, 200.0),
            (24.0, 210.0),
            (28.0, 230.0),
            (32.0, 260.0),
            (48.0, 280.0),
            (64.0, 310.0),
        ]);

        let whole = Law::fit(&points, Model::Universal).unwrap();
        close(1.0 / whole.base, 21.75, 1e-3);
        close(whole.sigma(), 0.05686, 1e-3);
        close(whole.kappa(), 3.45e-6, 0.01);

        let first = Law::fit(&points[..6], Model::Universal).unwrap();
        close(1.0 / first.base, 20.30, 1e-3);
        close(first.sigma(), 0.01666, 1e-3);
        close(first.kappa(), 1.899e-3, 1e-3);
        close(first.peak().unwrap(), 22.8, 1e-2);
    }

    #[test]
    fn no_term_is_negative() {
        // Faster than linear: the best law without a negative term is linear.
        let points = [(1.0, 1.0), (2.0, 0.48), (4.0, 0.22), (8.0, 0.1)];
        let law = Law::fit(&points, Model::Universal).unwrap();

        assert_eq!((law.contention, law.coherency), (0.0, 0.0));
        assert_eq!(law.peak(), None);
    }

    #[test]
    fn amdahls_law_has_no_coherency() {
        let points = [(1.0, 1.0), (2.0, 0.55), (4.0, 0.4), (8.0, 0.6)];
        let law = Law::fit(&points, Model::Amdahl).unwrap();

        assert_eq!(law.coherency, 0.0);
        assert!(law.contention > 0.0);
    }

    #[test]
    fn impossible_or_no_points_have_no_law() {
        assert_eq!(Law::fit(&[], Model::Universal), None);
        for wrong in [
            (0.0, 1.0),
            (1.0, 0.0),
            (f64::NAN, 1.0),
            (2.0, f64::INFINITY),
        ] {
            assert_eq!(Law::fit(&[(1.0, 1.0), wrong], Model::Universal), None);
        }
    }
}
