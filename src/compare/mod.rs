//! Judges a run against an earlier one: what got worse, by how much, how sure that is. Pure functions of two
//! runs: nothing is measured here, and nothing is shown.
//!
//! A regression must be both significant and large: an exact test (signed-rank for rounds in turns, Mann-Whitney for
//! runs apart), corrected by Holm for everything that is compared, below 1 %, *and* the whole 99 % interval of the
//! change above the tolerance or the measured noise, whichever is more.

mod cluster;
mod decide;
mod estimate;
mod judge;
mod machine;
mod machine_findings;
mod power;

use crate::results::{
    ClusterKind, Comparison, MachineMatch, Measurement, Metric, Origin, Run, first_difference,
};

pub use machine_findings::{MachineFinding, Mark, machine_findings};
pub use power::{rounds_alike, rounds_needed};

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
        "{workload} has another answer in {baseline}: {difference}; one of the two programs is wrong"
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
        "{engine} of {baseline} ran on {theirs}, and this run's on {ours}: measure both on the same cluster, which \
         --ray-address names"
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
    /// Too few rounds for any statement.
    #[error(
        "{workload} has {have} steady rounds in {run}; a statement about {metrics} metrics needs at least {need}: \
         measure again with --rounds {need}"
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
    let (ours, theirs) = (
        &current.environment.build_profile,
        &baseline.environment.build_profile,
    );
    if ours != theirs {
        let (baseline, theirs, ours) = (name.to_owned(), theirs.clone(), ours.clone());
        return Err(Refusal::Builds {
            baseline,
            theirs,
            ours,
        });
    }
    let (pairs, mut left_out) = matched(question)?;
    let mut differences = machine::differences(&baseline.environment, &current.environment);
    differences.extend(machine::differences_of_clusters(&pairs));
    let machine = match pairing {
        Pairing::Interleaved => MachineMatch::Interleaved,
        Pairing::Apart => machine::matched(&differences),
    };
    let metrics: Vec<Metric> = Metric::ALL
        .into_iter()
        .filter(|metric| machine.compares_times() || !metric.is_time())
        .collect();

    if !machine.compares_times() {
        left_out.push(
            "times: of other processors or instruction sets only the speed-up is compared"
                .to_owned(),
        );
    }

    let asked = metrics
        .iter()
        .filter(|metric| deciding.contains(metric))
        .count();
    let pairs = power::long_enough(question, pairs, asked.max(1), &mut left_out)?;

    let drafts = pairs.iter().flat_map(|&(old, new)| {
        metrics.iter().filter_map(move |&metric| {
            let decides = deciding.contains(&metric);
            judge::judge(judge::Subject {
                old,
                new,
                metric,
                machine,
                tolerance,
                decides,
            })
        })
    });
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
        judgements: decide::decided(drafts.collect(), machine),
        further_passes: Vec::new(),
        left_out,
    })
}

type Pairs<'a> = Vec<(&'a Measurement, &'a Measurement)>;

/// The measurements that both runs hold, each with its other, and what only one of them holds.
fn matched<'a>(question: &Question<'a>) -> Result<(Pairs<'a>, Vec<String>), Refusal> {
    let (old, new) = (
        &question.baseline.measurements,
        &question.current.measurements,
    );
    let same = |a: &Measurement, b: &Measurement| {
        a.workload == b.workload && a.engine == b.engine && a.workers == b.workers
    };
    let mut pairs = Vec::new();
    let mut left_out = Vec::new();
    for new in new {
        let Some(old) = old.iter().find(|old| same(old, new)) else {
            left_out.push(format!("{} is not in {}", described(new), question.name));
            continue;
        };
        agree(question.name, old, new)?;
        pairs.push((old, new));
    }
    for old in old
        .iter()
        .filter(|old| !new.iter().any(|new| same(old, new)))
    {
        left_out.push(format!("{} is only in {}", described(old), question.name));
    }
    if pairs.is_empty() {
        return Err(Refusal::NothingInCommon(
            question.name.to_owned(),
            left_out.join(", "),
        ));
    }
    Ok((pairs, left_out))
}

fn described(measurement: &Measurement) -> String {
    let Measurement {
        workload,
        engine,
        workers,
        ..
    } = measurement;
    format!("{workload} on {engine} with {workers} workers")
}

/// The same parameters and the same answer, or it is no comparison.
fn agree(name: &str, old: &Measurement, new: &Measurement) -> Result<(), Refusal> {
    let (workload, baseline) = (new.workload.clone(), name.to_owned());
    if let Some(difference) = first_difference("parameters", &old.params, &new.params) {
        return Err(Refusal::Parameters {
            workload,
            baseline,
            difference,
        });
    }
    if let Some((theirs, ours)) = cluster::other_kinds(old, new) {
        return Err(Refusal::Clusters {
            engine: new.engine.clone(),
            baseline,
            theirs,
            ours,
        });
    }
    if let Some(difference) = first_difference("answer", &old.answer, &new.answer) {
        return Err(Refusal::Answers {
            workload,
            baseline,
            difference,
        });
    }
    Ok(())
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
