//! A history with everything that follows from it: what reports are made of.

use std::ops::Range;

use super::episode::Episode;
use super::judge::judge;
use super::judged::{Judged, Question};
use super::record::Record;
use super::series::{Machine, series};
use super::store::History;
use crate::results::Outcome;

/// A history and its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Every run, of whatever machine, by rising date.
    pub records: Vec<Record>,
    /// The machines, that of the latest run first.
    pub machines: Vec<Machine>,
    /// What became of each series of the machines that are judged.
    pub judged: Vec<Judged>,
    /// How many of the machines are judged: the first ones.
    pub judged_machines: usize,
    /// The change that is tolerated.
    pub tolerance: f64,
    /// The index of the last run whose changes are accepted.
    pub accepted: Option<usize>,
}

impl Account {
    /// What follows from `history`: on the machine of its latest run, or on each of its machines.
    #[must_use]
    pub fn of(history: History, question: &Question<'_>, all_machines: bool) -> Self {
        let records = history.records;
        let (machines, mut series) = series(&records);
        let judged_machines = if all_machines {
            machines.len()
        } else {
            machines.len().min(1)
        };
        series.retain(|series| series.machine < judged_machines);

        Self {
            judged: judge(&records, series, question),
            records,
            machines,
            judged_machines,
            tolerance: question.tolerance,
            accepted: question.accepted,
        }
    }

    /// The changes of `judged` for the worse that count for nothing, because they are accepted.
    pub fn accepted_changes<'a>(&'a self, judged: &'a Judged) -> impl Iterator<Item = &'a Episode> {
        let is_accepted = |episode: &&Episode| {
            let run = judged
                .series
                .points
                .get(episode.from)
                .map(|point| point.run);
            run.zip(self.accepted)
                .is_some_and(|(run, last)| run <= last)
        };

        let changes = judged.episodes.iter().filter(is_accepted);
        changes.filter(|episode| episode.amount.is_worse(self.tolerance))
    }

    /// What the verdict depends on.
    pub fn deciding(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.informational)
    }

    /// The verdict on everything: the worst one.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let outcomes = self.deciding().map(|judged| judged.standing.outcome);

        outcomes.max().unwrap_or(Outcome::Inconclusive)
    }

    /// How many of the deciding figures are decided.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.deciding()
            .filter(|judged| judged.standing.outcome != Outcome::Inconclusive)
            .count()
    }

    /// The runs that are not judged.
    #[must_use]
    pub fn elsewhere(&self) -> usize {
        self.machines[self.judged_machines..]
            .iter()
            .map(|machine| machine.runs.len())
            .sum()
    }

    /// The run of the point at this index of a series.
    #[must_use]
    pub fn record(&self, judged: &Judged, point: usize) -> Option<&Record> {
        self.records.get(judged.series.points.get(point)?.run)
    }
}

impl Judged {
    /// About how large a step has to be for five runs after it to show it, as a share: the
    /// tolerance and two and a half times the scatter. One scatter and a half is what a 99 %
    /// interval of five runs reaches to below, and one is what their median may be off. With the
    /// noise of the published runs 99 % of such steps are found.
    #[must_use]
    pub fn visible_step(&self, tolerance: f64) -> f64 {
        const SCATTERS: f64 = 2.5;

        (1.0 + tolerance) * (1.0 + self.scatter).powf(SCATTERS) - 1.0
    }

    /// The points between changes, with a drift as one stretch: each with one level, or one line.
    #[must_use]
    pub fn stretches(&self) -> Vec<Range<usize>> {
        let ends = |at: &usize| *at > 0 && *at < self.series.points.len();
        let mut bounds: Vec<usize> = self
            .episodes
            .iter()
            .flat_map(|episode| [episode.from, episode.to])
            .filter(ends)
            .chain([0, self.series.points.len()])
            .collect();
        bounds.sort_unstable();
        bounds.dedup();

        bounds.windows(2).map(|ends| ends[0]..ends[1]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture;
    use crate::history::history;
    use crate::results::Metric;

    const QUESTION: Question<'static> = Question {
        tolerance: 0.05,
        deciding: &Metric::DECIDING,
        accepted: None,
    };

    #[test]
    fn the_machine_of_the_latest_run_is_judged_unless_all_are() {
        let mut text = String::new();
        for (day, mut record) in (0..).zip(fixture::of(&[1.0; 5]).records) {
            if day < 3 {
                record.machine.processor.usable_cpus = 64;
            }
            text.push_str(&record.text());
            text.push('\n');
        }
        let history = history(&[("x".to_owned(), text.into_bytes())]);

        let latest = Account::of(history.clone(), &QUESTION, false);
        assert_eq!((latest.judged.len(), latest.elsewhere()), (3, 3));
        assert_eq!(latest.judged[0].series.points.len(), 2);
        let all = Account::of(history, &QUESTION, true);
        assert_eq!((all.judged.len(), all.elsewhere()), (6, 0));
    }

    #[test]
    fn the_worst_verdict_is_that_of_all() {
        let factors: Vec<f64> = (0..40)
            .map(|run| if run < 30 { 1.0 } else { 1.2 })
            .collect();
        let account = Account::of(fixture::of(&factors), &QUESTION, false);

        assert_eq!(
            (account.outcome(), account.decided()),
            (Outcome::Regressed, 3)
        );
        assert_eq!(account.judged[1].stretches(), [0..30, 30..40]);
        assert_eq!(account.judged[0].stretches().first(), Some(&(0..40)));

        // 1.05 times 1.02 to the power of 2.5 is 1.1033.
        let mut restless = account.judged[0].clone();
        restless.scatter = 0.02;
        assert!((restless.visible_step(0.05) - 0.1033).abs() < 1e-4);

        let nothing = Account::of(History::default(), &QUESTION, false);
        assert_eq!(
            (nothing.outcome(), nothing.elsewhere()),
            (Outcome::Inconclusive, 0)
        );
    }
}
