//! That a run is a first answer: few rounds, and less work where the usual work takes long.

use serde::{Deserialize, Serialize};

/// A first answer. Such a run is shown and stored, and it is no basis for a later judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quick {
    /// The parameters whose usual values were too large for a first answer.
    pub smaller: Vec<SmallerWork>,
}

/// A parameter that is smaller than usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallerWork {
    /// The workload.
    pub workload: String,
    /// The parameter's name.
    pub parameter: String,
    /// The value that it had instead of the usual one.
    pub value: String,
}
