//! The parameters of the workload `image`, and their command line.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde::{Deserialize, Serialize};

use super::channels::{Deviation, Mean};
use crate::results::StoredPath;
use crate::units::{Bounded, Probability};

/// How many pictures a generated set has.
pub(super) type Count = Bounded<1, 100_000>;
/// The pixels along each side of a generated picture.
pub(super) type Side = Bounded<1, 10_000>;
/// A JPEG quality.
pub(super) type Quality = Bounded<1, 100>;

/// The complete parameters: where the pictures come from and what is done to each of them.
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

/// Where the pictures come from.
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
    /// Number of pictures in the generated set, from 1 to 100000
    #[arg(long, value_name = "N", default_value_t = Count::clamped(16))]
    count: Count,
    /// Pixels along each side of a generated picture, from 1 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Side::clamped(3000))]
    side: Side,
    /// Use the JPEG and PNG files in DIR instead of a generated set
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["count", "side", "quality", "data_dir"]
    )]
    input: Option<PathBuf>,
    /// JPEG quality of the generated pictures, from 1 to 100
    #[arg(long, value_name = "N", default_value_t = Quality::clamped(60))]
    quality: Quality,
    /// Folder for the generated set, about 78 MB with the defaults [default: the platform's cache
    /// folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Pixels along each side of the window that is cut out of a picture, from 1 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Bounded::clamped(224))]
    crop: Bounded<1, 10_000>,
    /// Black pixels added on each side before the window is cut, from 0 to 10000
    #[arg(long, value_name = "PIXELS", default_value_t = Bounded::clamped(4))]
    padding: Bounded<0, 10_000>,
    /// Probability that a picture is flipped left to right, from 0 to 1
    #[arg(long, value_name = "P", default_value = "0.5")]
    flip: Probability,
    /// Subtracted from the red, green and blue values, which range from 0 to 1
    #[arg(
        long,
        value_name = "R,G,B",
        default_value = "0.5,0.5,0.5",
        allow_hyphen_values = true
    )]
    mean: Mean,
    /// The red, green and blue values are then divided by these numbers, which must be above 0
    #[arg(
        long,
        value_name = "R,G,B",
        default_value = "0.5,0.5,0.5",
        allow_hyphen_values = true
    )]
    std: Deviation,
    /// Seed of the noise and of the choice of windows, from 0 to 18446744073709551615
    #[arg(long, value_name = "N", default_value = "42")]
    seed: Bounded<0, { u64::MAX }>,
    /// Also write each tensor to DIR as NNNNN.npy, and what was done to which picture to
    /// transforms.json
    #[arg(long, value_name = "DIR")]
    save_tensors: Option<PathBuf>,
}

impl From<Arguments> for Params {
    fn from(arguments: Arguments) -> Self {
        let source = match arguments.input {
            Some(input) => Source::Folder {
                input: input.into(),
            },
            None => Source::Noise {
                count: arguments.count,
                side: arguments.side,
                quality: arguments.quality,
                data_dir: arguments.data_dir.map(StoredPath::from),
            },
        };

        Self {
            source,
            crop: arguments.crop,
            padding: arguments.padding,
            flip: arguments.flip,
            mean: arguments.mean,
            std: arguments.std,
            seed: arguments.seed.get(),
            save_tensors: arguments.save_tensors.map(StoredPath::from),
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
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::from(Arguments::from_arg_matches(matches)?))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;
    use serde_json::json;

    use super::*;

    fn parse(line: &str) -> Result<Params, clap::Error> {
        let command = Params::augment_args(Command::new("image").no_binary_name(true));
        Params::from_arg_matches(&command.try_get_matches_from(line.split_whitespace())?)
    }

    #[test]
    fn defaults_are_the_tutorials_with_fewer_pictures_and_travel_as_json() {
        let params = parse("").unwrap();
        let value = serde_json::to_value(&params).unwrap();
        let expected = json!({
            "count": 16, "side": 3000, "quality": 60, "crop": 224, "padding": 4, "flip": 0.5,
            "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "seed": 42,
        });

        assert_eq!(value, expected);
        assert_eq!(serde_json::from_value::<Params>(value).unwrap(), params);
    }

    #[test]
    fn every_parameter_travels_as_json() {
        let generated = "--data-dir d --save-tensors t --mean=-1,0,1 --std 0.1,2,3 --count 3 \
                         --flip 1 --seed 0";
        let folder = "--input photos --crop 7 --padding 0";

        for line in [generated, folder] {
            let params = parse(line).unwrap();
            let value = serde_json::to_value(&params).unwrap();
            assert_eq!(serde_json::from_value::<Params>(value).unwrap(), params);
        }

        let value = serde_json::to_value(parse(folder).unwrap()).unwrap();
        assert!(value.get("count").is_none() && value["input"] == "photos");
    }

    #[test]
    fn wrong_values_are_refused_by_name() {
        for (option, value, reason) in [
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
            assert!(error.contains(reason), "--{option} {value}: {error}");
            assert!(error.contains(option), "--{option} {value}: {error}");
        }
    }

    #[test]
    fn own_pictures_leave_no_room_for_a_generated_set() {
        for other in ["count", "side", "quality", "data-dir"] {
            let error = parse(&format!("--input photos --{other} 5")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict);

            let message = error.to_string();
            let flag = format!("--{other} <");
            assert!(message.contains(&flag), "{message}");
        }

        assert!(parse("--input photos --seed 5").is_ok());
    }
}
