//! What is run beside the command itself: a truly serial program, and variants of the same tasks.

use std::sync::Arc;

use super::Cmd;
use super::params::Params;
use crate::workload::{ArmName, Context, Error, Shared, TaskVariant, Workload, definition};

/// Everything beside the command, ready to run.
pub(super) struct Companions {
    serial: Option<Box<Cmd>>,
    variants: Vec<(TaskVariant, Shared)>,
}

impl Companions {
    pub(super) fn new(params: &Params, context: &Context<'_>) -> Result<Self, Error> {
        let serial = params
            .serial_program()
            .map(|serial| Cmd::prepare(serial, context).map(Box::new));
        let variants = params.variants().into_iter().filter_map(|variant| {
            let prepared = prepared(&params.variant(variant)?, context);
            Some(prepared.map(|prepared| (variant, prepared)))
        });

        Ok(Self {
            serial: serial.transpose()?,
            variants: variants.collect::<Result<_, _>>()?,
        })
    }

    /// The program that the plain loop runs, where that is another one.
    pub(super) fn serial(&self) -> Option<&Cmd> {
        self.serial.as_deref()
    }

    pub(super) fn variant(&self, variant: TaskVariant) -> Option<Shared> {
        let mut variants = self.variants.iter();

        variants
            .find(|(known, _)| *known == variant)
            .map(|(_, workload)| Arc::clone(workload))
    }

    pub(super) fn enter_arm(&self, arm: &ArmName) {
        if let Some(serial) = &self.serial {
            serial.enter_arm(arm);
        }
        for (_, variant) in &self.variants {
            variant.enter_arm(arm);
        }
    }
}

/// The command with `params`, for every engine.
pub(super) fn prepared(params: &Params, context: &Context<'_>) -> Result<Shared, Error> {
    let params = serde_json::to_value(params)
        .map_err(|error| Error::failed(format!("parameters: {error}")))?;

    definition::<Cmd>().prepare(params, context)
}
