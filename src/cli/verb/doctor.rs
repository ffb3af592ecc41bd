//! `doctor`.

use anyhow::Result;
use clap::Args;

use crate::cli::flags::{ColorArgs, KernelArgs};
use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::commands::doctor::{Form, doctor};
use crate::commands::streams::Destination;
use crate::machine::OtherPrograms;
use crate::results::Environment;

/// `doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// Print the stored form instead, as in a run's `environment`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    color: ColorArgs,
    #[command(flatten)]
    kernel: KernelArgs,
}

impl DoctorArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        self.kernel.apply();

        let form = if self.json {
            Form::Json
        } else {
            Form::Text(self.color.layout(Destination::Stdout))
        };
        let mut environment = Environment::probe();
        environment.cpu.other_programs = OtherPrograms::now();

        doctor(&environment, form, setup.stdout)?;
        Ok(Ending::Done)
    }
}
