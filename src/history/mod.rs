//! What became of figures over many runs: the lines that runs are kept as, the series that they
//! make, where these changed, and what follows. Pure functions: nothing is read, written or shown
//! here.
//!
//! A store is only added to. Its lines may come in any order, twice and damaged, since branches are
//! merged and disks fill up; `store` makes a history of them. `series` cuts it by machine. `order`
//! asks whether a series is exchangeable, `pieces` cuts it where it is not, `episode` says whether that is a step or a drift, and
//! `judge` what of it counts.

mod account;
mod blocks;
mod conditions;
mod episode;
mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
mod found;
mod judge;
mod judged;
mod order;
mod pieces;
mod record;
mod series;
mod simulation;
mod slow_down;
mod source;
mod speedups;
mod standing;
mod store;
mod stray;
mod summary;
#[cfg(test)]
mod truth;

pub use account::Account;
pub use conditions::Conditions;
pub use episode::{Amount, Episode, Shape};
pub use fingerprint::{Fingerprint, Processor, SetUp};
pub use judge::judge;
pub use judged::{Judged, Question, set_up_differences};
pub use record::{HISTORY_VERSION, Kept, KeptMetric, Record, Rejected};
pub use series::{Machine, Point, Series, series};
pub use simulation::{HistoryNoise, Kind, KindRate, Scheme, SourceNoise, noise};
pub use slow_down::slow_downs;
pub use source::{Source, family_of};
pub use standing::{Standing, Why};
pub use store::{Damage, History, Twice, history};
pub use stray::{Stray, strays};
pub use summary::Summary;

/// The chance of a false alarm that is accepted, over everything that is judged together.
pub const ALPHA: f64 = 0.01;
/// The confidence of the intervals.
pub const CONFIDENCE: f64 = 0.99;
/// The fewest runs on each side of a change: fewer are a spike.
pub const FEWEST: usize = 3;
