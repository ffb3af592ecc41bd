//! A short name for bytes, the same in every version of the program. It tells stored runs apart; it
//! is no protection against anybody.

/// The 64 bits of FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo) of `bytes`, in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;

    let hash = bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The authors' own test vectors.
    #[test]
    fn digests_are_the_published_ones() {
        assert_eq!(digest(b""), "cbf29ce484222325");
        assert_eq!(digest(b"a"), "af63dc4c8601ec8c");
        assert_eq!(digest(b"foobar"), "85944171f73967e8");
    }
}
