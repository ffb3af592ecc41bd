//! Memory that the system may refuse: asked for in a way that gives an error instead of ending the
//! process.

use super::broken::Broken;
use crate::units::Bytes;

/// glibc maps each block that is larger than this, and unmaps it when it is given back. Smaller ones
/// may stay with the thread, up to twice this much (`M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD` of
/// mallopt(3)), where nobody counts them.
const ALWAYS_MAPPED: usize = 32 << 20;
/// Smaller ones than this may well stay.
const SMALL: usize = 1 << 20;

/// `length` values, all of them zero.
pub(super) fn zeroed<T: Copy + Default>(length: usize) -> Result<Vec<T>, Broken> {
    let mut values = Vec::new();
    reserve(&mut values, length)?;
    values.resize(length, T::default());

    Ok(values)
}

/// Makes room in `values` for `length` values in total, which are given back to the system in the
/// end. What is reserved for that beyond `length` takes no memory, as it is never touched.
pub(super) fn reserve<T>(values: &mut Vec<T>, length: usize) -> Result<(), Broken> {
    let missing = |length: usize| length.saturating_sub(values.len());
    let bytes = length.saturating_mul(size_of::<T>());
    let mapped = ALWAYS_MAPPED / size_of::<T>().max(1) + 1;

    let (exactly, more) = (missing(length), missing(length.max(mapped)));
    if bytes >= SMALL && values.try_reserve_exact(more).is_ok() {
        return Ok(());
    }
    values
        .try_reserve_exact(exactly)
        .map_err(|_| Broken::Refused(Bytes(bytes as u64)))
}

/// Makes sure that the system would grant `bytes` more, for a library that would otherwise end the
/// process. They are given back at once, so another thread may still take them.
pub(super) fn probe(bytes: Bytes) -> Result<(), Broken> {
    let length = usize::try_from(bytes.0).map_err(|_| Broken::Refused(bytes))?;
    let mut block = Vec::<u8>::new();
    block
        .try_reserve_exact(length)
        .map_err(|_| Broken::Refused(bytes))?;

    // An allocation that is never looked at may be optimised away.
    std::hint::black_box(&block);

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_system_grants_is_an_error() {
        let zeroed_values = zeroed::<u16>(usize::MAX / 4);
        assert!(matches!(zeroed_values, Err(Broken::Refused(_))));

        let probed = probe(Bytes(u64::MAX / 2));
        assert!(matches!(probed, Err(Broken::Refused(_))));

        assert!(probe(Bytes(1000)).is_ok());
        assert_eq!(zeroed::<i16>(3).unwrap(), [0; 3]);
    }
}
