//! What a task of `fib` keeps, the memory that it holds for it, and the errors for tasks that do
//! not fit.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::failure::{Change, Failure, Setting};
use crate::units::Bytes;
use crate::workload::Error;
use parbench_kernels::block::Block;
use parbench_kernels::fibonacci::{blocks_of_all, limbs_of};

// No doc comments on the variants: they would turn every --help of this command into its long form.
/// What a task keeps of its terms: all of them or the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Keep {
    All,
    Last,
}

/// The memory that a running task holds: its list with the rows' ends, and the pair that it
/// computes with.
pub(super) fn task_bytes(size: usize, keep: Keep) -> Bytes {
    let word = size_of::<u64>() as u64;
    let pair = 2 * word * limbs_of(size) as u64;

    match keep {
        Keep::All => {
            let list = (size_of::<Block>() * blocks_of_all(size)) as u64;
            let ends = word * size as u64;
            Bytes(list + ends + pair)
        }
        Keep::Last => Bytes(pair),
    }
}

/// The error for a task that needs more than `memory`.
pub(super) fn too_large(size: usize, keep: Keep, memory: Bytes) -> Error {
    let needed = task_bytes(size, keep);
    let mut failure = Failure::new(format!(
        "a task of {size} terms needs {needed} of memory, this run may use {memory}"
    ));

    // Changes that would not help are left out.
    if keep == Keep::All && task_bytes(size, Keep::Last) <= memory {
        failure = failure.or(Setting::parameter("keep"), Change::To("last".to_owned()));
    }
    let fitting = largest_size(size, keep, memory);
    if fitting > 0 {
        let at_most = Change::AtMost(fitting.to_string());
        failure = failure.or(Setting::parameter("size"), at_most);
    }

    failure.or(Setting::Memory, Change::Larger).into()
}

/// The largest size below `too_large` whose task fits in `memory`; 0 if not even one term fits.
fn largest_size(mut too_large: usize, keep: Keep, memory: Bytes) -> usize {
    let mut fitting = 0;

    while fitting + 1 < too_large {
        let middle = usize::midpoint(fitting, too_large);
        if task_bytes(middle, keep) <= memory {
            fitting = middle;
        } else {
            too_large = middle;
        }
    }

    fitting
}

/// The error for a list that the system has no memory for, although the run may use it.
pub(super) fn refused_by_system(index: usize, needed: Bytes) -> Error {
    let number = index + 1;
    let message = format!("task {number}: the system refused {needed} of memory");

    Failure::new(message)
        .or(Setting::parameter("keep"), Change::To("last".to_owned()))
        .or(Setting::parameter("size"), Change::Smaller)
        .or(Setting::Workers, Change::Smaller)
        .into()
}
