//! `man`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cli::generated;
use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::{printable, whole_file};

/// `man`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ManArgs {
    /// The folder to write the pages in, such as ~/.local/share/man/man1
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl ManArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let folder = printable::path(&self.out);
        if !self.out.is_dir() {
            bail!("{folder} is not a folder: make it first, or name another one by --out");
        }

        let command = (setup.definition)(setup.parts);
        let pages = generated::pages(&command, setup.binary)?;
        for page in &pages {
            whole_file::write(&self.out.join(&page.name), &page.text)
                .with_context(|| format!("cannot write {} in {folder}", page.name))?;
        }

        writeln!(setup.stdout, "{} pages in {folder}", pages.len())?;
        Ok(Ending::Done)
    }
}
