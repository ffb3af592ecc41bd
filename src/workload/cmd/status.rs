//! How programs end: exit codes and signals, which of them are no failure, and their names.

use std::fmt;
use std::process::ExitStatus;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// With this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

/// Exit codes that are no failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) enum Ignored {
    /// Every exit code and every signal.
    All,
    /// These exit codes.
    Codes(Vec<i32>),
}

impl Status {
    pub(super) fn is_failure(self, ignored: Option<&Ignored>) -> bool {
        match (self, ignored) {
            (Self::Exit(0), _) | (_, Some(Ignored::All)) => false,
            (Self::Exit(code), Some(Ignored::Codes(codes))) => !codes.contains(&code),
            _ => true,
        }
    }
}

impl From<ExitStatus> for Status {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }

        Self::Exit(status.code().unwrap_or(-1))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exit(code) => write!(f, "exit code {code}"),
            #[cfg(unix)]
            Self::Signal(number) => match nix::sys::signal::Signal::try_from(number) {
                Ok(signal) => write!(f, "{signal}"),
                Err(_) => write!(f, "signal {number}"),
            },
            #[cfg(not(unix))]
            Self::Signal(number) => write!(f, "signal {number}"),
        }
    }
}

impl FromStr for Ignored {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }

        let code = |code: &str| match code.trim().parse() {
            Ok(code @ 0..=255) => Ok(code),
            _ => Err(format!(
                "{code:?} is no exit code: give numbers from 0 to 255 such as 1,2, or all"
            )),
        };
        text.split(',')
            .map(code)
            .collect::<Result<_, _>>()
            .map(Self::Codes)
    }
}

impl TryFrom<String> for Ignored {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Ignored> for String {
    fn from(ignored: Ignored) -> Self {
        match ignored {
            Ignored::All => "all".to_owned(),
            Ignored::Codes(codes) => {
                let codes: Vec<String> = codes.iter().map(i32::to_string).collect();
                codes.join(",")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_any_other_end_unless_it_is_ignored() {
        let codes: Ignored = "1,3".parse().unwrap();
        let all: Ignored = "all".parse().unwrap();
        for (status, plain, with_codes, with_all) in [
            (Status::Exit(0), false, false, false),
            (Status::Exit(1), true, false, false),
            (Status::Exit(2), true, true, false),
            (Status::Signal(9), true, true, false),
        ] {
            assert_eq!(status.is_failure(None), plain, "{status}");
            assert_eq!(status.is_failure(Some(&codes)), with_codes, "{status}");
            assert_eq!(status.is_failure(Some(&all)), with_all, "{status}");
        }
    }

    #[test]
    fn wrong_codes_are_named() {
        assert_eq!(
            "1,x".parse::<Ignored>(),
            Err("\"x\" is no exit code: give numbers from 0 to 255 such as 1,2, or all".to_owned())
        );
        assert!("256".parse::<Ignored>().is_err());
        assert_eq!(String::from("1,3".parse::<Ignored>().unwrap()), "1,3");
    }

    #[cfg(unix)]
    #[test]
    fn signals_have_their_names() {
        assert_eq!(Status::Signal(11).to_string(), "SIGSEGV");
        assert_eq!(Status::Exit(3).to_string(), "exit code 3");
    }
}
