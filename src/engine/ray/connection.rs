//! The conversation with a driver whose slots stand ready: commands, and what its lines add up to.

use super::driver::Driver;
use super::nodes::Nodes;
use super::protocol::{Command, Done, Finished, Message};
use super::trouble::{unexpected, with_remedies};
use crate::engine::Error;
use crate::results::{ClusterKind, ClusterUse, Placement};
use crate::stop::Stop;

/// A driver, and what is known of the cluster behind it.
pub(super) struct Connection {
    pub(super) driver: Driver,
    pub(super) nodes: Nodes,
    /// What was lost and what was done again.
    pub(super) losses: Placement,
    /// What the commands since this was last taken had of the cluster.
    pub(super) cluster_use: Option<ClusterUse>,
}

impl Connection {
    /// With `driver`, whose cluster is of this `kind` and has these `nodes`.
    pub(super) fn new(driver: Driver, nodes: Nodes, kind: ClusterKind) -> Self {
        Self {
            driver,
            nodes,
            losses: Placement {
                cluster: Some(kind),
                ..Placement::default()
            },
            cluster_use: None,
        }
    }

    /// Sends a command and waits until it is over. Returns the answers of its tasks.
    pub(super) fn run(&mut self, command: &Command, stop: &Stop) -> Result<Vec<Done>, Error> {
        self.driver.send(command, stop)?;

        let mut answers = Vec::new();
        let mut failure = None;
        loop {
            match self.driver.receive_while_busy(stop)? {
                Message::Done(done) => answers.push(done),
                Message::Rerun { why } => self.losses.rerun(&why),
                Message::Lost { why } => self.losses.lost_slot(&why),
                Message::Node(node) => self.nodes.add(node),
                Message::Failed { kind, message } if kind == "task" || kind == "memory" => {
                    failure = Some(Error::Failed(with_remedies(&kind, message)));
                }
                // The rounds before it stand.
                Message::Failed { kind, message } => {
                    failure = Some(Error::Lost(with_remedies(&kind, message)));
                }
                Message::Trouble { kind, message } => {
                    return Err(Error::Lost(with_remedies(&kind, message)));
                }
                Message::Finished(finished) => {
                    self.note(finished);
                    return failure.map_or(Ok(answers), Err);
                }
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// Forgets what was lost and who did which tasks.
    pub(super) fn forget(&mut self) {
        self.losses.reruns.clear();
        self.losses.lost_slots.clear();
        self.nodes.forget_tasks();
    }

    fn note(&mut self, finished: Finished) {
        let used = self.cluster_use.get_or_insert(ClusterUse {
            slots: finished.slots,
            held_s: 0.0,
        });
        used.slots = used.slots.min(finished.slots);
        // One silence of the control service may last over several commands.
        used.held_s = used.held_s.max(finished.held);

        if let Some(placed) = finished.placed {
            self.nodes.place(placed);
        }
    }
}
