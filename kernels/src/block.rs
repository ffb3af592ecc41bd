//! Eight limbs on one cache line: the unit in which rows of limbs are added, kept and padded.

/// Limbs of 64 bits in a block.
pub const LIMBS: usize = 8;

/// Eight limbs, least significant first, on a cache line of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Block(pub [u64; LIMBS]);

/// How many blocks hold `limbs` limbs.
#[must_use]
pub fn blocks_for(limbs: usize) -> usize {
    limbs.div_ceil(LIMBS)
}

/// The limbs of neighbouring blocks, one after another.
#[must_use]
pub fn limbs(blocks: &[Block]) -> &[u64] {
    // SAFETY: a block is eight limbs and nothing else (`repr(C)`, 64 bytes of 64), and the blocks
    // of a slice have no gaps between them; so the same bytes are that many limbs, borrowed for as
    // long.
    #[expect(unsafe_code, reason = "a view of the same bytes")]
    unsafe {
        std::slice::from_raw_parts(blocks.as_ptr().cast(), blocks.len() * LIMBS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_their_limbs_without_gaps() {
        assert_eq!((size_of::<Block>(), align_of::<Block>()), (64, 64));

        let blocks = [
            Block(std::array::from_fn(|k| k as u64)),
            Block(std::array::from_fn(|k| 8 + k as u64)),
        ];
        assert_eq!(limbs(&blocks), (0..16).collect::<Vec<_>>());
        assert_eq!(limbs(&[]), [0; 0]);
        assert_eq!([0, 1, 8, 9].map(blocks_for), [0, 1, 1, 2]);
    }
}
