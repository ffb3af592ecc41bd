//! What a speed-up reveals about the part that was not spread over workers.

/// The experimentally determined serial fraction, (1 / speedup - 1 / workers) / (1 - 1 / workers):
/// the share of the work that looks as if only one worker did it. A fraction that grows with the
/// workers points at overhead. Negative for a speed-up greater than the number of workers. `None`
/// for one worker or fewer, for a speed-up that is not positive, and for NaN.
///
/// Source: A. H. Karp and H. P. Flatt, Measuring parallel processor performance, Communications of
/// the ACM 33(5), 1990.
#[must_use]
pub fn karp_flatt(speedup: f64, workers: f64) -> Option<f64> {
    (speedup > 0.0 && workers > 1.0)
        .then(|| (1.0 / speedup - 1.0 / workers) / (1.0 - 1.0 / workers))
}

/// The serial fraction of scaled work, (workers - speedup) / (workers - 1), where each worker
/// brings its own share of work with it: the share of the time that looks as if only one worker did
/// it. Negative for a speed-up greater than the number of workers. `None` as for [`karp_flatt`].
///
/// Source: J. L. Gustafson, Reevaluating Amdahl's law, Communications of the ACM 31(5), 1988: the
/// scaled speed-up is workers - fraction (workers - 1).
#[must_use]
pub fn gustafson(speedup: f64, workers: f64) -> Option<f64> {
    (speedup > 0.0 && workers > 1.0).then(|| (workers - speedup) / (workers - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// M. J. Quinn, Parallel Programming in C with MPI and OpenMP, 2004, section 7.5: two tables of
    /// speed-ups, to two decimals, on 2 to 8 processors.
    #[test]
    fn serial_fractions_are_those_of_the_textbook() {
        let constant = [
            (1.82, 0.1),
            (2.50, 0.1),
            (3.08, 0.1),
            (3.57, 0.1),
            (4.0, 0.1),
            (4.38, 0.1),
            (4.71, 0.1),
        ];
        let growing = [
            (1.87, 0.07),
            (2.61, 0.075),
            (3.23, 0.08),
            (3.73, 0.085),
            (4.14, 0.09),
            (4.46, 0.095),
            (4.71, 0.1),
        ];

        for table in [constant, growing] {
            for (workers, (speedup, fraction)) in (2..).zip(table) {
                let computed = karp_flatt(speedup, f64::from(workers)).unwrap();
                assert!(
                    (computed - fraction).abs() < 0.002,
                    "{workers} workers: {computed}"
                );
            }
        }
    }

    #[test]
    fn the_ends_are_zero_one_and_below() {
        assert_eq!(karp_flatt(4.0, 4.0), Some(0.0));
        assert_eq!(karp_flatt(1.0, 4.0), Some(1.0));

        // By hand: (1/5 - 1/4) / (1 - 1/4) = -1/15.
        assert!((karp_flatt(5.0, 4.0).unwrap() + 1.0 / 15.0).abs() < 1e-15);
    }

    #[test]
    fn impossible_speedups_and_workers_have_no_fraction() {
        for (speedup, workers) in [
            (1.0, 1.0),
            (1.0, 0.0),
            (0.0, 4.0),
            (-1.0, 4.0),
            (f64::NAN, 4.0),
            (2.0, f64::NAN),
        ] {
            assert_eq!(karp_flatt(speedup, workers), None, "{speedup} {workers}");
        }
    }

    /// The three speed-ups on 1,024 processors that Gustafson's article reports, with the serial
    /// fractions of 0.4 to 0.8 % that it gives for them.
    #[test]
    fn scaled_fractions_are_those_of_the_article() {
        for speedup in [1021.0, 1020.0, 1016.0] {
            let fraction = gustafson(speedup, 1024.0).unwrap();
            assert!((0.002..0.009).contains(&fraction), "{fraction}");
        }
        // By hand: (4 - 3.4) / 3 = 0.2.
        assert!((gustafson(3.4, 4.0).unwrap() - 0.2).abs() < 1e-15);
        assert_eq!((gustafson(1.0, 1.0), gustafson(0.0, 4.0)), (None, None));
    }
}
