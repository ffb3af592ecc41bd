//! What is run beside the command itself: a truly serial program, and the same tasks in other ways.

use std::sync::Arc;

use super::Cmd;
use super::params::Params;
use crate::stop::Stop;
use crate::workload::{ArmOfRound, Context, Error, Shared, Way, Workload, definition};

/// Everything beside the command, ready to run.
pub(super) struct Beside {
    serial: Option<Box<Cmd>>,
    ways: Vec<(Way, Shared)>,
}

impl Beside {
    pub(super) fn new(params: &Params, context: &Context<'_>) -> Result<Self, Error> {
        let serial = params
            .serial_program()
            .map(|serial| Cmd::prepare(serial, context).map(Box::new));
        let ways = params.ways().into_iter().filter_map(|way| {
            let prepared = prepared(&params.in_way(way)?, context);
            Some(prepared.map(|prepared| (way, prepared)))
        });

        Ok(Self {
            serial: serial.transpose()?,
            ways: ways.collect::<Result<_, _>>()?,
        })
    }

    /// The program that the plain loop runs, where that is another one.
    pub(super) fn serial(&self) -> Option<&Cmd> {
        self.serial.as_deref()
    }

    pub(super) fn in_way(&self, way: Way) -> Option<Shared> {
        let mut ways = self.ways.iter();

        ways.find(|(known, _)| *known == way)
            .map(|(_, workload)| Arc::clone(workload))
    }

    pub(super) fn before_arm(&self, arm: ArmOfRound<'_>, stop: &Stop) -> Result<(), Error> {
        if let Some(serial) = &self.serial {
            serial.before_arm(arm, stop)?;
        }

        let mut ways = self.ways.iter();
        ways.try_for_each(|(_, way)| way.before_arm(arm, stop))
    }
}

/// The command with `params`, for every engine.
pub(super) fn prepared(params: &Params, context: &Context<'_>) -> Result<Shared, Error> {
    let params = serde_json::to_value(params)
        .map_err(|error| Error::failed(format!("parameters: {error}")))?;

    definition::<Cmd>().prepare(params, context)
}
