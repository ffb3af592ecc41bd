//! One finding about a machine, and how each kind of it is made.

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Ok,
    /// The system does not report it.
    Unknown,
    /// To be kept in mind when reading figures.
    Note,
    /// Figures will be off; something should be done first.
    Warn,
}

/// One property of a machine, and what it means for measuring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineFinding {
    /// How much it matters.
    pub mark: Mark,
    /// What is looked at.
    pub subject: &'static str,
    /// How it is here, in a few words.
    pub state: String,
    /// What that means for measuring and what to do; empty when it is as it should be.
    pub meaning: String,
}

impl MachineFinding {
    pub(super) fn fine(subject: &'static str, state: impl Into<String>) -> Self {
        Self {
            mark: Mark::Ok,
            subject,
            state: state.into(),
            meaning: String::new(),
        }
    }

    pub(super) fn unknown(subject: &'static str) -> Self {
        Self::unknown_but(subject, "unknown (the system does not report it)")
    }

    /// What is unknown in part: `state` has the rest.
    pub(super) fn unknown_but(subject: &'static str, state: impl Into<String>) -> Self {
        Self {
            mark: Mark::Unknown,
            ..Self::fine(subject, state)
        }
    }

    pub(super) fn note(
        subject: &'static str,
        state: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self {
            mark: Mark::Note,
            subject,
            state: state.into(),
            meaning: meaning.into(),
        }
    }

    pub(super) fn warn(
        subject: &'static str,
        state: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self {
            mark: Mark::Warn,
            ..Self::note(subject, state, meaning)
        }
    }
}
