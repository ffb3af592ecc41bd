//! What the image workload can be asked for. Definitions and their checks; nothing is done here.

use std::path::PathBuf;
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde::{Deserialize, Serialize};

use crate::results::StoredPath;
use crate::units::{Bounded, Probability};

/// How many pictures a generated set has.
pub(super) type Count = Bounded<1, 100_000>;
/// The pixels along each side of a generated picture.
pub(super) type Side = Bounded<1, 10_000>;
/// A JPEG quality.
pub(super) type Quality = Bounded<1, 100>;

/// The complete parameters: where the pictures come from and what is done to each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::workload) struct Params {
    #[serde(flatten)]
    pub(super) source: Source,
    pub(super) crop: Bounded<1, 10_000>,
    pub(super) padding: Bounded<0, 10_000>,
    pub(super) flip: Probability,
    pub(super) mean: Mean,
    pub(super) std: Deviation,
    pub(super) seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) save_tensors: Option<StoredPath>,
}

/// Where the pictures come from: one or the other, never parts of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Source {
    /// The user's own files.
    Folder { input: StoredPath },
    /// Generated noise.
    Noise {
        count: Count,
        side: Side,
        quality: Quality,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data_dir: Option<StoredPath>,
    },
}

/// The command line of [`Params`].
#[derive(Args)]
struct Arguments {
    /// Pictures in the generated set, from 1 to 100000
    #[arg(long, value_name = "N", default_value_t = Count::clamped(50))]
    count: Count,
    /// Pixels along each side of a generated picture, from 1 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Side::clamped(3000))]
    side: Side,
    /// JPEG quality of the generated pictures, from 1 to 100
    #[arg(long, value_name = "N", default_value_t = Quality::clamped(60))]
    quality: Quality,
    /// Where the generated set lives; about 245 MB with the defaults [default: the platform's cache folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Take the JPEG and PNG files in DIR instead of a generated set
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,
    /// Pixels along each side of the window that is cut from a picture, from 1 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Bounded::clamped(224))]
    crop: Bounded<1, 10_000>,
    /// Black pixels added on each side before cutting, from 0 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Bounded::clamped(4))]
    padding: Bounded<0, 10_000>,
    /// Probability that a picture is turned left to right, from 0 to 1
    #[arg(long, value_name = "P", default_value = "0.5")]
    flip: Probability,
    /// Subtracted from the red, green and blue values, which go from 0 to 1
    #[arg(
        long,
        value_name = "R,G,B",
        default_value = "0.5,0.5,0.5",
        allow_hyphen_values = true
    )]
    mean: Mean,
    /// Divides the red, green and blue values after that; above 0
    #[arg(
        long,
        value_name = "R,G,B",
        default_value = "0.5,0.5,0.5",
        allow_hyphen_values = true
    )]
    std: Deviation,
    /// Seed of the noise and of the windows, from 0 to 18446744073709551615
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Also write each tensor to DIR as NNNNN.npy, with a list of what was done: transforms.json
    #[arg(long, value_name = "DIR")]
    save_tensors: Option<PathBuf>,
}

impl From<Arguments> for Params {
    fn from(arguments: Arguments) -> Self {
        let Arguments {
            count,
            side,
            quality,
            data_dir,
            input,
            ..
        } = arguments;
        let Arguments {
            crop,
            padding,
            flip,
            mean,
            std,
            seed,
            save_tensors,
            ..
        } = arguments;
        let source = match input {
            Some(input) => Source::Folder {
                input: input.into(),
            },
            None => Source::Noise {
                count,
                side,
                quality,
                data_dir: data_dir.map(StoredPath::from),
            },
        };
        let save_tensors = save_tensors.map(StoredPath::from);

        Self {
            source,
            crop,
            padding,
            flip,
            mean,
            std,
            seed,
            save_tensors,
        }
    }
}

impl Args for Params {
    fn augment_args(command: Command) -> Command {
        Arguments::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Arguments::augment_args_for_update(command)
    }
}

impl FromArgMatches for Params {
    /// Refuses what `--input` makes pointless. Checked here and not by clap's `conflicts_with`, which ties
    /// the definitions to each other's names and so to one command.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let params = Self::from(Arguments::from_arg_matches(matches)?);
        let typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
        let generated = ["count", "side", "quality", "data_dir"];
        match (&params.source, generated.iter().find(|id| typed(id))) {
            (Source::Folder { .. }, Some(id)) => Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                format!(
                    "--input brings its own pictures and cannot be used with --{}: leave one of the two out\n",
                    id.replace('_', "-")
                ),
            )),
            _ => Ok(params),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

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

/// The limits keep every number in the tensor finite.
const LIMIT: f64 = 1e6;

impl TryFrom<[f64; 3]> for Mean {
    type Error = &'static str;

    fn try_from(channels: [f64; 3]) -> Result<Self, Self::Error> {
        let fits = channels
            .iter()
            .all(|value| (-LIMIT..=LIMIT).contains(value));
        if fits {
            Ok(Self(channels))
        } else {
            Err("each number must be from -1e6 to 1e6")
        }
    }
}

impl TryFrom<[f64; 3]> for Deviation {
    type Error = &'static str;

    fn try_from(channels: [f64; 3]) -> Result<Self, Self::Error> {
        let fits = channels
            .iter()
            .all(|value| (1.0 / LIMIT..=LIMIT).contains(value));
        if fits {
            Ok(Self(channels))
        } else {
            Err("each number must be above 0: from 1e-6 to 1e6")
        }
    }
}

impl FromStr for Mean {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        channels(text)?.try_into()
    }
}

impl FromStr for Deviation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        channels(text)?.try_into()
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

fn channels(text: &str) -> Result<[f64; 3], &'static str> {
    let numbers = text.split(',').map(|number| number.trim().parse().ok());
    let numbers: Option<Vec<f64>> = numbers.collect();
    let wrong = "must be three numbers with commas between them, such as 0.5,0.5,0.5";
    numbers
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or(wrong)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the tensor's precision, as torch rounds it too"
)]
const fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(line: &str) -> Result<Params, clap::Error> {
        let command = Params::augment_args(Command::new("image").no_binary_name(true));
        Params::from_arg_matches(&command.try_get_matches_from(line.split_whitespace())?)
    }

    #[test]
    fn defaults_are_the_tutorials_and_travel_as_json() {
        let params = parse("").unwrap();
        let value = serde_json::to_value(&params).unwrap();
        let expected = json!({
            "count": 50, "side": 3000, "quality": 60, "crop": 224, "padding": 4, "flip": 0.5,
            "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "seed": 42,
        });
        assert_eq!(value, expected);
        assert_eq!(serde_json::from_value::<Params>(value).unwrap(), params);
    }

    #[test]
    fn every_parameter_travels_as_json() {
        let line =
            "--data-dir d --save-tensors t --mean=-1,0,1 --std 0.1,2,3 --count 3 --flip 1 --seed 0";
        for params in [
            parse(line).unwrap(),
            parse("--input photos --crop 7 --padding 0").unwrap(),
        ] {
            let value = serde_json::to_value(&params).unwrap();
            assert_eq!(serde_json::from_value::<Params>(value).unwrap(), params);
        }
        let own = serde_json::to_value(parse("--input photos").unwrap()).unwrap();
        assert!(own.get("count").is_none() && own["input"] == "photos");
    }

    #[test]
    fn wrong_values_are_refused_by_name() {
        for (option, value, says) in [
            ("count", "0", "from 1 to 100000"),
            ("count", "100001", "from 1 to 100000"),
            ("side", "0", "from 1 to 10000"),
            ("side", "10001", "from 1 to 10000"),
            ("quality", "101", "from 1 to 100"),
            ("crop", "0", "from 1 to 10000"),
            ("padding", "-1", "from 0 to 10000"),
            ("flip", "1.5", "from 0 to 1"),
            ("mean", "1,2", "three numbers"),
            ("mean", "1,2,NaN", "from -1e6 to 1e6"),
            ("std", "1,1,0", "above 0"),
            ("std", "1,1,-1", "above 0"),
            ("std", "1,1,inf", "from 1e-6 to 1e6"),
            ("std", "1,1,1,1", "three numbers"),
            ("seed", "-1", "invalid"),
        ] {
            let error = parse(&format!("--{option}={value}"))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(says) && error.contains(option),
                "--{option} {value}: {error}"
            );
        }
    }

    #[test]
    fn own_pictures_leave_no_room_for_a_generated_set() {
        for other in ["count", "side", "quality", "data-dir"] {
            let error = parse(&format!("--input photos --{other} 5")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
            assert!(
                error
                    .to_string()
                    .contains(&format!("cannot be used with --{other}")),
                "{error}"
            );
        }
        assert!(parse("--input photos --seed 5").is_ok());
    }
}
