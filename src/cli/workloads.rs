//! The parameters of workloads on the command line: each workload has a subcommand with its own
//! flags, and `all`, `check` and `noise` have the flags of every workload that belongs to `all`,
//! each behind its workload's name.

use std::ffi::OsString;
use std::sync::Arc;

use clap::builder::{ArgPredicate, PossibleValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use serde_json::Value;

use super::selection::Selection;
use super::variables;
use crate::commands::list::{Listed, Parameter};
use crate::workload::{Definition, Registry};

/// What `--help` lists a workload's parameters under; with its name, where there are several.
const HEADING: &str = "Workload";

/// The flag that gives some parameters smaller values.
pub(super) const QUICK: &str = "quick";

/// Stands in a subcommand's flags for the parameters of every workload that belongs to `all`: only
/// the registry knows them.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct EveryParameter {}

impl EveryParameter {
    /// Whether `command` is to have the parameters.
    pub(super) fn is_in(command: &Command) -> bool {
        let marker = Self::group_id();

        command
            .get_groups()
            .any(|group| Some(group.get_id()) == marker.as_ref())
    }

    /// Adds the parameters of `workloads` to `command`.
    pub(super) fn add_to(command: Command, workloads: &Registry) -> Command {
        workloads.in_all().fold(command, |command, workload| {
            let prefix = Prefix::of(workload);
            let heading = format!("{HEADING} {}", workload.name());

            command.args(
                parameters(workload)
                    .iter()
                    .map(|arg| prefix.argument(arg).help_heading(heading.clone())),
            )
        })
    }

    /// Every workload that belongs to `all`, with its parameters from `matches`.
    pub(super) fn selections(
        workloads: &Registry,
        matches: &ArgMatches,
    ) -> Result<Vec<Selection>, clap::Error> {
        workloads
            .in_all()
            .map(|workload| {
                let params = Prefix::of(workload).params(matches)?;
                Ok(Selection::of(workload, params))
            })
            .collect()
    }
}

/// What the parameter `arg` of `workload` is in a subcommand that has several workloads.
pub(super) fn prefixed_id(workload: &Arc<dyn Definition>, arg: &Arg) -> String {
    Prefix::of(workload).id(arg)
}

/// Whether `arg` is the parameter of one of several workloads.
pub(super) fn is_parameter(arg: &Arg) -> bool {
    workload_of(arg).is_some_and(|name| !name.is_empty())
}

/// The name of the workload that `arg` is a parameter of; empty in the workload's own subcommand.
pub(super) fn workload_of(arg: &Arg) -> Option<&str> {
    let name = arg.get_help_heading()?.strip_prefix(HEADING)?;

    if name.is_empty() {
        Some(name)
    } else {
        name.strip_prefix(' ')
    }
}

/// The subcommand of `workload`, without the flags that all subcommands of workloads share.
pub(super) fn subcommand(workload: &Arc<dyn Definition>) -> Command {
    let command = Command::new(workload.name().to_owned()).next_help_heading(HEADING);

    let smaller = |arg: &Arg| {
        let mut quick = workload.quick().iter();
        quick.find(|quick| arg.get_long() == Some(quick.parameter))
    };

    workload
        .arguments(command)
        .mut_args(|arg| match smaller(&arg) {
            Some(quick) => arg.default_value_if(QUICK, ArgPredicate::IsPresent, quick.value),
            None => arg,
        })
        .about(workload.about().to_owned())
}

/// What `list` shows of the workloads.
pub(super) fn listed(workloads: &Registry) -> Vec<Listed> {
    let parameter = |arg: &Arg| Parameter {
        flag: usage(arg),
        meaning: meaning(arg),
    };

    workloads
        .iter()
        .map(|workload| Listed {
            name: workload.name().to_owned(),
            about: workload.about().to_owned(),
            parameters: parameters(workload).iter().map(parameter).collect(),
            engines: workload.hosted_engines(),
        })
        .collect()
}

/// The parameters of `workload` as its own subcommand has them.
pub(super) fn parameters(workload: &Arc<dyn Definition>) -> Vec<Arg> {
    // Building settles what a definition leaves open, such as how many values an argument takes.
    let mut command = subcommand(workload).disable_help_flag(true);
    command.build();

    command.get_arguments().cloned().collect()
}

/// `--size N`, `--deep`, `<FILE>...`.
fn usage(arg: &Arg) -> String {
    let value = arg.get_value_names().and_then(|names| names.first());

    match (arg.get_long(), value) {
        (Some(long), Some(value)) if arg.get_action().takes_values() => format!("--{long} {value}"),
        (Some(long), _) => format!("--{long}"),
        (None, Some(value)) => format!("<{value}>"),
        (None, None) => format!("<{}>", arg.get_id()),
    }
}

/// The help of `arg`, with its default.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();

    let default = arg
        .get_default_values()
        .first()
        .filter(|_| arg.get_action().takes_values() && !arg.is_hide_default_value_set());
    match default {
        Some(value) => format!("{help} [default: {}]", value.to_string_lossy()),
        None => help,
    }
}

/// The parameters of one workload as `all` has them: `--fib-size` for `--size` of `fib`.
struct Prefix<'a> {
    workload: &'a Arc<dyn Definition>,
}

impl<'a> Prefix<'a> {
    fn of(workload: &'a Arc<dyn Definition>) -> Self {
        Self { workload }
    }

    fn id(&self, arg: &Arg) -> String {
        format!("{}-{}", self.workload.name(), arg.get_id())
    }

    /// The flag without its dashes. A positional argument becomes a flag by its name.
    fn long(&self, arg: &Arg) -> String {
        let name = arg.get_long().unwrap_or_else(|| arg.get_id().as_str());

        format!("{}-{}", self.workload.name(), name.replace('_', "-"))
    }

    /// `arg` as `all` has it: its values are kept as they were typed, and it does not refer to
    /// other flags.
    fn argument(&self, arg: &Arg) -> Arg {
        let flag = Arg::new(self.id(arg))
            .long(self.long(arg))
            .help(help(arg))
            .hide(arg.is_hide_set())
            .hide_env(arg.is_hide_env_set())
            .hide_env_values(arg.is_hide_env_values_set())
            .action(arg.get_action().clone());
        let flag = match arg.get_env() {
            Some(variable) => flag.env(variable.to_owned()),
            None => flag,
        };
        if !arg.get_action().takes_values() {
            return flag.value_parser(arg.get_value_parser().clone());
        }

        let values = arg.get_num_args().unwrap_or_default();
        flag.num_args(values)
            .value_names(arg.get_value_names().unwrap_or_default().to_vec())
            .require_equals(arg.is_require_equals_set())
            // A value such as -1 is a wrong value of its flag. Several values end at the next flag.
            .allow_hyphen_values(values.max_values() == 1)
            .value_parser(clap::value_parser!(OsString))
    }

    /// The parameters that `matches` of `all` hold, parsed as the workload's own subcommand would,
    /// so that both take the same values and report the same of wrong ones. Messages name the flags
    /// of `all`.
    fn params(&self, matches: &ArgMatches) -> Result<Value, clap::Error> {
        let mut line = vec![OsString::from(self.workload.name())];
        for arg in parameters(self.workload) {
            line.extend(self.words(&arg, matches));
        }
        let is_quick = matches
            .try_get_one::<bool>(QUICK)
            .is_ok_and(|quick| quick == Some(&true));
        if is_quick {
            line.push(format!("--{QUICK}").into());
        }
        let command = subcommand(self.workload)
            .disable_help_flag(true)
            .mut_args(|arg| {
                let long = self.long(&arg);
                // The values of variables are among the words.
                variables::without_variable(arg).short(None).long(long)
            })
            .arg(Arg::new(QUICK).long(QUICK).action(ArgAction::SetTrue));

        self.workload.parse(&command.try_get_matches_from(line)?)
    }

    /// Whether `--quick` has a smaller value for `arg` than parbench.toml, which a typed flag
    /// overrules.
    fn gives_way_to_quick(&self, arg: &Arg, id: &str, matches: &ArgMatches) -> bool {
        let is_quick = matches.try_get_one(QUICK).ok().flatten() == Some(&true);
        let mut smaller = self.workload.quick().iter();

        is_quick
            && smaller.any(|quick| arg.get_long() == Some(quick.parameter))
            && matches.value_source(id) == Some(ValueSource::DefaultValue)
    }

    /// What was typed for `arg`, or set by its variable, as words of a command line.
    fn words(&self, arg: &Arg, matches: &ArgMatches) -> Vec<OsString> {
        let id = self.id(arg);
        let flag = format!("--{}", self.long(arg));
        if self.gives_way_to_quick(arg, &id, matches) {
            return Vec::new();
        }

        match arg.get_action() {
            ArgAction::SetTrue if matches.get_flag(&id) => vec![flag.into()],
            ArgAction::SetFalse if !matches.get_flag(&id) => vec![flag.into()],
            ArgAction::Count => vec![flag.into(); usize::from(matches.get_count(&id))],
            action if action.takes_values() => matches
                .get_occurrences::<OsString>(&id)
                .into_iter()
                .flatten()
                .flat_map(|values| occurrence(&flag, values.cloned().collect()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// One occurrence of `flag` with its values, as words of a command line.
fn occurrence(flag: &str, mut values: Vec<OsString>) -> Vec<OsString> {
    if let [value] = &mut values[..] {
        // Together with its flag, a value may begin with a hyphen.
        let mut word = OsString::from(format!("{flag}="));
        word.push(value);
        return vec![word];
    }

    values.insert(0, flag.into());
    values
}

/// The help of `arg`, with what clap adds only where it reads the values itself.
fn help(arg: &Arg) -> String {
    let help = meaning(arg);
    let choices = arg.get_possible_values();
    if choices.is_empty() || !arg.get_action().takes_values() || arg.is_hide_possible_values_set() {
        return help;
    }

    let names: Vec<&str> = choices.iter().map(PossibleValue::get_name).collect();
    format!("{help} [possible values: {}]", names.join(", "))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::cli::definition;
    use crate::cli::parts::Parts;
    use crate::results::Work;
    use crate::stop::Stop;
    use crate::workload::{
        Context, Error, QuickValue, Workload, definition as workload_definition,
    };

    /// Parameters of every kind that clap has.
    #[derive(clap::Args, Serialize, Deserialize)]
    struct Every {
        /// A positional argument that is required
        file: String,
        /// Several values
        #[arg(long, num_args = 1..)]
        sizes: Vec<i64>,
        /// A switch
        #[arg(long, conflicts_with = "flat")]
        deep: bool,
        /// Another switch
        #[arg(short, long)]
        flat: bool,
        /// A number of repetitions
        #[arg(long, action = ArgAction::Count)]
        more: u8,
        /// A value that may be left out
        #[arg(long, num_args = 0..=1, default_missing_value = "7", require_equals = true)]
        seed: Option<u64>,
    }

    impl Workload for Every {
        const NAME: &'static str = "every";
        const ABOUT: &'static str = "Every kind of parameter";
        const QUICK: &'static [QuickValue] = &[QuickValue {
            parameter: "sizes",
            value: "9",
        }];
        type Params = Self;
        type Partial = ();
        type Answer = ();

        fn prepare(params: Self, _: &Context<'_>) -> Result<Self, Error> {
            Ok(params)
        }

        fn tasks(&self) -> usize {
            1
        }

        fn work(&self) -> Work {
            Work::new(1, "tasks")
        }

        fn task(&self, _: usize, _: &Stop) -> Result<(), Error> {
            Ok(())
        }

        fn combine(&self, _: Vec<()>) -> Result<(), Error> {
            Ok(())
        }

        fn describe(&self, _: usize, (): &()) -> String {
            String::new()
        }
    }

    /// The parameters that `line` gives the workload, in its own subcommand or behind its prefix.
    fn params(line: &str) -> Result<Value, String> {
        let parts = Parts {
            workloads: Registry::new([workload_definition::<Every>()]),
            ..Parts::built_in()
        };
        assert_eq!(definition::clash(&parts), None);
        let command = definition::command(&parts);
        let words = std::iter::once("parbench").chain(line.split(' '));
        let matches = command
            .try_get_matches_from(words)
            .map_err(|error| error.to_string())?;

        let (name, matches) = matches.subcommand().unwrap();
        let selection = match parts.workloads.find(name) {
            Some(workload) => Selection::of_matches(&workload, matches),
            None => EveryParameter::selections(&parts.workloads, matches)
                .map(|mut selections| selections.remove(0)),
        };
        selection
            .map(|selection| selection.params)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_argument_is_the_same_behind_a_prefix() {
        for (line, prefixed) in [
            ("every a", "all --every-file a"),
            (
                "every --sizes 1 2 --deep --more --more --seed=3 -- a",
                "all --every-sizes 1 2 --every-deep --every-more --every-more --every-seed=3 --every-file a",
            ),
            (
                "every a -f --seed",
                "check --every-seed --every-flat --every-file a --against x",
            ),
            ("every -- -5", "noise --every-file -5"),
        ] {
            assert_eq!(params(line).unwrap(), params(prefixed).unwrap(), "{line}");
        }
        assert_eq!(params("every a --seed").unwrap()["seed"], 7);
        assert_eq!(params("every a --more --more").unwrap()["more"], 2);
    }

    #[test]
    fn a_first_answer_has_smaller_values_unless_others_are_typed() {
        for line in ["every a --quick", "all --every-file a --quick"] {
            assert_eq!(
                params(line).unwrap()["sizes"],
                serde_json::json!([9]),
                "{line}"
            );
        }
        let typed = params("all --every-sizes 1 2 --quick --every-file a").unwrap();
        assert_eq!(typed["sizes"], serde_json::json!([1, 2]));
        assert_eq!(params("every a").unwrap()["sizes"], serde_json::json!([]));
    }

    #[test]
    fn messages_name_the_flags_of_all() {
        let missing = params("all").unwrap_err();
        assert!(missing.contains("--every-file <FILE>"), "{missing}");
        let conflict = params("all --every-file a --every-deep --every-flat").unwrap_err();
        assert!(
            conflict.contains("'--every-deep' cannot be used with '--every-flat'"),
            "{conflict}"
        );
        let wrong = params("all --every-file a --every-sizes 1 x").unwrap_err();
        assert!(
            wrong.contains("invalid value 'x' for '--every-sizes"),
            "{wrong}"
        );
    }
}
