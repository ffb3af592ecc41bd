//! Failures as data: what failed, and which settings may be changed so that it works. Settings are
//! named by what they are. What the user types for them is known where the command line is: it
//! words the same data with its own flags.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What failed, and what may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What failed, as a line without a full stop.
    pub message: String,
    /// What may be changed, each change by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Remedy>,
}

/// A change of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// What to change.
    pub setting: Setting,
    /// In which way.
    pub change: Change,
}

/// Something that the user can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// A parameter of the workload, by the name that its stored form has.
    Parameter(String),
    /// The memory that running tasks together may hold.
    Memory,
    /// The number of workers.
    Workers,
    /// The Ray cluster to join.
    RayAddress,
    /// The Python that has Ray.
    Python,
    /// The time that a task in another process may take.
    TaskTimeout,
    /// The time that a step of starting an engine may take.
    StartTimeout,
    /// The time that another program may take for a step.
    StepTimeout,
}

/// How a setting may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// To this value.
    To(String),
    /// To this value or a smaller one.
    AtMost(String),
    /// To a smaller value.
    Smaller,
    /// To a larger value.
    Larger,
    /// To another value.
    Another,
}

/// What settings are called.
pub trait Wording {
    /// What `setting` of `workload` is called; `None` where it cannot be changed. The name of the
    /// workload is empty in failures of anything else.
    fn name(&self, workload: &str, setting: &Setting) -> Option<String>;

    /// What to do instead, where the changes of `remedies` are wanted but cannot be made; `None` if
    /// there is nothing.
    fn instead(&self, remedies: &[Remedy]) -> Option<String>;
}

/// The names of settings where nothing is known of a command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Wording for Plain {
    fn name(&self, _workload: &str, setting: &Setting) -> Option<String> {
        Some(setting.to_string())
    }

    fn instead(&self, _remedies: &[Remedy]) -> Option<String> {
        None
    }
}

impl Failure {
    /// A failure that nothing is known to help against.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedies: Vec::new(),
        }
    }

    /// The same failure, against which a change of `setting` helps, too.
    #[must_use]
    pub fn or(mut self, setting: Setting, change: Change) -> Self {
        self.remedies.push(Remedy { setting, change });
        self
    }

    /// The failure of `workload` as a line, with settings called as `wording` has it.
    #[must_use]
    pub fn worded(&self, workload: &str, wording: &dyn Wording) -> String {
        let mut phrases = Vec::new();
        let mut impossible = Vec::new();
        for remedy in &self.remedies {
            match wording.name(workload, &remedy.setting) {
                Some(name) => phrases.push(remedy.phrase(&name)),
                None => impossible.push(remedy.clone()),
            }
        }

        let mut line = self.message.clone();
        if !phrases.is_empty() {
            line = format!("{line}; use {}", alternatives(&phrases));
        }
        if let Some(instead) = wording
            .instead(&impossible)
            .filter(|_| !impossible.is_empty())
        {
            let conjunction = if phrases.is_empty() { ";" } else { ", or" };
            line = format!("{line}{conjunction} {instead}");
        }
        line
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.worded("", &Plain))
    }
}

impl std::error::Error for Failure {}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl Remedy {
    /// The change with the setting's `name`, as it follows "use".
    #[must_use]
    pub fn phrase(&self, name: &str) -> String {
        match (&self.change, &self.setting) {
            (Change::To(value), _) => format!("{name} {value}"),
            (Change::AtMost(value), _) => format!("{name} {value} or less"),
            (Change::Smaller, Setting::Workers) => format!("fewer {name}"),
            (Change::Smaller, _) => format!("a smaller {name}"),
            (Change::Larger, Setting::Workers | Setting::Memory) => format!("more {name}"),
            (
                Change::Larger,
                Setting::TaskTimeout | Setting::StartTimeout | Setting::StepTimeout,
            ) => format!("a longer {name}"),
            (Change::Larger, _) => format!("a larger {name}"),
            (Change::Another, _) => format!("another {name}"),
        }
    }
}

impl Setting {
    /// The workload's parameter called `name`.
    #[must_use]
    pub fn parameter(name: &str) -> Self {
        Self::Parameter(name.to_owned())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameter(name) => name,
            Self::Memory => "memory",
            Self::Workers => "workers",
            Self::RayAddress => "address of Ray",
            Self::Python => "Python",
            Self::TaskTimeout => "time limit of a task",
            Self::StartTimeout => "time limit of starting",
            Self::StepTimeout => "time limit of a step",
        })
    }
}

/// `a`, `a or b`, `a, b, or c`.
#[must_use]
pub fn alternatives(phrases: &[String]) -> String {
    let is_ambiguous = phrases.len() > 2 || phrases.iter().any(|phrase| phrase.contains(" or "));
    let conjunction = if is_ambiguous { ", or" } else { " or" };

    match phrases.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{}{conjunction} {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn too_large() -> Failure {
        Failure::new("a task needs 2 GB of memory, this run may use 1 GB")
            .or(Setting::parameter("keep"), Change::To("last".to_owned()))
            .or(Setting::parameter("size"), Change::AtMost("7".to_owned()))
            .or(Setting::Memory, Change::Larger)
    }

    /// A command line on which memory is the only setting.
    struct MemoryOnly;

    impl Wording for MemoryOnly {
        fn name(&self, _workload: &str, setting: &Setting) -> Option<String> {
            (*setting == Setting::Memory).then(|| "--memory".to_owned())
        }

        fn instead(&self, remedies: &[Remedy]) -> Option<String> {
            let phrases: Vec<_> = remedies
                .iter()
                .map(|remedy| remedy.phrase(&remedy.setting.to_string()))
                .collect();
            Some(format!("plan again with {}", alternatives(&phrases)))
        }
    }

    #[test]
    fn a_failure_lists_what_may_be_changed() {
        assert_eq!(
            too_large().to_string(),
            "a task needs 2 GB of memory, this run may use 1 GB; use keep last, \
             size 7 or less, or more memory"
        );
        assert_eq!(Failure::new("it is gone").to_string(), "it is gone");
        let workers = Failure::new("refused").or(Setting::Workers, Change::Smaller);
        assert_eq!(workers.to_string(), "refused; use fewer workers");
    }

    #[test]
    fn what_cannot_be_changed_is_left_to_the_command_line() {
        assert_eq!(
            too_large().worded("fib", &MemoryOnly),
            "a task needs 2 GB of memory, this run may use 1 GB; use more --memory, or plan again with \
             keep last, or size 7 or less"
        );
        let parameter =
            Failure::new("it is too large").or(Setting::parameter("side"), Change::Smaller);
        assert_eq!(
            parameter.worded("image", &MemoryOnly),
            "it is too large; plan again with a smaller side"
        );
    }

    #[test]
    fn a_failure_is_stored_with_its_remedies() {
        let text = serde_json::to_string(&too_large()).unwrap();
        assert!(
            text.contains(r#"{"setting":"memory","change":"larger"}"#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Failure>(&text).unwrap(), too_large());
        let bare = r#"{"message":"it is gone"}"#;
        assert_eq!(
            serde_json::from_str::<Failure>(bare).unwrap(),
            Failure::new("it is gone")
        );
    }
}
