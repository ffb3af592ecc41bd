//! What Ray's refusals mean for the user. Ray names addresses of its own and explains little; each
//! message here quotes the address that the user chose, and what to try.

use std::time::Duration;

use super::protocol::Message;
use crate::engine::{Address, Cluster, Error};
use crate::failure::{Change, Failure, Setting};

/// Where a token comes from, in the order in which Ray looks.
const TOKENS: &str =
    "RAY_AUTH_TOKEN, the file that RAY_AUTH_TOKEN_PATH names, or ~/.ray/auth_token";

/// The cluster that was asked for, and the Python that was to reach it.
pub(super) struct Place<'a> {
    pub(super) cluster: &'a Cluster,
    /// The version.
    pub(super) python: String,
    pub(super) executable: String,
    /// The version.
    pub(super) ray: String,
}

impl Place<'_> {
    /// What it means that the driver ended before it said hello.
    pub(super) fn no_hello(cluster: &Cluster) -> impl Fn(Error) -> Error {
        let python = cluster.python.clone();

        move |error| match error {
            Error::Lost(failure) => {
                let why = failure
                    .message
                    .rsplit_once(": ")
                    .map_or(String::new(), |(_, last)| format!(" ({last})"));
                let message = format!("{python} is not a Python 3 that can import Ray{why}");
                Error::failed(Failure::new(message).or(Setting::Python, Change::Another))
            }
            other => other,
        }
    }

    /// What a refusal of `kind` means. The message is the error's text with those of its causes.
    pub(super) fn trouble(&self, kind: &str, message: &str) -> Error {
        let explained = self
            .token(message)
            .or_else(|| self.versions(message))
            .or_else(|| self.no_node(message));
        let first = message
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim();
        let Self {
            cluster,
            python,
            executable,
            ray,
        } = self;
        let address = &cluster.address;

        Error::Failed(match (kind, explained) {
            ("slots" | "late" | "silent", _) => with_remedies(kind, message.to_owned()),
            ("node", _) => Failure::new(format!("{message}{}", token_mode_hint(message))),
            (_, Some(explained)) => explained,
            ("ConnectionError" | "RpcError" | "ValueError", None) if *address != Address::Local => {
                Failure::new(self.cannot_join(""))
            }
            _ if *address == Address::Local => Failure::new(format!(
                "a local Ray cannot start with {executable} (Ray {ray}, Python {python}): {kind}: {first}"
            )),
            _ => Failure::new(format!("Ray cannot start at {address}: {kind}: {first}")),
        })
    }

    /// What it means that joining took longer than `limit`.
    pub(super) fn no_answer(&self, limit: Duration) -> Error {
        let seconds = limit.as_secs_f64();
        let message = if self.cluster.address == Address::Local {
            format!("the local Ray did not answer within {seconds} s")
        } else {
            self.cannot_join(&format!(" within {seconds} s"))
        };

        Error::failed(Failure::new(message).or(Setting::StartTimeout, Change::Larger))
    }

    fn cannot_join(&self, when: &str) -> String {
        let Self {
            cluster,
            python,
            executable,
            ray,
        } = self;

        format!(
            "cannot join a Ray cluster at {}{when}: this may not be the address of a Ray head, the head may be stopped, or it \
             may run other versions than {executable} (Ray {ray}, Python {python}), which must be the cluster's: \
             compare `ray --version` on the head",
            cluster.address
        )
    }

    /// A token that is missing or another than the cluster's.
    fn token(&self, message: &str) -> Option<Failure> {
        let address = &self.cluster.address;

        if message.contains("InvalidAuthToken")
            && message.contains("RAY_AUTH_MODE is currently 'disabled'")
        {
            return Some(Failure::new(format!(
                "the Ray cluster at {address} asks for a token: set RAY_AUTH_MODE=token, and give the cluster's token in \
                 {TOKENS}"
            )));
        }
        if message.contains("InvalidAuthToken") {
            return Some(Failure::new(format!(
                "the Ray cluster at {address} refuses the token that was found in {TOKENS} (the first that is set \
                 counts): give the cluster's, which `ray get-auth-token` prints on its head"
            )));
        }
        if message.contains("no authentication token was found")
            || message.contains("couldn't find an authentication token")
        {
            return Some(Failure::new(format!(
                "RAY_AUTH_MODE=token is set, and no token was found: give the cluster's in {TOKENS}, or unset \
                 RAY_AUTH_MODE if the cluster has none"
            )));
        }
        None
    }

    /// Another Ray or Python than the cluster's.
    fn versions(&self, message: &str) -> Option<Failure> {
        let Self {
            cluster,
            python,
            executable,
            ray,
        } = self;
        let theirs = clusters_versions(message)?;

        let install = theirs
            .ray
            .as_ref()
            .filter(|theirs| *theirs != ray)
            .map_or_else(String::new, |version| {
                format!(": install the cluster's with `{executable} -m pip install ray=={version}`")
            });
        let message = format!(
            "the Ray cluster at {} has {theirs}, and {executable} has Ray {ray}, Python {python}{install}",
            cluster.address
        );
        Some(Failure::new(message).or(Setting::Python, Change::Another))
    }

    /// A machine that is not a node of the cluster, or one whose node has ended.
    fn no_node(&self, message: &str) -> Option<Failure> {
        let address = &self.cluster.address;

        if message.contains("Could not find any running Ray instance") {
            let message = "no Ray cluster that auto would join runs on this machine: start one with `ray start --head`, \
                           or name the HOST:PORT of one";
            return Some(Failure::new(message).or(Setting::RayAddress, Change::Another));
        }

        let texts = [
            "No node info found matching attributes",
            "trying to resolve node to connect to",
            "cannot find a local Raylet",
            "found no Raylet with this IP address",
        ];
        texts.iter().any(|text| message.contains(text)).then(|| {
            Failure::new(format!(
                "this machine is not a node of the Ray cluster at {address}, or its node here has ended: run parbench on \
                 a node, or submit it with `ray job submit --address http://HEAD:8265` and the address auto"
            ))
        })
    }
}

/// `message` of the driver with what may be changed about a failure of its kind.
pub(super) fn with_remedies(kind: &str, message: String) -> Failure {
    let failure = Failure::new(message);

    match kind {
        "slots" => failure
            .or(Setting::Workers, Change::Smaller)
            .or(Setting::StartTimeout, Change::Larger),
        "memory" => failure.or(Setting::Memory, Change::Larger),
        "late" => failure.or(Setting::TaskTimeout, Change::Larger),
        _ => failure,
    }
}

/// What the end of the driver in mid-run means, from the last lines that it wrote to stderr.
pub(super) fn lost(complaints: &[String]) -> String {
    let mentions = |texts: &[&str]| {
        complaints
            .iter()
            .any(|line| texts.iter().any(|text| line.contains(text)))
    };
    let raylet = [
        "local raylet",
        "Local raylet",
        "raylet failed",
        "local Raylet",
    ];

    let why = if mentions(&raylet) {
        "the Ray node on this machine (its raylet) has ended"
    } else if mentions(&["GCS", "gcs_"]) {
        "the cluster's control service (GCS, on the head) does not answer any more"
    } else {
        // The last line of a Python traceback names what happened; Ray's own log lines open with a
        // bracket.
        let last = complaints.iter().rev().find(|line| is_exception(line));
        last.map_or("the program that drives Ray has ended", |line| line.trim())
    };
    format!("the connection to the Ray cluster is lost: {why}")
}

/// Whether a line of a traceback names the exception: `package.Kind: text`.
fn is_exception(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();

    last.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
}

/// A worker that Ray could not start, where this side asks for tokens and the cluster may not.
fn token_mode_hint(message: &str) -> &'static str {
    let token_mode =
        std::env::var("RAY_AUTH_MODE").is_ok_and(|mode| mode.eq_ignore_ascii_case("token"));

    if token_mode && message.contains("its Ray worker died") {
        " (RAY_AUTH_MODE=token is set: unset it if the cluster runs without a token)"
    } else {
        ""
    }
}

/// The cluster's versions, as far as Ray's text names them.
struct Versions {
    ray: Option<String>,
    python: Option<String>,
}

impl std::fmt::Display for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = |name: &str, version: &Option<String>| match version {
            Some(version) => format!("{name} {version}"),
            None => format!("another {name}"),
        };
        write!(
            f,
            "{}, {}",
            named("Ray", &self.ray),
            named("Python", &self.python)
        )
    }
}

/// The first lines of Ray's text that name versions are the cluster's.
fn clusters_versions(message: &str) -> Option<Versions> {
    let named = |name: &str| {
        let mut versions = message
            .lines()
            .filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
        versions.next().map(str::to_owned)
    };

    message.contains("Version mismatch").then(|| Versions {
        ray: named("Ray"),
        python: named("Python"),
    })
}

/// A line that does not belong at this point of the conversation.
pub(super) fn unexpected(message: &Message) -> Error {
    Error::failed(format!(
        "the driver of Ray sent a line that does not belong there: {message:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(address: &str, kind: &str, message: &str) -> String {
        let cluster = Cluster {
            address: address.parse().unwrap(),
            ..Cluster::default()
        };
        let place = Place {
            cluster: &cluster,
            python: "3.11.7".to_owned(),
            executable: "/venv/bin/python".to_owned(),
            ray: "2.60.0".to_owned(),
        };
        place.trouble(kind, message).to_string()
    }

    #[track_caller]
    fn holds(text: &str, words: &[&str]) {
        assert!(!text.contains('\n'), "{text}");
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    // The messages below are what Ray 2.60.0 said in each of these situations.

    #[test]
    fn a_missing_and_a_wrong_token_name_what_to_set() {
        let missing = "Failed to connect to Ray cluster at 127.0.0.1:37571\nFailed to connect to GCS. Last connection \
             error: ray.exceptions.AuthenticationError: RPC error: InvalidAuthToken: Authentication token is missing or \
             incorrect. Note: RAY_AUTH_MODE is currently 'disabled' (not 'token').";
        let words = [
            "10.0.0.5:6379",
            "RAY_AUTH_MODE=token",
            "RAY_AUTH_TOKEN",
            "RAY_AUTH_TOKEN_PATH",
            "~/.ray/auth_token",
        ];
        holds(
            &explained("10.0.0.5:6379", "ConnectionError", missing),
            &words,
        );
        let wrong = missing.replace(
            " Note: RAY_AUTH_MODE is currently 'disabled' (not 'token').",
            "",
        );
        holds(
            &explained("10.0.0.5:6379", "ConnectionError", &wrong),
            &["refuses the token", "RAY_AUTH_TOKEN", "ray get-auth-token"],
        );
        let absent = "Token authentication is enabled but no authentication token was found. Ensure that the token for \
             the cluster is available in a local file (e.g., ~/.ray/auth_token or via RAY_AUTH_TOKEN_PATH)";
        holds(
            &explained("10.0.0.5:6379", "AuthenticationError", absent),
            &["RAY_AUTH_MODE=token is set", "unset", "RAY_AUTH_TOKEN"],
        );
    }

    #[test]
    fn another_ray_is_named_with_both_versions_and_what_to_install() {
        let text = "Version mismatch: The cluster was started with:\n    Ray: 2.54.0\n    Python: 3.11.7\nThis process on \
             node 127.0.0.1 was started with:\n    Ray: 2.60.0\n    Python: 3.11.7\n";
        holds(
            &explained("10.0.0.5:6379", "RuntimeError", text),
            &[
                "Ray 2.54.0, Python 3.11.7",
                "Ray 2.60.0",
                "another Python",
                "/venv/bin/python -m pip install ray==2.54.0",
            ],
        );
    }

    #[test]
    fn a_machine_that_is_no_node_says_where_to_run() {
        for text in [
            "No node info found matching attributes: '' when trying to resolve node to connect to.",
            "This node has an IP address of 10.0.0.9, but we cannot find a local Raylet with the same address. ",
        ] {
            holds(
                &explained("10.0.0.5:6379", "RuntimeError", text),
                &["not a node of", "on a node", "ray job submit"],
            );
        }
    }

    #[test]
    fn auto_without_a_cluster_says_how_to_get_one() {
        let text = "Could not find any running Ray instance. Please specify the one to connect to by setting \
             `--address` flag or `RAY_ADDRESS` environment variable.";
        holds(
            &explained("auto", "ConnectionError", text),
            &["auto", "ray start --head", "HOST:PORT"],
        );
    }

    #[test]
    fn a_lost_driver_is_explained_without_log_lines() {
        let lost = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|&line| line.to_owned()).collect();
            lost(&lines)
        };
        let log = "[2026-11-25 07:22:10,043 C 31620 31620] core_worker.cc:153: ";
        let raylet = format!("{log}Shutting down the core worker because the local raylet failed.");
        let recovery = format!("{log}Recovering 3 objects");
        let gcs = format!("{log}Failed to connect to GCS within 60 seconds");
        holds(
            &lost(&[&raylet, &recovery]),
            &["on this machine (its raylet) has ended"],
        );
        holds(&lost(&[&gcs, &recovery]), &["control service (GCS"]);
        assert_eq!(
            lost(&[&recovery]),
            "the connection to the Ray cluster is lost: the program that drives Ray has ended"
        );
        holds(
            &lost(&[
                "  File \"x.py\", line 3",
                "ray.exceptions.RaySystemError: broken",
                &recovery,
            ]),
            &["RaySystemError: broken"],
        );
        for text in [lost(&[&raylet]), lost(&[&gcs]), lost(&[&recovery])] {
            assert!(
                !text.contains("core_worker") && !text.contains('['),
                "{text}"
            );
        }
    }
}
