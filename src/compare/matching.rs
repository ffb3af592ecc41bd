//! Which arms of two runs belong together, and whether they did the same work.

use super::{Question, Refusal, cluster};
use crate::results::{Measurement, Pair, answer_difference, first_difference, masked};
use crate::units::count;

/// An arm in two runs.
pub(super) struct Matched<'a> {
    /// In the baseline.
    pub(super) old: Pair<'a>,
    /// In the run to judge.
    pub(super) new: Pair<'a>,
    /// What tells its measurement from others of the same workload in the run.
    pub(super) variant: Option<String>,
}

impl Matched<'_> {
    /// Whether both are of the same measurement, and so have the same reference.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        std::ptr::eq(self.new.measurement, other.new.measurement)
    }

    /// The steady rounds of the run that has fewer.
    pub(super) fn rounds(&self) -> usize {
        self.old.steady().count().min(self.new.steady().count())
    }
}

/// The arms that both runs hold, and what only one of them holds, a line each.
pub(super) fn matched<'a>(
    question: &Question<'a>,
) -> Result<(Vec<Matched<'a>>, Vec<String>), Refusal> {
    let Question {
        baseline,
        current,
        name,
        ..
    } = *question;
    let mut pairs = Vec::new();
    let mut left_out = Vec::new();

    for new in current.pairs() {
        let Some(old) = counterpart(new, baseline.pairs()) else {
            left_out.push(format!("{} is not in {name}", described(new)));
            continue;
        };
        agree(name, old, new)?;
        if let Some(difference) = other_memory(name, old, new) {
            left_out.push(difference);
            continue;
        }
        pairs.push(Matched {
            old,
            new,
            variant: current.variant(new.measurement),
        });
    }

    for old in baseline
        .pairs()
        .filter(|old| counterpart(*old, current.pairs()).is_none())
    {
        left_out.push(format!("{} is only in {name}", described(old)));
    }
    if pairs.is_empty() {
        return Err(Refusal::NothingInCommon(
            name.to_owned(),
            left_out.join(", "),
        ));
    }
    Ok((pairs, left_out))
}

/// The arm among `others` that belongs to `pair`: one with the same parameters, or else one that
/// differs in nothing but these.
fn counterpart<'a>(pair: Pair<'_>, others: impl Iterator<Item = Pair<'a>>) -> Option<Pair<'a>> {
    let is_alike = |other: &Pair<'_>| {
        other.workload() == pair.workload()
            && other.engine() == pair.engine()
            && other.workers() == pair.workers()
            && other.arm().scale == pair.arm().scale
    };
    let alike: Vec<Pair<'a>> = others.filter(is_alike).collect();
    let has_same_params = |other: &&Pair<'_>| other.measurement.params == pair.measurement.params;

    match alike.iter().find(has_same_params) {
        Some(same) => Some(*same),
        // Of several with other parameters, none is this one.
        None if alike.len() == 1 => alike.first().copied(),
        None => None,
    }
}

fn described(pair: Pair<'_>) -> String {
    format!(
        "{} on {} with {}",
        pair.workload(),
        pair.engine(),
        count(pair.workers(), "worker")
    )
}

/// That the memory let other numbers of tasks run at once, which makes times that no program changed.
fn other_memory(name: &str, old: Pair<'_>, new: Pair<'_>) -> Option<String> {
    let (theirs, ours) = (old.at_once_by_memory(), new.at_once_by_memory());
    let at_once = |fitting: Option<usize>| match fitting {
        Some(fitting) => count(fitting, "task"),
        None => "as many tasks as workers".to_owned(),
    };

    (theirs != ours).then(|| {
        format!(
            "{} is not compared: memory let {} run at once, and {} in {name}; give both the same --memory",
            described(new),
            at_once(ours),
            at_once(theirs)
        )
    })
}

/// The same parameters, reference and answer, or it is no comparison.
fn agree(name: &str, old: Pair<'_>, new: Pair<'_>) -> Result<(), Refusal> {
    let (workload, baseline) = (new.workload().to_owned(), name.to_owned());
    let (old_measurement, new_measurement) = (old.measurement, new.measurement);

    let params = (&old_measurement.params, &new_measurement.params);
    if let Some(difference) = first_difference("parameters", params.0, params.1) {
        return Err(Refusal::Parameters {
            workload,
            baseline,
            difference,
        });
    }

    let theirs = old_measurement.reference_arm().label();
    let ours = new_measurement.reference_arm().label();
    if theirs != ours {
        return Err(Refusal::References {
            workload,
            baseline,
            theirs,
            ours,
        });
    }

    if let Some((theirs, ours)) = cluster::other_kinds(old.placement(), new.placement()) {
        let engine = new.engine().to_owned();
        return Err(Refusal::Clusters {
            engine,
            baseline,
            theirs,
            ours,
        });
    }

    if let Some(difference) = other_answer(old_measurement, new_measurement) {
        return Err(Refusal::Answers {
            workload,
            baseline,
            difference,
        });
    }
    Ok(())
}

/// Where the answers differ. What varied in either of them says nothing about the other.
fn other_answer(old: &Measurement, new: &Measurement) -> Option<String> {
    if old.answer_may_vary || new.answer_may_vary {
        let comparable = (
            masked(&old.answer, &new.answer),
            masked(&new.answer, &old.answer),
        );
        return answer_difference(&comparable.0, &comparable.1);
    }

    answer_difference(&old.answer, &new.answer).or_else(|| other_results(old, new))
}

/// Which function has other results. Their digests are made of exact values, whatever the engine.
fn other_results(old: &Measurement, new: &Measurement) -> Option<String> {
    if !new.compares_exactly() {
        return None;
    }

    new.functions.iter().find_map(|facts| {
        let earlier = old.functions.iter().find(|old| old.label == facts.label)?;
        let (theirs, ours) = (earlier.digest.as_ref()?, facts.digest.as_ref()?);

        (theirs != ours).then(|| {
            let start = |digest: &str| digest.chars().take(12).collect::<String>();
            format!(
                "the SHA-256 of all results is {}… and {}…; where they differ from run to run, measure both with \
                 --compare none",
                start(theirs),
                start(ours)
            )
        })
    })
}
