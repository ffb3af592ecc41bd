//! How far two arms ran on the same kind of cluster. The machine that measures says nothing of
//! that.

use std::collections::BTreeSet;

use crate::results::{ClusterKind, Pair, Placement};

/// The clusters of two arms where one was started for its run and the other was not: not even their
/// speed-ups have anything in common.
pub(super) fn other_kinds(old: &Placement, new: &Placement) -> Option<(ClusterKind, ClusterKind)> {
    let (old, new) = (old.cluster.clone()?, new.cluster.clone()?);
    let is_local = |kind: &ClusterKind| *kind == ClusterKind::Local;

    (is_local(&old) != is_local(&new)).then_some((old, new))
}

/// Everything in which the clusters of two arms differ that can change times. Runs that stored
/// nothing of it count as equal.
pub(super) fn differences(old: Pair<'_>, new: Pair<'_>) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, old: Option<String>, now: Option<String>| {
        if let (Some(old), Some(now)) = (old, now)
            && old != now
        {
            differences.push(format!("{what} of {}: {old}, now {now}", new.engine()));
        }
    };

    let kind = |placement: &Placement| placement.cluster.as_ref().map(ToString::to_string);
    compare("cluster", kind(old.placement()), kind(new.placement()));
    compare(
        "CPU models",
        models(old.placement()),
        models(new.placement()),
    );
    differences
}

/// The models of the nodes that were used; `None` where they are not known.
fn models(placement: &Placement) -> Option<String> {
    let models: BTreeSet<_> = placement
        .nodes
        .iter()
        .filter_map(|node| node.model.as_deref())
        .collect();
    let models: Vec<_> = models.into_iter().collect();
    (!models.is_empty()).then(|| models.join(" and "))
}
