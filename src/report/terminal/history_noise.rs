//! How often a history is judged wrongly: the rates of each kind of series, and what they are of.

use super::arrangement::arranged;
use super::options::Layout;
use super::text::wrapped;
use crate::history::{HistoryNoise, Kind, KindRate};
use crate::report::figures::{Block, Cell, Column, Row, Table};
use crate::report::tone::Tone;
use crate::report::words::change::share;
use crate::results::Rate;

/// The rates as a table, and what they show.
#[must_use]
pub fn history_noise(noise: &HistoryNoise, layout: Layout) -> String {
    let mut text = arranged(&table(noise), layout);
    text.push('\n');

    for (label, tone, sentence) in sentences(noise) {
        text.push('\n');
        text.push_str(&wrapped(label, tone, &sentence, layout));
    }
    text + "\n"
}

fn table(noise: &HistoryNoise) -> Table {
    let rate = |rate: &Rate| {
        let percent = |share: f64| format!("{:.1}", share * 100.0);
        let interval = format!("[{}, {}]", percent(rate.low), percent(rate.high));
        let hits = rate.hits as f64 / rate.trials.max(1) as f64;
        Cell::new(&percent(hits)).with(&interval)
    };
    let row = |rates: &KindRate| {
        let name = description(noise, rates.kind);
        Row {
            cells: vec![
                Cell::new(&name),
                rate(&rates.regressed).toned(if rates.is_good() {
                    Tone::Good
                } else {
                    Tone::Bad
                }),
                rate(&rates.changed),
                rates.located.as_ref().map_or_else(absent, rate),
                rates.right_shape.as_ref().map_or_else(absent, rate),
            ],
            label: name,
        }
    };
    let block = Block {
        name: String::new(),
        about: String::new(),
        rows: noise.rates.iter().map(row).collect(),
    };

    let percents = |heading: &str| Column::numbers(heading).with("[95 %]");
    Table {
        legends: vec![
            vec!["Per cent of series, with 95 % intervals.".to_owned()],
            vec!["\"located\": within one run of the step.".to_owned()],
        ],
        ..Table::new(
            "",
            vec![
                Column::words("series with").labelling(),
                percents("said\nregressed").named("said regressed"),
                percents("said any\nchange").named("any change"),
                percents("located").named("located"),
                percents("right shape").named("right shape"),
            ],
            vec![block],
        )
    }
}

fn absent() -> Cell {
    Cell::or_absent(None::<&str>)
}

fn description(noise: &HistoryNoise, kind: Kind) -> String {
    let scheme = &noise.scheme;
    let change = |factor: f64| share(((factor - 1.0) * 1e6).round() / 1e6);

    match kind {
        Kind::Shuffled => "no change".to_owned(),
        Kind::Spike => "one spike of 30 %".to_owned(),
        Kind::Step => format!("+{}, {} runs ago", change(scheme.step), scheme.after),
        Kind::Drift => format!("drift to +{}", change(scheme.drift)),
    }
}

fn sentences(noise: &HistoryNoise) -> Vec<(&'static str, Tone, String)> {
    let scheme = &noise.scheme;
    let scatter = |pick: fn(f64, f64) -> f64| {
        let scatters = noise.sources.iter().map(|source| source.scatter);
        share((scatters.reduce(pick).unwrap_or_default() * 1000.0).round() / 1000.0)
    };

    let mut sentences = vec![(
        "measured",
        Tone::Neutral,
        format!(
            "{} series of {} runs of each kind, judged as {} metrics together with a tolerance of {}; runs scatter by {} to {}",
            scheme.series,
            scheme.runs,
            scheme.family,
            share(scheme.tolerance),
            scatter(f64::min),
            scatter(f64::max)
        ),
    )];
    if !noise.between_runs {
        sentences.push((
            "note",
            Tone::Doubtful,
            "the noise is that within runs: how far runs differ from one another is in a store only, which --store names"
                .to_owned(),
        ));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Scheme, SourceNoise};

    #[test]
    fn the_rates_of_all_kinds_are_shown() {
        let rate = |kind, hits| KindRate {
            kind,
            regressed: Rate::of(hits, 2000),
            changed: Rate::of(hits + 1, 2000),
            located: (kind == Kind::Step).then(|| Rate::of(1900, 2000)),
            right_shape: None,
        };
        let noise = HistoryNoise {
            parbench_version: String::new(),
            scheme: Scheme {
                series: 2000,
                runs: 200,
                step: 1.1,
                after: 5,
                drift: 1.2,
                tolerance: 0.05,
                family: 9,
                seed: 1,
            },
            sources: [0.004, 0.0213]
                .map(|scatter| SourceNoise {
                    name: "fib serial".to_owned(),
                    scatter,
                })
                .to_vec(),
            between_runs: false,
            rates: vec![
                rate(Kind::Shuffled, 3),
                rate(Kind::Spike, 0),
                rate(Kind::Step, 1990),
                rate(Kind::Drift, 1500),
            ],
        };

        insta::assert_snapshot!(history_noise(&noise, Layout::PLAIN), @r#"
                                   said      said any
                              regressed        change       located
        series with              [95 %]        [95 %]        [95 %]  right shape
        ------------------------------------------------------------------------
        no change                   0.1           0.2             -            -
                             [0.0, 0.4]    [0.1, 0.5]
        one spike of 30 %           0.0           0.1             -            -
                             [0.0, 0.2]    [0.0, 0.3]
        +10 %, 5 runs ago          99.5          99.6          95.0            -
                           [99.1, 99.8]  [99.1, 99.8]  [94.0, 95.9]
        drift to +20 %             75.0          75.0             -            -
                           [73.0, 76.9]  [73.1, 76.9]
        Per cent of series, with 95 % intervals.
        "located": within one run of the step.

        measured: 2000 series of 200 runs of each kind, judged as 9 metrics together
            with a tolerance of 5 %; runs scatter by 0.4 % to 2.1 %
        note: the noise is that within runs: how far runs differ from one another is in
              a store only, which --store names
        "#);
    }
}
