//! Rows of limbs kept one behind another in one allocation that is used again and again. It grows only
//! once, to a size said beforehand, and never frees a part.

use std::collections::TryReserveError;

/// Rows of limbs in one contiguous arena.
#[derive(Debug, Default)]
pub struct Rows {
    limbs: Vec<u64>,
    /// Where each row ends in `limbs`.
    ends: Vec<usize>,
}

impl Rows {
    /// Empties the arena for rows of `limbs` limbs in all, keeping its memory. An error leaves it usable
    /// for less.
    pub fn begin(&mut self, rows: usize, limbs: usize) -> Result<(), TryReserveError> {
        self.ends.clear();
        self.ends.try_reserve_exact(rows)?;
        // The limbs of the last use stay: writing over them needs no fresh pages.
        self.limbs.try_reserve_exact(limbs.saturating_sub(self.limbs.len()))
    }

    /// Adds a row.
    pub fn push(&mut self, row: &[u64]) {
        let start = self.limbs_in_use();
        let end = start + row.len();
        if let Some(used) = self.limbs.get_mut(start..end) {
            used.copy_from_slice(row);
        } else {
            self.limbs.truncate(start);
            self.limbs.extend_from_slice(row);
        }
        self.ends.push(end);
    }

    /// The rows, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &[u64]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.limbs[start..end])
    }

    /// The limbs of all rows together.
    #[must_use]
    pub fn limbs_in_use(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_use_keeps_the_memory_and_none_of_the_rows() {
        let mut rows = Rows::default();
        rows.begin(3, 6).unwrap();
        for row in [&[1, 2, 3][..], &[], &[4, 5, 6]] {
            rows.push(row);
        }
        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[1, 2, 3][..], &[], &[4, 5, 6]]);
        let (place, room) = (rows.limbs.as_ptr(), rows.limbs.capacity());
        rows.begin(2, 6).unwrap();
        assert_eq!(rows.iter().count(), 0);
        rows.push(&[7]);
        rows.push(&[8, 9, 10, 11]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[7][..], &[8, 9, 10, 11]]);
        assert_eq!((rows.limbs.as_ptr(), rows.limbs.capacity(), rows.limbs_in_use()), (place, room, 5));
    }

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        let mut rows = Rows::default();
        assert!(rows.begin(1, usize::MAX / 8).is_err());
        rows.begin(1, 1).unwrap();
        rows.push(&[1]);
    }
}
