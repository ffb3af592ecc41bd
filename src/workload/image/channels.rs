//! A number for each colour channel, as it is typed and stored: `0.5,0.5,0.5`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The limits keep every number in the tensor finite.
const LIMIT: f64 = 1e6;

/// The mean of each channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 3]", into = "[f64; 3]")]
pub(super) struct Mean([f64; 3]);

/// The standard deviation of each channel; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 3]", into = "[f64; 3]")]
pub(super) struct Deviation([f64; 3]);

impl Mean {
    /// Red, green, blue, in the tensor's precision.
    pub(super) fn channels(self) -> [f32; 3] {
        self.0.map(single)
    }
}

impl Deviation {
    /// Red, green, blue, in the tensor's precision.
    pub(super) fn channels(self) -> [f32; 3] {
        self.0.map(single)
    }
}

impl TryFrom<[f64; 3]> for Mean {
    type Error = &'static str;

    fn try_from(channels: [f64; 3]) -> Result<Self, Self::Error> {
        let range = -LIMIT..=LIMIT;

        if channels.iter().all(|value| range.contains(value)) {
            Ok(Self(channels))
        } else {
            Err("each number must be from -1e6 to 1e6")
        }
    }
}

impl TryFrom<[f64; 3]> for Deviation {
    type Error = &'static str;

    fn try_from(channels: [f64; 3]) -> Result<Self, Self::Error> {
        let range = 1.0 / LIMIT..=LIMIT;

        if channels.iter().all(|value| range.contains(value)) {
            Ok(Self(channels))
        } else {
            Err("each number must be above 0: from 1e-6 to 1e6")
        }
    }
}

impl FromStr for Mean {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        three_numbers(text)?.try_into()
    }
}

impl FromStr for Deviation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        three_numbers(text)?.try_into()
    }
}

impl From<Mean> for [f64; 3] {
    fn from(mean: Mean) -> Self {
        mean.0
    }
}

impl From<Deviation> for [f64; 3] {
    fn from(deviation: Deviation) -> Self {
        deviation.0
    }
}

fn three_numbers(text: &str) -> Result<[f64; 3], &'static str> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|number| number.trim().parse().ok())
        .collect();

    numbers
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or("must be three numbers with commas between them, such as 0.5,0.5,0.5")
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the tensor's precision, as torch rounds it too"
)]
const fn single(value: f64) -> f32 {
    value as f32
}
