//! The workload `program` as the command line and plans know it, before its program is started.

use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::Value;

use super::conversation::Conversation;
use super::params::{Flags, Parameters};
use super::prepared::Foreign;
use crate::results::PROGRAM;
use crate::workload::{self, Context, Error, Shared, WorkerProgram};

pub(super) struct Program;

impl workload::Definition for Program {
    fn name(&self) -> &str {
        PROGRAM
    }

    fn about(&self) -> &'static str {
        "Your own functions in any language, by the worker protocol"
    }

    fn belongs_to_all(&self) -> bool {
        false
    }

    fn runs_in_process(&self) -> bool {
        false
    }

    fn brings_worker(&self) -> bool {
        true
    }

    fn worker_program(&self, params: &Value) -> Option<WorkerProgram> {
        read(params).ok()?.program()
    }

    fn command(&self, params: &Value) -> Option<String> {
        Some(self.worker_program(params)?.shown())
    }

    fn arguments(&self, command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn parse(&self, matches: &ArgMatches) -> Result<Value, clap::Error> {
        let params = Parameters::new(Flags::from_arg_matches(matches)?);

        serde_json::to_value(params)
            .map_err(|error| clap::Error::raw(ErrorKind::InvalidValue, error))
    }

    fn prepare(&self, params: Value, context: &Context<'_>) -> Result<Shared, Error> {
        let stored = read(&params)
            .map_err(|error| Error::failed(format!("stored parameters do not fit: {error}")))?;
        let program = stored
            .program()
            .ok_or_else(|| Error::failed("stored parameters do not fit: they name no program"))?;

        let conversation = Conversation::begin(program, stored.workload, stored.params, context)?;
        Ok(Arc::new(Foreign::new(conversation)?))
    }
}

/// What the stored parameters say.
pub(super) fn read(params: &Value) -> Result<Parameters, serde_json::Error> {
    serde_json::from_value(params.clone())
}
