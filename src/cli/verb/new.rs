//! `new`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::commands::new::{Language, Request, new};

/// `new`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewArgs {
    /// The name of the workload, and of its crate or file
    #[arg(value_name = "NAME")]
    name: String,
    /// What to write it in: a crate in Rust, a worker in the others
    #[arg(long, default_value = "rust", value_parser = language())]
    lang: Language,
    /// The folder to write it in
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    dir: PathBuf,
    /// The sources of parbench, for a crate [default: those that this program was built from]
    #[arg(long, value_name = "PATH")]
    parbench: Option<PathBuf>,
}

impl NewArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let Self {
            name,
            lang,
            dir,
            parbench,
        } = self;
        let request = Request {
            name,
            language: lang,
            // Without the dot: paths are shown.
            folder: dir.components().skip_while(is_dot).collect(),
            parbench,
            subcommands: &super::names(),
        };

        new(&request, setup.stdout)?;
        Ok(Ending::Done)
    }
}

fn is_dot(part: &std::path::Component<'_>) -> bool {
    *part == std::path::Component::CurDir
}

fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::name)).try_map(|name| {
        let mut all = Language::ALL.into_iter();
        all.find(|language| language.name() == name)
            .ok_or("must be one of the possible values")
    })
}
