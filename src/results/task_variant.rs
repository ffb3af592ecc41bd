//! Variants of the tasks of a workload, and how they are part of an engine's name.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// The name of the other command's variant.
const OTHER: &str = "vs";
/// What follows the number of threads.
const THREADS: &str = "-thread";

/// A variant of the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskVariant {
    /// By the other command, which is compared with the first one.
    Other,
    /// With this number of threads of its own in each task.
    Threads(NonZeroUsize),
}

impl TaskVariant {
    /// The variant and the engine that the name of an engine is made of, as in `vs-pool` and
    /// `2-thread-pool`; `None` for most engines.
    #[must_use]
    pub fn of_engine(name: &str) -> Option<(Self, &str)> {
        let ends = name.match_indices('-').map(|(at, _)| at);
        let mut parts = ends.filter_map(|at| Some((name[..at].parse().ok()?, &name[at + 1..])));

        parts.next()
    }

    /// The cores that one task is for.
    #[must_use]
    pub fn cores(self) -> NonZeroUsize {
        match self {
            Self::Other => NonZeroUsize::MIN,
            Self::Threads(threads) => threads,
        }
    }
}

/// `vs`, or `2-thread`.
impl fmt::Display for TaskVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other => f.write_str(OTHER),
            Self::Threads(threads) => write!(f, "{threads}{THREADS}"),
        }
    }
}

impl FromStr for TaskVariant {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        if name == OTHER {
            return Ok(Self::Other);
        }
        let threads = name.strip_suffix(THREADS).ok_or(())?;

        threads.parse().map(Self::Threads).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_has_the_name_that_it_is_found_by() {
        for (name, cores) in [("vs", 1), ("1-thread", 1), ("16-thread", 16)] {
            let variant: TaskVariant = name.parse().unwrap();
            assert_eq!(
                (variant.to_string().as_str(), variant.cores().get()),
                (name, cores)
            );
        }
        for name in ["", "serial", "0-thread", "-thread", "two-thread", "vs-"] {
            assert_eq!(name.parse::<TaskVariant>(), Err(()), "{name}");
        }
    }

    #[test]
    fn the_name_of_an_engine_says_its_way() {
        let two = TaskVariant::Threads(NonZeroUsize::new(2).unwrap());
        for (name, parts) in [
            ("2-thread-pool", Some((two, "pool"))),
            ("vs-my-engine", Some((TaskVariant::Other, "my-engine"))),
            ("my-engine", None),
            ("pool", None),
        ] {
            assert_eq!(TaskVariant::of_engine(name), parts, "{name}");
        }
    }
}
