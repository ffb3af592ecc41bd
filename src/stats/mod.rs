//! Statistics over slices of numbers, one concept per file.
//!
//! No function panics, whatever the numbers: each documents what it makes of NaN.

mod bootstrap;
mod crossing;
mod describe;
mod holm;
mod interval;
mod law;
mod noise;
mod outlier;
mod proportion;
mod rank_sum;
mod ratio;
mod scaling;
mod sign;
mod signed_rank;
mod tails;

pub use bootstrap::{bootstrap_medians, expanded_percentiles};
pub use crossing::{crossing, lasting_crossing};
pub use describe::{Spread, mean, median, standard_deviation};
pub use holm::holm;
pub use interval::Interval;
pub use law::{Law, Model};
pub use noise::split_half;
pub use outlier::outliers;
pub use proportion::{proportion_interval, trials_needed};
pub use rank_sum::{RankSum, rank_sum};
pub use ratio::ratio_of_medians;
pub use scaling::{gustafson, karp_flatt};
pub use sign::{fewest_for, median_interval};
pub use signed_rank::{SignedRank, least_signed_rank_p, signed_rank};
