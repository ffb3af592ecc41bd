//! A history in words: what changed and when, what follows, and what limits that.

use super::change::{percent, share};
use super::history_machine::{slower_machine, slower_too};
use super::history_names::{amount, machine, name, run};
use crate::history::{Account, Episode, Judged, Shape, Stray, Why, set_up_differences};
use crate::printable::printable;
use crate::report::tone::Tone;
use crate::results::Outcome;
use crate::units::count;

/// Runs that are far off are named one by one up to this number.
const MOST_SPIKES: usize = 3;

/// A sentence about a history.
pub(in crate::report) struct Remark {
    /// What kind of sentence it is: an outcome, or `spike` or `note`.
    pub(in crate::report) label: &'static str,
    pub(in crate::report) tone: Tone,
    pub(in crate::report) text: String,
}

/// When, how and by how much a series changed: `changed at abc1234 (2026-02-03): +12.0 [+9.1,
/// +15.2] %, 7 runs since`.
fn described(account: &Account, judged: &Judged, episode: &Episode) -> String {
    let metric = judged.series.metric;
    let amount = amount(metric, episode);
    let last_point = judged.series.points.len().saturating_sub(1);
    let at = |point: usize| {
        account
            .record(judged, point.min(last_point))
            .map_or_else(String::new, run)
    };
    let runs = episode.to - episode.from;

    match episode.shape {
        Shape::Step => format!(
            "changed at {}: {amount}, {} since",
            at(episode.from),
            count(judged.series.points.len() - episode.from, "run")
        ),
        Shape::Stairs { steps, last } => format!(
            "changed in {} from {} to {}: {amount} together",
            count(steps, "step"),
            at(episode.from),
            at(last)
        ),
        Shape::Drift { .. } if episode.to > last_point => format!(
            "drifts since {}: {amount} over {}, not at one of them",
            at(episode.from),
            count(runs, "run")
        ),
        Shape::Drift { .. } => format!(
            "drifted from {} to {}: {amount} over {}, not at one of them",
            at(episode.from),
            at(episode.to - 1),
            count(runs, "run")
        ),
    }
}

/// What follows for a series, where there is more to say than that nothing changed.
fn standing(account: &Account, judged: &Judged) -> Option<String> {
    let change = |episode: &Episode| described(account, judged, episode);
    let name = name(account, judged);

    let text = match judged.standing.why {
        Why::Unchanged | Why::TooFewRuns { .. } => return None,
        Why::Better(episode) => change(&episode),
        Why::Worse(episode) => change(&episode) + &slower_too(account, judged, &episode),
        Why::Recovered(episode) => format!("{}; it is as good as before now", change(&episode)),
        Why::SlowerMachine(episode) => format!(
            "{}, but the machine itself became slower: {}",
            change(&episode),
            slower_machine(judged, &episode)
        ),
        Why::Perhaps(episode) => format!(
            "{}, which may be within the tolerated {} or not",
            change(&episode),
            share(account.tolerance)
        ),
        Why::Open { runs, factor } => format!(
            "{} {} % off: too few to tell a change from a spike",
            if runs == 1 {
                "the last run is".to_owned()
            } else {
                format!("the last {runs} runs are up to")
            },
            percent(judged.series.metric, factor)
        ),
        Why::FasterSerial(episode) => {
            format!("{}, because the loop became faster", change(&episode))
        }
    };
    Some(format!("{name}: {text}"))
}

/// The single runs far from the level of a series.
fn spikes(account: &Account, judged: &Judged) -> Option<String> {
    let spikes: Vec<&Stray> = judged
        .strays
        .iter()
        .filter(|stray| !stray.is_last)
        .collect();
    let named = spikes.iter().rev().take(MOST_SPIKES).map(|stray| {
        let at = account
            .record(judged, stray.at)
            .map_or_else(String::new, run);
        format!("{} % at {at}", percent(judged.series.metric, stray.factor))
    });
    let named: Vec<String> = named.collect();
    let more = spikes.len().saturating_sub(named.len());

    if named.is_empty() {
        return None;
    }
    let more = if more > 0 {
        format!(" and {} before", count(more, "spike"))
    } else {
        String::new()
    };
    Some(format!(
        "{}: {}{more}; a single run is no change",
        name(account, judged),
        named.join(", ")
    ))
}

/// Everything that is to be said of a history, the verdict last.
pub(in crate::report) fn remarks(account: &Account) -> Vec<Remark> {
    let mut remarks = notes(account);

    for outcome in [Outcome::Regressed, Outcome::Inconclusive, Outcome::Ok] {
        let of_outcome = account
            .deciding()
            .filter(|judged| judged.standing.outcome == outcome);
        remarks.extend(of_outcome.filter_map(|judged| {
            Some(Remark {
                label: match judged.standing.why {
                    Why::Better(_) => "better",
                    _ => outcome.name(),
                },
                tone: outcome.into(),
                text: standing(account, judged)?,
            })
        }));
    }
    for judged in account.deciding() {
        remarks.extend(account.accepted_changes(judged).map(|episode| Remark {
            label: "accepted",
            tone: Tone::Neutral,
            text: format!(
                "{}: {}",
                name(account, judged),
                described(account, judged, episode)
            ),
        }));
    }
    let spikes = account
        .deciding()
        .filter_map(|judged| spikes(account, judged));
    remarks.extend(spikes.map(|text| Remark {
        label: "spike",
        tone: Tone::Neutral,
        text,
    }));
    remarks.extend(too_short(account));
    remarks.extend(unchanged(account));

    remarks
}

/// The runs of each machine that is not judged: `3 runs on EPYC, 2 CPUs`.
fn on_other_machines(account: &Account) -> Vec<String> {
    let others = account.machines[account.judged_machines..].iter();

    others
        .map(|other| format!("{} on {}", count(other.runs.len(), "run"), machine(other)))
        .collect()
}

/// What limits or explains the rest.
fn notes(account: &Account) -> Vec<Remark> {
    let mut notes = Vec::new();
    if account.elsewhere() > 0 {
        notes.push(format!(
            "only runs of one machine are judged; left out: {}",
            on_other_machines(account).join("; ")
        ));
    }
    if account
        .judged
        .iter()
        .any(|judged| judged.series.metric.is_time())
    {
        notes.push(
            "times are divided by the calibration of their round, and shown at the machine's typical speed"
                .to_owned(),
        );
    }

    let mut set_ups: Vec<String> = Vec::new();
    for judged in account.deciding() {
        for episode in &judged.episodes {
            for difference in set_up_differences(&account.records, &judged.series, episode) {
                let text = format!(
                    "with a change of {} the set-up of the machine changed, so twice as much is tolerated: {}",
                    name(account, judged),
                    printable(&difference)
                );
                if !set_ups.contains(&text) {
                    set_ups.push(text);
                }
            }
        }
    }
    notes.extend(set_ups);

    let left_out: usize = account
        .judged
        .iter()
        .map(|judged| judged.series.left_out)
        .sum();
    if left_out > 0 {
        notes.push(format!(
            "left out: {} not positive",
            if left_out == 1 {
                "1 figure is"
            } else {
                "some figures are"
            }
        ));
    }
    notes
        .into_iter()
        .map(|text| Remark {
            label: "note",
            tone: Tone::Neutral,
            text,
        })
        .collect()
}

/// How many runs it takes to say anything of those that have too few.
fn too_short(account: &Account) -> Option<Remark> {
    let mut short = account
        .deciding()
        .filter_map(|judged| match judged.standing.why {
            Why::TooFewRuns { needed } => Some((judged.series.points.len(), needed)),
            _ => None,
        });
    let (runs, needed) = short.next()?;

    Some(Remark {
        label: Outcome::Inconclusive.name(),
        tone: Outcome::Inconclusive.into(),
        text: format!(
            "only {} so far; {needed} are needed to judge {}",
            count(runs, "run"),
            count(1 + short.count(), "metric")
        ),
    })
}

/// What is so of all that did not change, and what could not have been seen.
fn unchanged(account: &Account) -> Option<Remark> {
    let unchanged: Vec<&Judged> = account
        .deciding()
        .filter(|judged| judged.standing.why == Why::Unchanged)
        .collect();
    let restless = unchanged
        .iter()
        .max_by(|left, right| left.scatter.total_cmp(&right.scatter))?;

    let visible = restless.visible_step(account.tolerance);
    Some(Remark {
        label: "ok",
        tone: Tone::Good,
        text: format!(
            "no change of more than is tolerated in {}; within five runs a step of about {:.0} % would be found, even in {}, which varies most",
            count(unchanged.len(), "metric"),
            visible * 100.0,
            name(account, restless)
        ),
    })
}

/// The verdict on everything, with how much of it was decided.
pub(in crate::report) fn whole(account: &Account) -> String {
    let (decided, question_count) = (account.decided(), account.deciding().count());

    match account.outcome() {
        Outcome::Inconclusive => format!("cannot tell ({decided} of {question_count} decided)"),
        outcome if decided < question_count => {
            format!("{} ({decided} of {question_count} decided)", outcome.name())
        }
        outcome => outcome.name().to_owned(),
    }
}
