//! What Ray's refusals mean for the user. Ray names addresses of its own and explains little; each line here quotes
//! what the user typed and says what to try.

use crate::engine::{Cluster, Error};

/// Who could not do what where.
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
            Error::Lost(why) => {
                let why = why.rsplit_once(": ").map_or(String::new(), |(_, last)| format!(" ({last})"));
                Error::Failed(format!(
                    "{python} is no Python 3 that can import Ray{why}: name one with --python"
                ))
            }
            other => other,
        }
    }

    /// What a refusal of `kind` means.
    pub(super) fn trouble(&self, kind: &str, message: &str) -> Error {
        let Self { cluster, python, executable, ray } = self;
        let address = &cluster.address;
        let first = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        Error::Failed(match kind {
            "slots" | "node" => message.to_owned(),
            "RuntimeError" if message.contains("Version mismatch") => format!(
                "the Ray cluster at --ray-address {address} has {}, and {executable} has Ray {ray}, Python {python}: name \
                 a Python with the cluster's versions with --python",
                clusters_versions(message)
            ),
            "ConnectionError" | "timeout" | "RpcError" | "ValueError" => format!(
                "cannot join a Ray cluster at --ray-address {address}: it may be no Ray head's address, the token \
                 (RAY_AUTH_TOKEN) may be wrong, or it runs another Ray than {executable} (Ray {ray}, Python {python})"
            ),
            _ => format!("Ray cannot start at --ray-address {address}: {kind}: {first}"),
        })
    }
}

/// `Ray 2.60.0, Python 3.11.7`: the first lines of Ray's text that name versions are the cluster's.
fn clusters_versions(message: &str) -> String {
    let named = |name: &str| {
        let mut versions =
            message.lines().filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
        versions.next().map_or_else(|| format!("another {name}"), |version| format!("{name} {version}"))
    };
    format!("{}, {}", named("Ray"), named("Python"))
}
