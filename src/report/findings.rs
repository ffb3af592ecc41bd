//! Everything that a run shows in sentences, as one list. Every format iterates it and decides only
//! which kinds it shows and how they are laid out, so a new kind of finding is added here alone.

mod comparison;
mod notes;
mod scaling;

use self::notes::notes;
use self::scaling::scaling_findings;
use super::tone::Tone;
use super::words::cold::cold;
use super::words::interference::other_programs;
use super::words::names::name;
use super::words::quick::quick;
use super::words::{run, task_cost};
use crate::analysis::TaskCost;
use crate::results::{Outcome, Pair, Run};

pub use self::comparison::comparison_findings;
pub(super) use self::scaling::conclusions;

/// One statement about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of statement it is.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// How that is called; empty for the run or the comparison as a whole.
    pub name: String,
    /// The sentence, without a full stop.
    pub text: String,
    /// How it should be taken.
    pub tone: Tone,
}

/// What kind of statement a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That the run is a first answer only.
    Quick,
    /// What was run, where that is a command of the user's.
    Shape,
    /// What limits every figure of the run.
    Limit,
    /// Other programs were in the way of the workers.
    OtherPrograms,
    /// What a reader must know of a measurement.
    Caveat,
    /// What was lost while measuring, or done again.
    Loss,
    /// That a measurement has no figures.
    NoFigures,
    /// Whether an arm pays, and if it does not, why.
    Verdict,
    /// With how many workers of an engine work is done best.
    Recommendation,
    /// On which engine work is done best.
    BestEngine,
    /// From how many calls at once on an engine pays.
    BreakEven,
    /// How another command compares with the first one.
    Versus,
    /// What the work costs on the recommended number of workers.
    Cost,
    /// How the work scales with the workers of an engine.
    Law,
    /// That the rounds of some arms do not say whether they are faster.
    Open,
    /// What a job that runs once gets.
    Cold,
    /// How much work tasks need on an engine.
    Advice,
    /// What limits a comparison.
    Comparability,
    /// What a comparison found of a metric, or of all those that are fine.
    Judged(Outcome),
    /// What it found of a metric that the sentence on those that are fine covers, or that decides
    /// nothing.
    Unremarkable,
    /// The verdict on the comparison as a whole.
    Whole(Outcome),
    /// What failed.
    Problem,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The run as a whole.
    Run,
    /// The measurement at this place of the run.
    Measurement(usize),
    /// An arm of it.
    Arm {
        /// The measurement's place in the run.
        measurement: usize,
        /// The arm's place in the measurement.
        arm: usize,
    },
    /// The arms of one engine: the first of them.
    Series {
        /// The measurement's place in the run.
        measurement: usize,
        /// The arm's place in the measurement.
        arm: usize,
    },
    /// The comparison as a whole.
    Comparison,
    /// The judgement at this place of the comparison.
    Judgement(usize),
    /// The problem at this place of the run.
    Problem(usize),
}

impl Kind {
    /// Whether a reader must know it before believing the figures.
    #[must_use]
    pub fn is_note(self) -> bool {
        matches!(
            self,
            Self::Quick
                | Self::Shape
                | Self::Limit
                | Self::OtherPrograms
                | Self::Caveat
                | Self::Loss
                | Self::NoFigures
        )
    }
}

impl Kind {
    /// Whether a reader must know it before looking at the figures.
    #[must_use]
    pub fn is_warning(self) -> bool {
        matches!(self, Self::Quick | Self::Shape | Self::OtherPrograms)
    }
}

impl Finding {
    /// The sentence with what it is about: `fib: only the cold first round is complete; its figures
    /// are shown`.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.name.is_empty() {
            self.text.clone()
        } else {
            format!("{}: {}", self.name, self.text)
        }
    }

    fn of_run(kind: Kind, text: String) -> Self {
        Self {
            kind,
            subject: Subject::Run,
            name: String::new(),
            text,
            tone: Tone::Doubtful,
        }
    }

    fn of_comparison(kind: Kind, text: String, tone: Tone) -> Self {
        Self {
            kind,
            subject: Subject::Comparison,
            name: String::new(),
            text,
            tone,
        }
    }
}

/// Everything that `run` shows: what limits its figures, what its measurements show, what comparing
/// it found, what failed.
#[must_use]
pub fn findings(run: &Run) -> Vec<Finding> {
    let first_answer = run.quick.as_ref().map(|first_answer| Finding {
        name: "quick".to_owned(),
        ..Finding::of_run(Kind::Quick, quick(first_answer))
    });
    let of_run = |kind: Kind| move |text: String| Finding::of_run(kind, text);
    let costs = run.task_costs();
    let limits = run::limits(run)
        .into_iter()
        .chain(task_cost::limits(run, &costs));
    let others = other_programs(run)
        .into_iter()
        .chain(task_cost::beside_others(run));
    let mut findings: Vec<Finding> = first_answer
        .into_iter()
        .chain(others.map(of_run(Kind::OtherPrograms)))
        .chain(limits.map(of_run(Kind::Limit)))
        .collect();

    // Those that show together what a task costs say little one by one.
    let measurements = || {
        let numbered = run.measurements.iter().enumerate();
        numbered.filter(|(_, measurement)| !run.shows_task_cost(measurement))
    };
    findings.extend(measurements().flat_map(|(place, measurement)| notes(run, place, measurement)));
    findings.extend(measurements().flat_map(|(place, measurement)| {
        let verdict = move |pair| verdict(run, place, pair);
        measurement.pairs().filter_map(verdict)
    }));
    findings.extend(
        measurements().flat_map(|(place, measurement)| scaling_findings(run, place, measurement)),
    );
    findings.extend(cold(run).map(|text| Finding {
        name: "cold round".to_owned(),
        tone: Tone::Neutral,
        ..Finding::of_run(Kind::Cold, text)
    }));
    findings.extend(costs.iter().map(advice));
    findings.extend(run.comparison.iter().flat_map(comparison_findings));
    findings.extend(problems(run));

    findings
}

/// Whether an arm pays.
fn verdict(run: &Run, place: usize, pair: Pair<'_>) -> Option<Finding> {
    let summary = pair.summary()?;
    let verdict = run::verdict(pair, &summary);
    let text = match run::reason(run, pair, &summary) {
        Some(reason) => format!("{verdict}; {reason}"),
        None => verdict,
    };

    Some(Finding {
        kind: Kind::Verdict,
        subject: Subject::Arm {
            measurement: place,
            arm: pair.index,
        },
        name: name(run, pair.measurement),
        text,
        tone: Tone::of_verdict(&summary),
    })
}

/// How much work tasks need on an engine.
fn advice(cost: &TaskCost) -> Finding {
    Finding {
        kind: Kind::Advice,
        subject: Subject::Run,
        name: task_cost::name(cost),
        text: task_cost::advice(cost),
        tone: Tone::of_task_cost(cost),
    }
}

fn problems(run: &Run) -> impl Iterator<Item = Finding> {
    let problems = run.problems.iter().enumerate();

    problems.map(|(place, problem)| Finding {
        kind: Kind::Problem,
        subject: Subject::Problem(place),
        name: problem.workload.clone(),
        text: problem.failure.to_string(),
        tone: Tone::Bad,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;

    #[test]
    fn every_arm_has_a_verdict_or_its_measurement_has_no_figures() {
        for run in fixture::every_run() {
            let findings = findings(&run);
            for (place, measurement) in run.measurements.iter().enumerate() {
                let has_none = findings.iter().any(|finding| {
                    finding.subject == Subject::Measurement(place)
                        && finding.kind == Kind::NoFigures
                });
                let has_verdicts = !has_none && !run.shows_task_cost(measurement);
                for pair in measurement.pairs() {
                    let subject = Subject::Arm {
                        measurement: place,
                        arm: pair.index,
                    };
                    let verdicts = findings.iter().filter(|finding| finding.subject == subject);
                    assert_eq!(verdicts.count(), usize::from(has_verdicts), "{subject:?}");
                }
            }
        }
    }

    #[test]
    fn every_judgement_has_one_finding_and_regressions_come_first() {
        let comparison = fixture::compared().comparison.unwrap();
        let findings = comparison_findings(&comparison);

        for place in 0..comparison.judgements.len() {
            let about = findings
                .iter()
                .filter(|finding| finding.subject == Subject::Judgement(place));
            assert_eq!(about.count(), 1, "judgement {place}");
        }
        let outcomes: Vec<Outcome> = findings
            .iter()
            .filter_map(|finding| match finding.kind {
                Kind::Judged(outcome) => Some(outcome),
                _ => None,
            })
            .collect();
        assert_eq!(
            outcomes,
            [
                Outcome::Regressed,
                Outcome::Inconclusive,
                Outcome::Inconclusive,
                Outcome::Ok
            ]
        );
    }

    #[test]
    fn other_programs_beside_all_measurements_are_one_finding() {
        let mut run = fixture::run();
        for round in run
            .measurements
            .iter_mut()
            .flat_map(|measurement| &mut measurement.rounds)
        {
            round.machine.other_programs = Some(OtherPrograms {
                cores: 1.3,
                cpus: 2,
            });
        }

        let findings = findings(&run);
        let notes = findings.iter().filter(|finding| finding.kind.is_note());
        assert_eq!(notes.count(), 1);
    }

    #[test]
    fn no_sentence_ends_with_a_stop() {
        for run in fixture::every_run() {
            for finding in findings(&run) {
                assert!(!finding.text.ends_with('.'), "{finding:?}");
            }
        }
    }
}
