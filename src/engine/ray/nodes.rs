//! The nodes of a cluster that have slots, or had some.

use std::collections::BTreeMap;

use super::protocol::Node;
use crate::results;

/// The nodes, by the numbers that the driver gives them.
#[derive(Default)]
pub(super) struct Nodes(BTreeMap<usize, UsedNode>);

struct UsedNode {
    /// Whether it is this machine.
    here: bool,
    stored: results::Node,
}

impl Nodes {
    /// Adds a node that is used from now on.
    pub(super) fn add(&mut self, node: Node) {
        let stored = results::Node {
            number: node.number,
            name: node.name,
            slots: 0,
            tasks: 0,
            model: node.model,
        };
        let used = UsedNode {
            here: node.here,
            stored,
        };
        self.0.insert(node.number, used);
    }

    /// Notes how many slots each node has, by its number. A node keeps the most that it ever had.
    pub(super) fn place(&mut self, slots: BTreeMap<usize, usize>) {
        for (number, slots) in slots {
            if let Some(node) = self.0.get_mut(&number) {
                node.stored.slots = node.stored.slots.max(slots);
            }
        }
    }

    /// Counts a task that a node has answered.
    pub(super) fn count_task(&mut self, number: usize) {
        if let Some(node) = self.0.get_mut(&number) {
            node.stored.tasks += 1;
        }
    }

    /// Counts the tasks of every node from 0 again.
    pub(super) fn forget_tasks(&mut self) {
        for node in self.0.values_mut() {
            node.stored.tasks = 0;
        }
    }

    /// What the cluster calls a node.
    pub(super) fn name(&self, number: usize) -> &str {
        self.0
            .get(&number)
            .map_or("of the cluster", |node| &node.stored.name)
    }

    /// The nodes that were used, as they are stored.
    pub(super) fn stored(&self) -> Vec<results::Node> {
        self.used().map(|node| node.stored.clone()).collect()
    }

    /// Whether one that was used is another machine.
    pub(super) fn are_elsewhere(&self) -> bool {
        self.used().any(|node| !node.here)
    }

    fn used(&self) -> impl Iterator<Item = &UsedNode> {
        let nodes = self.0.values();

        nodes.filter(|node| node.stored.slots > 0 || node.stored.tasks > 0)
    }
}
