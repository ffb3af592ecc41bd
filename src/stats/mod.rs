//! Statistics over slices of numbers, one concept per file.
//!
//! No function panics, whatever the numbers: each documents what it makes of NaN.

mod bootstrap;
mod crossing;
mod describe;
mod groups;
mod holm;
mod interval;
mod law;
mod noise;
mod outlier;
mod proportion;
mod random;
mod rank_sum;
mod ratio;
mod scaling;
mod shift;
mod sign;
mod signed_rank;
mod step;
mod tails;
mod trend;

pub use bootstrap::{bootstrap_medians, expanded_percentiles};
pub use crossing::{crossing, lasting_crossing};
pub use describe::{Spread, mean, median, standard_deviation};
pub use groups::grouping_p;
pub use holm::holm;
pub use interval::Interval;
pub use law::{Law, Model};
pub use noise::split_half;
pub use outlier::outliers;
pub use proportion::{proportion_interval, trials_needed};
pub(crate) use random::below;
pub use rank_sum::{RankSum, rank_sum};
pub use ratio::ratio_of_medians;
pub use scaling::{gustafson, karp_flatt};
pub use shift::{Shift, shift};
pub use sign::{fewest_for, median_interval};
pub use signed_rank::{SignedRank, least_signed_rank_p, signed_rank};
pub use step::{Permutations, StepTest, greatest_step, least_step_p, step_test};
pub use trend::{Trend, trend};
