//! How often a history is judged wrongly: series without a change, with a step and with a drift of
//! known size, made of the noise of real runs, and what is said of them.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

use super::ALPHA;
use super::episode::{Episode, Shape};
use super::found::{Found, Limits};
use super::order::{Testing, order};
use super::source::{Draws, Source};
use super::standing::Why;
use crate::results::Rate;
use crate::stop::{Interrupted, Stop};

/// How much a spike is worse than the other runs.
const SPIKE: f64 = 1.3;

/// What the simulated series are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scheme {
    /// Series of each kind.
    pub series: usize,
    /// Runs of each series.
    pub runs: usize,
    /// How many times as bad a step makes it.
    pub step: f64,
    /// The runs after the step.
    pub after: usize,
    /// How many times as bad a drift makes it from the first run to the last.
    pub drift: f64,
    /// The change that is tolerated.
    pub tolerance: f64,
    /// The figures that are judged together.
    pub family: usize,
    /// The same seed draws the same series.
    pub seed: u64,
}

/// What is in a simulated series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing.
    Shuffled,
    /// One run that is far worse.
    Spike,
    /// A step shortly before the last run.
    Step,
    /// A little more with each run.
    Drift,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Shuffled, Self::Spike, Self::Step, Self::Drift];

    /// Its name in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shuffled => "shuffled",
            Self::Spike => "spike",
            Self::Step => "step",
            Self::Drift => "drift",
        }
    }
}

/// What was said of the series of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindRate {
    /// The kind.
    pub kind: Kind,
    /// Those that were said to have got worse: false alarms where nothing is.
    pub regressed: Rate,
    /// Those with any change, however small and for better or worse.
    pub changed: Rate,
    /// Of a step, those found within one run of where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub located: Option<Rate>,
    /// Of those that got worse, those of the kind's own shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right_shape: Option<Rate>,
}

/// What was found, as shown and stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryNoise {
    /// The program's version.
    pub parbench_version: String,
    /// What was simulated.
    pub scheme: Scheme,
    /// The figures whose noise it has, and how far their runs typically are from the middle.
    pub sources: Vec<SourceNoise>,
    /// Whether the noise between runs is in it, or only that within runs.
    pub between_runs: bool,
    /// What was said.
    pub rates: Vec<KindRate>,
}

/// A figure and its noise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceNoise {
    /// The figure.
    pub name: String,
    /// The standard deviation of its simulated runs, as a share.
    pub scatter: f64,
}

impl Scheme {
    /// The index of the first run after a step.
    #[must_use]
    pub fn step_at(&self) -> usize {
        self.runs.saturating_sub(self.after)
    }

    /// The series of this number and kind: the logarithm of each run, of which more is worse.
    #[must_use]
    pub fn values(&self, sources: &[Source], kind: Kind, number: usize) -> Vec<f64> {
        let Some(source) = sources.get(number % sources.len().max(1)) else {
            return Vec::new();
        };
        let place = Kind::ALL.iter().position(|other| *other == kind);
        let stream = (number * Kind::ALL.len() + place.unwrap_or_default()) as u64;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed ^ stream.rotate_left(32));
        let last = self.runs.saturating_sub(1).max(1) as f64;

        let change = |run: usize| match kind {
            Kind::Spike if run == self.runs / 2 => SPIKE.ln(),
            Kind::Step if run >= self.step_at() => self.step.ln(),
            Kind::Drift => self.drift.ln() * run as f64 / last,
            Kind::Shuffled | Kind::Spike | Kind::Step => 0.0,
        };
        (0..self.runs)
            .map(|run| source.draw(&mut random) + change(run))
            .collect()
    }

    /// What is said of `values`, as one of the family.
    fn verdict(&self, values: &[f64]) -> (Why, Vec<Episode>) {
        let testing = Testing::of(self.family, ALPHA, 1);
        let order = order(values, testing);
        // Holm's first step, which is what the least p-value of the family has to pass.
        let p_value = order
            .as_ref()
            .map(|order| (order.p_value * self.family as f64).min(1.0));
        let analysis = Found::of(values, order.as_ref(), p_value, testing, self.tolerance);

        let limits = Limits {
            tolerance: self.tolerance,
            threshold: self.tolerance,
        };
        let why = analysis.why(self.family, 0, &|_| limits);
        (why, analysis.fit.episodes)
    }

    fn rate(
        &self,
        sources: &[Source],
        kind: Kind,
        stop: &Stop,
        done: &mut dyn FnMut(),
    ) -> Result<KindRate, Interrupted> {
        let mut counts = Counts::default();
        for number in 0..self.series {
            stop.check()?;
            let (why, episodes) = self.verdict(&self.values(sources, kind, number));
            counts.add(self, kind, why, &episodes);
            done();
        }

        let of_all = |hits: u64| Rate::of(hits, self.series as u64);
        Ok(KindRate {
            kind,
            regressed: of_all(counts.regressed),
            changed: of_all(counts.changed),
            located: (kind == Kind::Step).then(|| of_all(counts.located)),
            right_shape: matches!(kind, Kind::Step | Kind::Drift)
                .then(|| Rate::of(counts.right_shape, counts.regressed)),
        })
    }
}

#[derive(Default)]
struct Counts {
    regressed: u64,
    changed: u64,
    located: u64,
    right_shape: u64,
}

impl Counts {
    fn add(&mut self, scheme: &Scheme, kind: Kind, why: Why, episodes: &[Episode]) {
        self.changed += u64::from(!episodes.is_empty());
        let Why::Worse(episode) = why else {
            return;
        };

        self.regressed += 1;
        let is_step = !matches!(episode.shape, Shape::Drift { .. });
        let is_near = episode.from.abs_diff(scheme.step_at()) <= 1;
        self.located += u64::from(is_step && is_near);
        self.right_shape += u64::from(is_step == (kind == Kind::Step));
    }
}

/// Simulates and judges series of all kinds with the noise of `sources`, and calls `done` after
/// each.
pub fn noise(
    scheme: Scheme,
    sources: &[Source],
    stop: &Stop,
    done: &mut dyn FnMut(),
) -> Result<HistoryNoise, Interrupted> {
    let mut rates = Vec::with_capacity(Kind::ALL.len());
    for kind in Kind::ALL {
        rates.push(scheme.rate(sources, kind, stop, done)?);
    }

    Ok(HistoryNoise {
        parbench_version: env!("CARGO_PKG_VERSION").to_owned(),
        sources: sources
            .iter()
            .map(|source| SourceNoise {
                name: source.name.clone(),
                scatter: source.scatter(scheme.seed),
            })
            .collect(),
        between_runs: sources
            .iter()
            .all(|source| matches!(source.noise, Draws::Runs(_))),
        scheme,
        rates,
    })
}

impl KindRate {
    /// Whether it is as good as asked for: at most 1 % of what has no change, at least 95 % of what
    /// has one.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let share = self.regressed.hits as f64 / (self.regressed.trials.max(1)) as f64;

        match self.kind {
            Kind::Shuffled | Kind::Spike => share <= ALPHA,
            Kind::Step | Kind::Drift => share >= 0.95,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Standing, family_of, fixture};
    use crate::results::Outcome;

    fn scheme(series: usize) -> Scheme {
        Scheme {
            series,
            runs: 60,
            step: 1.1,
            after: 5,
            drift: 1.2,
            tolerance: 0.05,
            family: 3,
            seed: 1,
        }
    }

    fn sources() -> Vec<Source> {
        Source::of_rounds(&fixture::of(&[1.0]).records[0])
    }

    #[test]
    fn what_has_no_change_is_rarely_accused_and_what_has_one_is_found() {
        let mut done = 0;
        let noise = noise(scheme(60), &sources(), &Stop::new(), &mut || done += 1).unwrap();

        assert_eq!((noise.sources.len(), done), (3, 240));
        let hits = |place: usize| noise.rates[place].regressed.hits;
        assert_eq!((hits(0), hits(1)), (0, 0), "{:?}", noise.rates);
        assert!(hits(2) >= 57 && hits(3) >= 57, "{:?}", noise.rates);
        let step = &noise.rates[2];
        assert!(step.located.unwrap().hits >= 57, "{step:?}");
        assert!(
            noise.rates[3].right_shape.unwrap().hits >= 50,
            "{:?}",
            noise.rates
        );
        assert!(noise.rates.iter().all(KindRate::is_good));
    }

    #[test]
    fn the_same_seed_draws_the_same_series() {
        let values = |seed, number| {
            let scheme = Scheme { seed, ..scheme(1) };
            scheme.values(&sources(), Kind::Step, number)
        };

        assert_eq!(values(1, 4), values(1, 4));
        assert_ne!(values(1, 4), values(2, 4));
        assert_ne!(values(1, 4), values(1, 7), "of the same source");
    }

    #[test]
    fn a_request_to_stop_is_heard() {
        let stop = Stop::new();
        stop.raise(2);

        assert!(noise(scheme(5), &sources(), &stop, &mut || ()).is_err());
    }

    #[test]
    fn a_verdict_of_few_runs_is_open() {
        let scheme = Scheme {
            runs: 5,
            after: 2,
            ..scheme(1)
        };
        let (why, _) = scheme.verdict(&scheme.values(&sources(), Kind::Step, 0));

        assert!(matches!(why, Why::TooFewRuns { .. }));
        assert_eq!(Outcome::Inconclusive, Standing::from(why).outcome);
        assert_eq!(family_of(&fixture::of(&[1.0, 1.0]).records), 3);
    }
}
