//! The conversation with a driver whose slots stand ready: what it is asked for, and what its lines add up to.

use super::driver::Driver;
use super::nodes::Nodes;
use super::protocol::{Ask, Done, Finished, Said};
use super::trouble::unexpected;
use crate::engine::Error;
use crate::results::{ClusterUse, Placement};
use crate::stop::Stop;

/// A driver, and what is known of the cluster behind it.
pub(super) struct Connection {
    pub(super) driver: Driver,
    pub(super) nodes: Nodes,
    /// What was lost and what was done again.
    pub(super) losses: Placement,
    /// What the last batch had of the cluster.
    pub(super) cluster_use: Option<ClusterUse>,
}

impl Connection {
    /// Asks the driver for something and listens until that is over. Returns the answers of the tasks.
    pub(super) fn ask(&mut self, ask: &Ask, stop: &Stop) -> Result<Vec<Done>, Error> {
        self.driver.send(ask, stop)?;

        let mut answers = Vec::new();
        let mut failure = None;
        loop {
            match self.driver.hear_busy(stop)? {
                Said::Done(done) => answers.push(done),
                Said::Rerun { why } => self.losses.rerun(&why),
                Said::Lost { why } => self.losses.lost_slot(&why),
                Said::Node(node) => self.nodes.add(node),
                Said::Failed { kind, message } if kind == "task" => {
                    failure = Some(Error::Failed(message));
                }
                // The rounds before it stand.
                Said::Failed { message, .. } => failure = Some(Error::Lost(message)),
                Said::Trouble { message, .. } => return Err(Error::Lost(message)),
                Said::Finished(finished) => {
                    self.note(finished);
                    return failure.map_or(Ok(answers), Err);
                }
                other => return Err(unexpected(&other)),
            }
        }
    }

    fn note(&mut self, finished: Finished) {
        self.cluster_use = Some(ClusterUse {
            slots: finished.slots,
            held_s: finished.held,
        });
        if let Some(placed) = finished.placed {
            self.nodes.place(placed);
        }
    }
}
