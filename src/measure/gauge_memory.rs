//! The memory that calibrations read and write, asked for in a way that the system may refuse.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::threads::Refused;
use parbench_kernels::block::Block;

/// Blocks that are used again in every round.
#[derive(Debug, Default)]
pub(super) struct GaugeMemory(Mutex<Vec<Block>>);

impl GaugeMemory {
    /// The blocks, at least `count` of them.
    pub(super) fn with(&self, count: usize) -> Result<MutexGuard<'_, Vec<Block>>, Refused> {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = count.saturating_sub(blocks.len());
        blocks.try_reserve_exact(missing).map_err(|_| {
            let refusal = io::Error::from(ErrorKind::OutOfMemory);
            Refused::new("the calibration", 1, 1, refusal)
        })?;

        let present = blocks.len();
        blocks.resize(present + missing, Block::default());
        Ok(blocks)
    }

    /// Gives all but `count` blocks back to the system.
    pub(super) fn keep(&self, count: usize) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);

        blocks.truncate(count);
        blocks.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stay_until_they_are_given_back_and_may_be_refused() {
        let memory = GaugeMemory::default();
        assert_eq!(memory.with(100).unwrap().len(), 100);
        assert_eq!(memory.with(10).unwrap().len(), 100);

        memory.keep(20);
        assert!(memory.with(0).unwrap().capacity() <= 20);

        let refused = memory.with(usize::MAX / 128).unwrap_err();
        let text = refused.to_string();
        assert!(text.starts_with("cannot start the calibration: "), "{text}");
    }
}
