//! Which instruction set the kernels use: what the CPU has, and what the user chose.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// An instruction set that kernels have variants for, widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// 512-bit vectors of x86-64 (F, BW, DQ, VL).
    Avx512,
    /// 256-bit vectors of x86-64.
    Avx2,
    /// 128-bit vectors of aarch64.
    Neon,
    /// What every CPU of the target has: one value after another.
    Portable,
}

/// What the user chose, once the program has begun.
static SELECTED: OnceLock<Isa> = OnceLock::new();

impl Isa {
    /// Every variant, widest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable];

    /// The widest that this CPU can run.
    #[must_use]
    pub fn detect() -> Self {
        Self::ALL
            .into_iter()
            .find(|isa| isa.is_available())
            .unwrap_or(Self::Portable)
    }

    /// The one that this process uses: the selected one, or else the widest.
    #[must_use]
    pub fn selected() -> Self {
        SELECTED.get().copied().unwrap_or_else(Self::detect)
    }

    /// Makes `isa` the instruction set of this process. The first choice stays: one process, one
    /// instruction set. False if this CPU cannot run it, or if another choice was made before.
    #[must_use]
    pub fn select(isa: Self) -> bool {
        isa.is_available() && *SELECTED.get_or_init(|| isa) == isa
    }

    /// Whether this CPU can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            // Every aarch64 target that has a standard library has it.
            Self::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
            Self::Portable => true,
        }
    }

    /// Its name on the command line and in stored runs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }
}

impl FromStr for Isa {
    type Err = String;

    /// Reads the name of an instruction set that this CPU can run.
    fn from_str(name: &str) -> Result<Self, String> {
        let names = || {
            let usable = Self::ALL.into_iter().filter(|isa| isa.is_available());
            usable.map(Self::name).collect::<Vec<_>>().join(", ")
        };

        match Self::ALL.into_iter().find(|isa| isa.name() == name) {
            Some(isa) if isa.is_available() => Ok(isa),
            Some(_) => Err(format!("this CPU cannot run it; it runs {}", names())),
            None => Err(format!("use auto, or one that this CPU runs: {}", names())),
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_or_refused_with_the_usable_ones() {
        for isa in Isa::ALL {
            match isa.name().parse::<Isa>() {
                Ok(read) => assert_eq!((read, isa.is_available()), (isa, true)),
                Err(refusal) => {
                    assert!(!isa.is_available(), "{isa}");

                    assert!(
                        refusal.contains("cannot run it") && refusal.contains("portable"),
                        "{refusal}"
                    );
                }
            }
        }

        assert!("sse9".parse::<Isa>().unwrap_err().contains("auto"));
        assert!(Isa::Portable.is_available() && Isa::detect().is_available());
    }
}
