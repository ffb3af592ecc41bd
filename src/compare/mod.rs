//! Judges a run against an earlier one: what got worse, by how much, how sure that is. Pure
//! functions of two runs: nothing is measured here, and nothing is shown.
//!
//! A regression must be both significant and large: an exact test (signed-rank for rounds in turns,
//! Mann-Whitney for runs apart), corrected by Holm for everything that is compared, below 1 %,
//! *and* the whole 99 % interval of the change above the tolerance or the measured noise, whichever
//! is more.

mod cluster;
mod confirm;
mod decide;
mod estimate;
mod judge;
mod machine;
mod machine_findings;
mod matching;
mod power;
mod slower;

use crate::results::{ClusterKind, Comparison, MachineMatch, Metric, Origin, Run};
use crate::units::count;

use matching::Matched;

pub use confirm::{confirm, regresses_below};
pub use machine::set_up_differences;
pub use machine_findings::{MachineFinding, Mark, machine_findings};
pub use power::{rounds_alike, rounds_needed};
pub use slower::combined;

/// The chance of a false alarm that is accepted, over everything that is compared together.
const ALPHA: f64 = 0.01;
/// The confidence of the intervals.
const CONFIDENCE: f64 = 0.99;

/// How two runs came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// One after the other, perhaps weeks apart, perhaps on two machines.
    Apart,
    /// Round by round in turns: rounds of the same number belong together.
    Interleaved,
}

/// What is compared with what, and how strictly.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The earlier run.
    pub baseline: &'a Run,
    /// What to call it.
    pub name: &'a str,
    /// The run to judge.
    pub current: &'a Run,
    /// How the two came about.
    pub pairing: Pairing,
    /// The change that is tolerated: 0.1 for 10 %.
    pub tolerance: f64,
    /// What the verdict depends on; the rest is only shown.
    pub deciding: &'a [Metric],
}

/// Why two runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is in both.
    #[error("{0} and this run have no measurement in common: {1}")]
    NothingInCommon(String, String),
    /// The same workload with other parameters.
    #[error(
        "{workload} has other parameters in {baseline}: {difference}; measure again with the same ones"
    )]
    Parameters {
        /// The workload.
        workload: String,
        /// The baseline.
        baseline: String,
        /// The first difference.
        difference: String,
    },
    /// The same parameters with another answer: one of the two computed something else.
    #[error(
        "{workload} has another answer in {baseline}: {difference}; one of the two programs is wrong, or their inputs have \
         changed: in that case, measure a new baseline"
    )]
    Answers {
        /// The workload.
        workload: String,
        /// The baseline.
        baseline: String,
        /// The first difference.
        difference: String,
    },
    /// One build was optimised and the other was not.
    #[error(
        "{baseline} was measured with a {theirs} build and this run with a {ours} build; use the same profile"
    )]
    Builds {
        /// The baseline.
        baseline: String,
        /// Its profile.
        theirs: String,
        /// This run's profile.
        ours: String,
    },
    /// One ran on a cluster, the other on a Ray of its own.
    #[error(
        "{engine} of {baseline} ran on {theirs}, and this run's on {ours}: measure both on the same cluster"
    )]
    Clusters {
        /// The engine.
        engine: String,
        /// The baseline.
        baseline: String,
        /// Its cluster.
        theirs: ClusterKind,
        /// This run's cluster.
        ours: ClusterKind,
    },
    /// Ratios that refer to different arms.
    #[error(
        "the speed-ups of {workload} refer to {theirs} in {baseline} and to {ours} in this run: measure again with the \
         same reference"
    )]
    References {
        /// The workload.
        workload: String,
        /// The baseline.
        baseline: String,
        /// Its reference arm.
        theirs: String,
        /// This run's.
        ours: String,
    },
    /// Too few rounds for any statement.
    #[error(
        "{workload} has {} in {run}; a statement about {} needs at least {need}: measure again with {need} rounds or more",
        count(*.have, "steady round"),
        count(*.metrics, "metric")
    )]
    TooFewRounds {
        /// The workload.
        workload: String,
        /// The run that has too few.
        run: String,
        /// How many it has.
        have: usize,
        /// How many it needs.
        need: usize,
        /// How many metrics are compared at once.
        metrics: usize,
    },
}

/// Compares everything that both runs hold.
pub fn compare(question: &Question<'_>) -> Result<Comparison, Refusal> {
    let Question {
        baseline,
        name,
        current,
        pairing,
        tolerance,
        deciding,
    } = *question;
    same_profile(question)?;

    let (pairs, mut left_out) = matching::matched(question)?;
    let mut differences = machine::differences(&baseline.environment, &current.environment);
    differences.extend(machine::differences_of_clusters(&pairs));
    let machine = match pairing {
        Pairing::Interleaved => MachineMatch::Interleaved,
        Pairing::Apart => machine::matched(&differences),
    };

    let is_comparable = |metric: &Metric| machine.compares_times() || !metric.is_time();
    let metrics: Vec<Metric> = Metric::ALL.into_iter().filter(is_comparable).collect();
    if !machine.compares_times() {
        left_out.push(
            "times: of other processors or instruction sets only the speed-up is compared"
                .to_owned(),
        );
    }
    let deciding_metrics: Vec<Metric> = metrics
        .iter()
        .copied()
        .filter(|metric| deciding.contains(metric))
        .collect();
    let pairs = power::long_enough(question, pairs, &deciding_metrics, &mut left_out)?;

    Ok(Comparison {
        baseline: Origin {
            name: name.to_owned(),
            parbench_version: baseline.parbench_version.clone(),
            started_at: baseline.started_at.clone(),
        },
        machine,
        machine_differences: differences
            .into_iter()
            .map(|difference| difference.text)
            .collect(),
        tolerance,
        judgements: decide::decided(drafts(question, &pairs, &metrics, machine), machine),
        further_passes: Vec::new(),
        left_out,
    })
}

/// Every metric of every arm, judged alone.
fn drafts(
    question: &Question<'_>,
    pairs: &[Matched<'_>],
    metrics: &[Metric],
    machine: MachineMatch,
) -> Vec<judge::Draft> {
    let mut drafts = Vec::new();

    for (place, matched) in pairs.iter().enumerate() {
        // The reference is measured once for all arms beside it, and so judged once.
        let is_first = !pairs[..place]
            .iter()
            .any(|earlier| earlier.is_beside(matched));
        let judged_metrics = metrics
            .iter()
            .filter(|metric| is_first || **metric != Metric::SerialTime);

        drafts.extend(judged_metrics.filter_map(|&metric| {
            judge::judge(judge::Subject {
                matched,
                metric,
                machine,
                tolerance: question.tolerance,
                decides: question.deciding.contains(&metric),
            })
        }));
    }
    drafts
}

/// An optimised build and one that is not have nothing in common.
fn same_profile(question: &Question<'_>) -> Result<(), Refusal> {
    let ours = &question.current.environment.build_profile;
    let theirs = &question.baseline.environment.build_profile;

    if ours == theirs {
        return Ok(());
    }
    Err(Refusal::Builds {
        baseline: question.name.to_owned(),
        theirs: theirs.clone(),
        ours: ours.clone(),
    })
}

/// How many questions a comparison asks that decides by `deciding`: for each measurement the
/// reference's time once, and the other metrics for every arm beside it, of which `pairs` has the
/// number for each measurement.
#[must_use]
pub fn questions(pairs: impl IntoIterator<Item = usize>, deciding: &[Metric]) -> usize {
    let reference = usize::from(deciding.contains(&Metric::SerialTime));
    let of_each_arm = deciding.len() - reference;

    pairs
        .into_iter()
        .map(|pairs| reference + pairs * of_each_arm)
        .sum()
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
