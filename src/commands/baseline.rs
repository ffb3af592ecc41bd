//! `--save-baseline`: a run becomes a baseline only when two passes of it agree. One pass may have
//! met a moment that never comes again, and every later check would be judged by it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Ending;
use super::announcement::announce_pass;
use super::measured::measured;
use super::neighbours::in_the_way;
use super::output::{Outputs, Target, spare};
use super::streams::Streams;
use crate::compare::{Pairing, Question, compare, questions, rounds_alike};
use crate::machine::OtherPrograms;
use crate::measure::Conditions;
use crate::plan::{Case, Plan};
use crate::printable;
use crate::report::{self, Finding, Kind};
use crate::results::{Comparison, Metric, Outcome, Run};
use crate::units::count;

/// The most passes that two in a row are looked for among, which agree. A third one is for a moment
/// that one of the first two met; more of them would find two that agree by chance.
const PASSES: usize = 3;

/// A baseline to save.
pub struct Baseline {
    /// The file.
    pub path: PathBuf,
    /// How much two passes may differ: 0.1 for 10 %.
    pub tolerance: f64,
    /// Whether to save it although other programs were in the way.
    pub force: bool,
}

impl Baseline {
    /// Tries the file before anything is measured. It must not be that of another output.
    pub(super) fn open(&self, others: &[Target]) -> Result<Outputs> {
        spare(others, &self.path, "the baseline")?;
        Outputs::open(&[Target::file(&report::STORED, &self.path)])
    }

    /// `plan` with rounds enough that two passes of it can be told apart.
    pub(super) fn plan(plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        let question_count = questions(plan.cases.iter().map(Case::pairs), &Metric::DECIDING);

        plan.sampling = plan
            .sampling
            .with_at_least(rounds_alike(question_count, Pairing::Apart));
        plan
    }

    /// Measures `plan` once more after `first`; when two passes in a row agree, writes both as one
    /// run. When the first two do not, a third one is measured.
    pub(super) fn save(
        &self,
        first: Run,
        plan: &Plan,
        opened: Outputs,
        conditions: Conditions<'_>,
        streams: &mut Streams<'_>,
    ) -> Result<Ending> {
        let path = printable::path(&self.path);
        let is_fit = |pass: &Run| self.refuse_an_unfit_pass(pass);

        match agreed(first, plan, self.tolerance, is_fit, conditions)? {
            Agreed::Interrupted(signal) => {
                streams.error(&format!(
                    "interrupted in a further pass; {path} is not saved"
                ))?;
                Ok(Ending::Interrupted(signal))
            }
            Agreed::Two { run, sensitivity } => {
                opened.write(&run, streams.stdout)?;
                writeln!(
                    streams.stderr,
                    "saved {path}: two passes agree; {sensitivity}"
                )?;
                Ok(Ending::Done)
            }
            Agreed::None { change, rounds } => bail!(
                "no two of {PASSES} passes in a row agree, so {path} is not saved: {change}; try again when the \
                 machine is quieter, or with {}",
                count(2 * rounds, "round")
            ),
        }
    }

    /// An error when `pass` is no basis for later checks: a part of it failed, or other programs
    /// were in the way, and every later check would be judged by what they left.
    fn refuse_an_unfit_pass(&self, pass: &Run) -> Result<()> {
        let path = printable::path(&self.path);
        if pass.is_broken() {
            bail!("a run with problems cannot be a baseline; {path} is not saved");
        }

        match in_the_way(pass).filter(|_| !self.force) {
            Some(OtherPrograms { cores, cpus }) => bail!(
                "other programs used {cores:.1} of the {} while this was measured, so {path} is not saved: stop them and \
                 try again, or add --force",
                count(cpus, "CPU")
            ),
            None => Ok(()),
        }
    }
}

/// What became of passes until two in a row agree.
pub(super) enum Agreed {
    /// These two do.
    Two {
        /// Both as one run.
        run: Box<Run>,
        /// Which changes a later check could see, as a sentence.
        sensitivity: String,
    },
    /// No two do.
    None {
        /// In what the last two differ, as a sentence.
        change: String,
        /// The rounds of a pass.
        rounds: usize,
    },
    /// The user asked to stop, by this signal.
    Interrupted(usize),
}

/// Measures `plan` after its pass `first` until two passes in a row agree within `tolerance`; each
/// has to be fit for that.
pub(super) fn agreed(
    first: Run,
    plan: &Plan,
    tolerance: f64,
    is_fit: impl Fn(&Run) -> Result<()>,
    conditions: Conditions<'_>,
) -> Result<Agreed> {
    is_fit(&first)?;

    let mut plan = plan.clone();
    plan.keep_references(&first);
    let mut earlier = first;
    let mut change = String::new();
    for number in 2..=PASSES {
        plan = plan.next_pass();
        announce_pass(&plan, number, PASSES, conditions.observer);
        let later = measured(&plan, conditions);
        if let Some(signal) = conditions.stop.signal() {
            return Ok(Agreed::Interrupted(signal));
        }
        is_fit(&later)?;

        match Agreement::between(&earlier, &later, tolerance)
            .context("two passes cannot be compared")?
        {
            Agreement::Same { sensitivity } => {
                let run = Box::new(merged(&earlier, later));
                return Ok(Agreed::Two { run, sensitivity });
            }
            Agreement::Differ { change: difference } => change = difference,
        }
        earlier = later;
    }

    let rounds = most_rounds(&earlier);
    Ok(Agreed::None { change, rounds })
}

/// Whether two passes of one plan agree.
enum Agreement {
    /// Neither pass is worse than the other.
    Same {
        /// Which changes a later check could see, as a sentence.
        sensitivity: String,
    },
    /// One pass is worse than the other.
    Differ {
        /// In what, as a sentence.
        change: String,
    },
}

impl Agreement {
    fn between(earlier: &Run, later: &Run, tolerance: f64) -> Result<Self> {
        let forwards = comparison(earlier, "the earlier pass", later, tolerance)?;
        let backwards = comparison(later, "the later pass", earlier, tolerance)?;

        let change = worse_sentence(&forwards)
            .map(|sentence| format!("against the pass before, {sentence}"))
            .or_else(|| {
                worse_sentence(&backwards)
                    .map(|sentence| format!("against the pass after it, {sentence}"))
            });
        if let Some(change) = change {
            return Ok(Self::Differ { change });
        }

        let sensitivity =
            report::sensitivity(&backwards).unwrap_or_else(|| "nothing can be compared".to_owned());
        Ok(Self::Same { sensitivity })
    }
}

/// What changed from `baseline`, called `name`, to `current`.
fn comparison(baseline: &Run, name: &str, current: &Run, tolerance: f64) -> Result<Comparison> {
    Ok(compare(&Question {
        baseline,
        name,
        current,
        pairing: Pairing::Apart,
        tolerance,
        deciding: &Metric::DECIDING,
    })?)
}

/// The first thing that got worse.
fn worse_sentence(comparison: &Comparison) -> Option<String> {
    report::comparison_findings(comparison)
        .iter()
        .find(|finding| finding.kind == Kind::Judged(Outcome::Regressed))
        .map(Finding::sentence)
}

/// The steady rounds of the longest measurement.
fn most_rounds(run: &Run) -> usize {
    run.measurements
        .iter()
        .map(|measurement| measurement.steady().count())
        .max()
        .unwrap_or(1)
}

/// Both passes as one run: the steady rounds of both, the cold one of the first.
fn merged(first: &Run, second: Run) -> Run {
    let mut run = first.clone();

    for (measurement, again) in run.measurements.iter_mut().zip(second.measurements) {
        let cold = measurement.rounds.iter().filter(|round| round.cold);
        // Of both, whole blocks only: a round without its partner in the middle would shift those
        // after it.
        let steady = measurement.steady().chain(again.steady());
        measurement.rounds = cold.chain(steady).cloned().collect();
    }

    run
}

/// Refuses a stored run that is no baseline: a first answer, and one that is incomplete.
pub(super) fn refuse_unfit(run: &Run, path: &Path) -> Result<()> {
    let path = printable::path(path);

    if run.quick.is_some() {
        bail!(
            "{path} was measured with --quick: it is a first answer and no baseline; measure one without --quick"
        );
    }
    if let Some(flaw) = run.flaw() {
        bail!("{path} is no baseline, because {flaw}: measure one again");
    }
    Ok(())
}
