//! What kind of cluster an engine ran on: enough to see that two runs had different ones.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A cluster, as far as times depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ClusterKind {
    /// One that was started for the run on the machine that measures.
    Local,
    /// One that ran already.
    Joined {
        /// Its nodes, those that were not used included.
        nodes: usize,
        /// The CPUs of all of them.
        cpus: usize,
    },
}

impl fmt::Display for ClusterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("a local Ray"),
            Self::Joined { nodes, cpus } => {
                let plural = |count: usize| if count == 1 { "" } else { "s" };
                write!(
                    f,
                    "a cluster of {nodes} node{} with {cpus} CPU{}",
                    plural(*nodes),
                    plural(*cpus)
                )
            }
        }
    }
}
