//! Where an engine beyond this machine is found, and what it is driven with.

use std::ffi::OsStr;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::local::LocalRay;
use crate::printable;
use crate::units::Bytes;

/// How to reach a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Where it is.
    pub address: Address,
    /// The Python that drives it.
    pub python: Python,
    /// How long a task may take before it is done elsewhere; what is usual when it is not given.
    pub task_timeout: Option<Duration>,
    /// How long each step of starting may take; what is usual there when it is not given.
    pub start_timeout: Option<Duration>,
    /// What tasks together may hold on one of its machines; each machine's own memory counts where
    /// this is `None`.
    pub memory: Option<Bytes>,
    /// The one that is started for the run, where the address asks for that.
    pub local: LocalRay,
}

/// A Python interpreter: a path or a name to look up, UTF-8 or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python(PathBuf);

impl From<PathBuf> for Python {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl AsRef<OsStr> for Python {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable::path(&self.0))
    }
}

/// Where a cluster is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// One that is started for the run, on this machine only.
    #[default]
    Local,
    /// The one that this machine is a node of, as Ray itself finds it: `RAY_ADDRESS`, or what runs
    /// here.
    Auto,
    /// One that runs.
    Running {
        /// Its name or number.
        host: String,
        /// The port of its control service.
        port: u16,
    },
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            address: Address::Local,
            python: PathBuf::from(Self::PYTHON).into(),
            task_timeout: None,
            start_timeout: None,
            memory: None,
            local: LocalRay::default(),
        }
    }
}

impl Cluster {
    /// The Python unless another is named.
    pub const PYTHON: &str = "python3";
    /// The longest that a task may take unless the user says so.
    pub const TASK_TIMEOUT: Duration = Duration::from_mins(10);

    /// How long a task may take.
    #[must_use]
    pub fn longest_task(&self) -> Duration {
        self.task_timeout.unwrap_or(Self::TASK_TIMEOUT)
    }
}

impl Address {
    /// Whether it is on this machine, reached by no network.
    #[must_use]
    pub fn is_here(&self) -> bool {
        match self {
            Self::Local => true,
            // Ray's own settings on this machine decide.
            Self::Auto => false,
            Self::Running { host, .. } => {
                host == "localhost"
                    || host
                        .parse()
                        .is_ok_and(|number: IpAddr| number.is_loopback())
            }
        }
    }
}

impl FromStr for Address {
    type Err = String;

    /// `local`, `auto` or `HOST:PORT`, an IPv6 number in brackets.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => return Ok(Self::Local),
            "auto" => return Ok(Self::Auto),
            _ => {}
        }

        let port = "HOST:PORT of the cluster's control service (6379 unless `ray start --head` was given another)";
        if text.starts_with("ray://") {
            return Err(format!(
                "is for Ray Client, which parbench does not use: on a node of the cluster give auto, or the {port}"
            ));
        }
        if text.contains("://") {
            return Err(format!(
                "is for the dashboard and its jobs: submit parbench as one, with `ray job submit --address {text}` and \
                 the address auto, or on a node of the cluster give auto, or the {port}"
            ));
        }

        let wrong = || "must be local, auto or HOST:PORT, such as 10.0.0.5:6379".to_owned();
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let ambiguous = bare == host && host.contains(':');

        match port.parse() {
            Ok(port) if port > 0 && !host.is_empty() && !ambiguous => Ok(Self::Running {
                host: bare.to_owned(),
                port,
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Auto => f.write_str("auto"),
            Self::Running { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Running { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back_as_they_are_shown() {
        for text in [
            "local",
            "auto",
            "10.0.0.5:6379",
            "head.example:1",
            "[::1]:6379",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_how_to_fix_it() {
        for wrong in [
            "",
            "automatic",
            "host",
            ":6379",
            "host:0",
            "host:port",
            "host:99999",
            "::1:6379",
        ] {
            assert!(
                wrong.parse::<Address>().unwrap_err().contains("HOST:PORT"),
                "{wrong}"
            );
        }
        for (wrong, words) in [
            ("ray://host:10001", ["Ray Client", "auto", "HOST:PORT"]),
            (
                "http://127.0.0.1:8265",
                [
                    "dashboard",
                    "ray job submit --address http://127.0.0.1:8265",
                    "auto",
                ],
            ),
        ] {
            let error = wrong.parse::<Address>().unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
