//! `--save-baseline`: a run becomes a baseline only when two passes of it agree. One pass may have met a
//! moment that never comes again, and every later check would be judged by it.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Ending;
use super::check::is_broken;
use super::neighbours::in_the_way;
use super::output::{Outputs, Target, spare};
use super::run::{Streams, measured};
use crate::compare::{Pairing, Question, compare, rounds_alike};
use crate::machine::OtherPrograms;
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::printable;
use crate::report::{self, Kind};
use crate::results::{Metric, Outcome, Round, Run};

/// Where to, and how much two passes may differ.
pub struct Baseline {
    /// The file.
    pub path: PathBuf,
    /// 0.1 for 10 %.
    pub tolerance: f64,
    /// Whether to save it although other programs were in the way.
    pub force: bool,
}

impl Baseline {
    /// Where it is written.
    fn target(&self) -> Target {
        Target::file(&report::STORED, &self.path)
    }

    /// Tries the file before anything is measured; none of `others` may be the same.
    pub(super) fn open(&self, others: &[Target]) -> Result<Outputs> {
        spare(others, &self.path)?;
        Outputs::open(&[self.target()])
    }

    /// `plan` with rounds enough that two passes of it can be told apart.
    pub(super) fn plan(plan: &Plan) -> Plan {
        let mut plan = plan.again();
        let measurements: usize = plan
            .cases
            .iter()
            .map(|case| case.workers.as_slice().len())
            .sum();
        let metrics = measurements * Metric::DECIDING.len();
        plan.sampling = plan
            .sampling
            .with_at_least(rounds_alike(metrics, Pairing::Apart));
        plan
    }

    /// Measures `plan` once more; when `first` and the second pass agree, writes both as one run.
    pub(super) fn save(
        &self,
        first: &Run,
        plan: &Plan,
        opened: Outputs,
        conditions: Conditions<'_>,
        streams: &mut Streams<'_>,
    ) -> Result<Ending> {
        let path = printable::path(&self.path);
        self.refuse_a_busy_machine(first)?;
        let mut plan = plan.again();
        plan.sampling.order_seed = !plan.sampling.order_seed;
        let second = measured(&plan, conditions);
        if let Some(signal) = conditions.stop.signal() {
            streams.error(&format!(
                "interrupted in the second pass; {path} is not saved"
            ))?;
            return Ok(Ending::Interrupted(signal));
        }
        self.refuse_a_busy_machine(&second)?;
        if is_broken(first) || is_broken(&second) {
            bail!("a run with problems is no baseline; {path} is not saved");
        }
        let agreement = Agreement::of(first, &second, self.tolerance)
            .context(format!("{path} is not saved"))?;
        let sensitivity = match agreement {
            Agreement::Same { sensitivity } => sensitivity,
            Agreement::Differ { change } => bail!(
                "two passes do not agree, so {path} is not saved: {change}; try again when the machine is quieter, \
                 or with more rounds: --rounds {}",
                2 * most_rounds(&second)
            ),
        };
        opened.write(&merged(first, second), streams.stdout)?;
        writeln!(
            streams.stderr,
            "saved {path}: two passes agree; {sensitivity}"
        )?;
        Ok(Ending::Done)
    }
}

impl Baseline {
    /// An error when other programs were in the way of `run`: each later check would be judged by what they left.
    fn refuse_a_busy_machine(&self, run: &Run) -> Result<()> {
        let Some(OtherPrograms { cores, cpus }) = in_the_way(run).filter(|_| !self.force) else {
            return Ok(());
        };
        bail!(
            "other programs used {cores:.1} of the {cpus} CPUs while this was measured, so {} is not saved: stop them and \
             try again, or save it all the same with --force",
            printable::path(&self.path)
        );
    }
}

/// Whether two passes of one plan found the same.
enum Agreement {
    /// Neither is worse than the other.
    Same {
        /// Which changes a later check could see, as a sentence.
        sensitivity: String,
    },
    /// One is.
    Differ {
        /// In what, as a sentence.
        change: String,
    },
}

impl Agreement {
    fn of(first: &Run, second: &Run, tolerance: f64) -> Result<Self> {
        let mut sensitivity = None;
        for (baseline, name, current) in [
            (first, "the first pass", second),
            (second, "the second pass", first),
        ] {
            let (pairing, deciding) = (Pairing::Apart, &Metric::DECIDING);
            let comparison = compare(&Question {
                baseline,
                name,
                current,
                pairing,
                tolerance,
                deciding,
            })?;
            let worse = report::comparison_findings(&comparison)
                .into_iter()
                .find(|finding| finding.kind == Kind::Judged(Outcome::Regressed));
            if let Some(worse) = worse {
                return Ok(Self::Differ {
                    change: format!("against {name}, {}", worse.sentence()),
                });
            }
            sensitivity = report::sensitivity(&comparison);
        }

        Ok(Self::Same {
            sensitivity: sensitivity.unwrap_or_else(|| "nothing can be compared".to_owned()),
        })
    }
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
        // Of both, whole blocks only: a round without its partner in the middle would shift those after it.
        let cold: Vec<Round> = measurement
            .rounds
            .iter()
            .filter(|round| round.cold)
            .copied()
            .collect();
        let steady: Vec<Round> = measurement
            .steady()
            .chain(again.steady())
            .copied()
            .collect();
        measurement.rounds = cold.into_iter().chain(steady).collect();
    }
    run
}
