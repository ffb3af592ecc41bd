//! Where an engine beyond this process ran tasks, how it came up, and what it had to do again.

use serde::{Deserialize, Serialize};

use super::ClusterKind;

/// What an engine reports of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// What kind of cluster it was, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterKind>,
    /// What starting it consisted of, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub startup: Vec<Phase>,
    /// The nodes that were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// The tasks that were done again, by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reruns: Vec<Rerun>,
    /// The slots that were lost and replaced, by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_slots: Vec<LostSlots>,
    /// Whether tasks ran on other machines than the one that measured: its cores are not theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

/// A part of starting an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What it is: `driver`, `cluster`, `slots`.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
}

/// A machine of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its number in the spans of its tasks; 0 in older runs.
    #[serde(default)]
    pub number: usize,
    /// What the cluster calls it.
    pub name: String,
    /// Tasks that could run at once on it.
    pub slots: usize,
    /// Tasks that it answered, of the workload alone.
    pub tasks: u64,
    /// The model of its CPUs, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Tasks that were lost and done again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// Why.
    pub why: String,
    /// How many.
    pub tasks: u64,
}

/// Slots of a cluster that were lost while it worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostSlots {
    /// Why.
    pub why: String,
    /// How many.
    pub slots: u64,
}

impl Placement {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Counts a slot that was lost because of `why`.
    pub fn lost_slot(&mut self, why: &str) {
        match self.lost_slots.iter_mut().find(|lost| lost.why == why) {
            Some(lost) => lost.slots += 1,
            None => self.lost_slots.push(LostSlots {
                why: why.to_owned(),
                slots: 1,
            }),
        }
    }

    /// Counts a task that is done again because of `why`.
    pub fn rerun(&mut self, why: &str) {
        match self.reruns.iter_mut().find(|rerun| rerun.why == why) {
            Some(rerun) => rerun.tasks += 1,
            None => self.reruns.push(Rerun {
                why: why.to_owned(),
                tasks: 1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reruns_add_up_by_reason() {
        let mut placement = Placement::default();
        assert!(placement.is_nothing());
        for why in ["a", "b", "a"] {
            placement.rerun(why);
        }
        let counted: Vec<_> = placement
            .reruns
            .iter()
            .map(|rerun| (rerun.why.as_str(), rerun.tasks))
            .collect();
        assert_eq!(counted, [("a", 2), ("b", 1)]);
        assert!(!placement.is_nothing());
    }
}
