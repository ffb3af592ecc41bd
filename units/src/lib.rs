//! Quantities as people read and type them: durations, ratios, percentages, sizes, counts, and
//! whole numbers with a range.

mod bounded;
mod bytes;
mod count;
mod digits;
mod probability;
mod rate;
mod ratio;
mod share;
mod time;
mod whole_number;

pub use bounded::{Bounded, OutOfRange};
pub use bytes::Bytes;
pub use count::count;
pub use digits::{three_digits, two_decimals};
pub use probability::Probability;
pub use rate::Rate;
pub use ratio::{Percent, Ratio};
pub use share::Share;
pub use time::{Seconds, TimeUnit, seconds};
