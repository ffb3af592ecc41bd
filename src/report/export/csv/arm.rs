//! The columns that all rounds of an arm fill together: what its speed-up is, what the work costs
//! on it, and what the curve says that it belongs to.

use serde::Serialize;

use crate::analysis::{Coefficient, Estimate, FittedLaw, ScalePoint, Summary};
use crate::report::words::run::grade;
use crate::results::{Measurement, Pair};

/// What all rounds of an arm say together; the reference has its cost, and whether it is
/// recommended.
#[derive(Clone, Default, Serialize)]
pub(super) struct ArmColumns {
    median_speedup: Option<f64>,
    speedup_low: Option<f64>,
    speedup_high: Option<f64>,
    efficiency: Option<f64>,
    efficiency_low: Option<f64>,
    efficiency_high: Option<f64>,
    serial_fraction: Option<f64>,
    serial_fraction_low: Option<f64>,
    serial_fraction_high: Option<f64>,
    /// Over the next smaller number of workers.
    gain_over_fewer: Option<f64>,
    gain_over_fewer_low: Option<f64>,
    gain_over_fewer_high: Option<f64>,
    reserved_core_s: Option<f64>,
    used_cpu_s: Option<f64>,
    /// Whether it reserves the least core-seconds beside some engine: `yes` or `no`.
    cheapest: &'static str,
    /// The law of the curve, and its coefficients.
    law: &'static str,
    sigma: Option<f64>,
    sigma_low: Option<f64>,
    sigma_high: Option<f64>,
    kappa: Option<f64>,
    kappa_low: Option<f64>,
    kappa_high: Option<f64>,
    peak: Option<f64>,
    peak_low: Option<f64>,
    peak_high: Option<f64>,
    /// `yes` or `no`; empty where nothing is recommended.
    recommended: &'static str,
    verdict: String,
}

/// What all rounds of each arm say together, in the order of the arms.
pub(super) fn arm_columns(measurement: &Measurement) -> Vec<ArmColumns> {
    let of_arm = |index: usize| {
        let cost = measurement.cost(index);
        ArmColumns {
            reserved_core_s: cost.map(|cost| cost.reserved_core_s),
            used_cpu_s: cost.and_then(|cost| cost.used_cpu_s),
            ..ArmColumns::default()
        }
    };
    let mut columns: Vec<ArmColumns> = (0..measurement.arms.len()).map(of_arm).collect();

    for pair in measurement.pairs() {
        if let Some(summary) = pair.summary() {
            columns[pair.index].add_speedup(pair, &summary);
        }
    }
    // An arm outside any curve, such as another command's, has no more than that.
    for series in measurement.series() {
        let (points, law) = (series.points(), series.law());
        for pair in &series.pairs {
            let column = &mut columns[pair.index];
            if let Some(point) = points.iter().find(|point| point.workers == pair.workers()) {
                column.add_point(point);
            }
            if let Some(law) = &law {
                column.add_law(law);
            }
        }
        for step in series.steps() {
            columns[step.to].add_gain(step.gain);
        }

        if let Some(recommended) = series.recommendation() {
            let arms = series.pairs.iter().map(|pair| pair.index);
            for arm in arms.chain([measurement.reference]) {
                mark(&mut columns[arm].cheapest, arm == recommended.cheapest);
                // As long as nothing is certain, no arm is recommended.
                if !recommended.is_open {
                    mark(&mut columns[arm].recommended, arm == recommended.arm);
                }
            }
        }
    }
    columns
}

/// Writes down that an arm is or is not something. The reference may be it beside one engine and
/// not beside another.
fn mark(field: &mut &'static str, is_so: bool) {
    if is_so {
        *field = "yes";
    } else if field.is_empty() {
        *field = "no";
    }
}

impl ArmColumns {
    fn add_speedup(&mut self, pair: Pair<'_>, summary: &Summary) {
        self.median_speedup = Some(summary.speedup);
        self.speedup_low = summary.speedup_low;
        self.speedup_high = summary.speedup_high;
        self.verdict = grade(pair, summary);
    }

    /// Adds what its place on a curve says of the arm.
    fn add_point(&mut self, point: &ScalePoint) {
        let ScalePoint {
            efficiency,
            serial_fraction,
            ..
        } = point;

        self.efficiency = Some(efficiency.median);
        self.efficiency_low = efficiency.low;
        self.efficiency_high = efficiency.high;
        self.serial_fraction = serial_fraction.map(|fraction| fraction.median);
        self.serial_fraction_low = serial_fraction.and_then(|fraction| fraction.low);
        self.serial_fraction_high = serial_fraction.and_then(|fraction| fraction.high);
    }

    fn add_gain(&mut self, gain: Estimate) {
        self.gain_over_fewer = Some(gain.median);
        self.gain_over_fewer_low = gain.low;
        self.gain_over_fewer_high = gain.high;
    }

    fn add_law(&mut self, law: &FittedLaw) {
        let parts = |coefficient: Option<Coefficient>| match coefficient {
            Some(Coefficient { value, low, high }) => [Some(value), Some(low), Some(high)],
            None => [None; 3],
        };

        self.law = law.model.name();
        [self.sigma, self.sigma_low, self.sigma_high] = parts(Some(law.sigma));
        [self.kappa, self.kappa_low, self.kappa_high] = parts(law.kappa);
        [self.peak, self.peak_low, self.peak_high] = parts(law.peak);
    }
}
