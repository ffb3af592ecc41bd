//! `completions`.

use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use clap_complete::Shell;

use crate::cli::generated;
use crate::cli::running::Setup;
use crate::commands::Ending;

/// Where each shell looks for it.
pub(super) const AFTER_HELP: &str = "\
To install:
  bash        parbench completions bash > ~/.local/share/bash-completion/completions/parbench
  zsh         parbench completions zsh > FOLDER/_parbench, a folder of $fpath
  fish        parbench completions fish > ~/.config/fish/completions/parbench.fish
  powershell  parbench completions powershell >> $PROFILE
  elvish      parbench completions elvish >> ~/.config/elvish/rc.elv";

/// `completions`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell that the script is for
    #[arg(value_name = "SHELL")]
    shell: Option<Shell>,
}

impl CompletionsArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let Some(shell) = self.shell else {
            bail!(
                "name the shell: completions bash, zsh, fish, powershell or elvish; completions --help says where its \
                 script goes"
            );
        };
        let command = (setup.definition)(setup.parts);
        let script = generated::completions(&command, setup.parts, setup.binary, shell);

        setup.stdout.write_all(script.as_bytes())?;
        Ok(Ending::Done)
    }
}
