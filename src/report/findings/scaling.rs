//! With how many workers work is done best, as findings, and which of the findings follow from a
//! run's table.

use super::{Finding, Kind, Subject};
use crate::analysis::{Series, Verdict};
use crate::report::tone::Tone;
use crate::report::words::best_engine::best_engine;
use crate::report::words::names::{name, series_name};
use crate::report::words::open::{OpenArms, open as open_words};
use crate::report::words::{break_even, law, scaling, variants};
use crate::results::{Measurement, Run};

/// What the series of the measurement at `place` say together.
pub(super) fn scaling_findings(run: &Run, place: usize, measurement: &Measurement) -> Vec<Finding> {
    let series = measurement.series();
    let mut findings: Vec<Finding> = series
        .iter()
        .flat_map(|series| series_findings(run, place, series))
        .collect();

    let of_measurement = |kind: Kind, text: String| Finding {
        kind,
        subject: Subject::Measurement(place),
        name: name(run, measurement),
        text,
        tone: Tone::Neutral,
    };
    let split = variants::best_split(measurement);
    findings.extend(split.map(|text| of_measurement(Kind::Recommendation, text)));
    let versus = variants::versus(measurement).into_iter();
    findings.extend(versus.map(|text| of_measurement(Kind::Versus, text)));
    let best = measurement.best_engine();
    let best = best.map(|best| best_engine(measurement, &best));
    findings.extend(best.map(|text| of_measurement(Kind::BestEngine, text)));
    findings.extend(open(run, place, &series));
    findings
}

/// With how many workers of one engine work is done best, and the law that they follow.
fn series_findings(run: &Run, place: usize, series: &Series<'_>) -> Vec<Finding> {
    let name = series_name(run, series);
    let finding = |kind: Kind, text: String, tone: Tone| Finding {
        kind,
        subject: Subject::Series {
            measurement: place,
            arm: series.pairs[0].index,
        },
        name: name.clone(),
        text,
        tone,
    };

    // With several numbers of threads, one sentence is about all series.
    let is_split = series.pairs[0].arm().split().is_some();
    let recommended = series.recommendation().filter(|_| !is_split);
    let recommendation = recommended.as_ref().map(|recommended| {
        let text = scaling::recommendation(run, series, recommended);
        let tone = Tone::of_series(series, recommended);
        finding(Kind::Recommendation, text, tone)
    });
    let cost = recommended.as_ref().map(|recommended| {
        let text = scaling::costs(series, recommended);
        finding(Kind::Cost, text, Tone::Neutral)
    });
    let law = series.law().map(|law| law::law(&law));
    let fractions = law::serial_fractions(series);
    let [law, fractions] =
        [law, fractions].map(|text| text.map(|text| finding(Kind::Law, text, Tone::Neutral)));

    let batch = break_even::break_even(series);
    let batch = batch.map(|text| finding(Kind::BreakEven, text, Tone::Neutral));

    [recommendation, batch, cost, law, fractions]
        .into_iter()
        .flatten()
        .collect()
}

/// Which arms are not resolved although there are rounds enough for an interval.
fn open(run: &Run, place: usize, series: &[Series<'_>]) -> Option<Finding> {
    let arms: Vec<OpenArms<'_>> = series.iter().filter_map(open_arms).collect();
    let measurement = series.first()?.measurement;

    (!arms.is_empty()).then(|| Finding {
        kind: Kind::Open,
        subject: Subject::Measurement(place),
        name: name(run, measurement),
        text: open_words(measurement, &arms),
        tone: Tone::Doubtful,
    })
}

/// The numbers of workers of `series` that are not resolved and may be worth having. One worker
/// beside others is left out: it is there to be compared with them, not to be faster than the loop.
fn open_arms<'a>(series: &Series<'a>) -> Option<OpenArms<'a>> {
    // The recommendation says so itself.
    if series
        .recommendation()
        .is_some_and(|recommendation| recommendation.is_open)
    {
        return None;
    }

    let pairs = series.pairs.iter();
    let candidates = pairs.filter(|pair| pair.workers() > 1 || !series.is_sweep());
    let open = candidates.filter(|pair| {
        pair.summary().is_some_and(|summary| {
            let may_be_worth_it = summary
                .speedup_high
                .is_some_and(|high| high > summary.worth);
            summary.verdict == Verdict::NotResolved && may_be_worth_it
        })
    });
    let workers: Vec<usize> = open.map(|pair| pair.workers()).collect();

    (!workers.is_empty()).then_some(OpenArms {
        engine: series.pairs[0].engine(),
        workers,
    })
}

/// Those of `findings` that follow from a run's table, in the order that they are read in: with how
/// many workers work is done best; where that cannot be said, what each arm shows; what stays open;
/// what jobs that run once get; and the costs and laws, if `with_laws`.
pub(in crate::report) fn conclusions(
    findings: &[Finding],
    with_laws: bool,
) -> impl Iterator<Item = &Finding> {
    let is_recommended = |measurement: usize| {
        findings.iter().any(|finding| {
            finding.kind == Kind::Recommendation
                && matches!(finding.subject, Subject::Series { measurement: other, .. } | Subject::Measurement(other) if other == measurement)
        })
    };
    let is_shown = move |finding: &&Finding| match (finding.kind, finding.subject) {
        (
            Kind::Recommendation
            | Kind::BestEngine
            | Kind::BreakEven
            | Kind::Versus
            | Kind::Open
            | Kind::Cold,
            _,
        ) => true,
        (Kind::Verdict, Subject::Arm { measurement, .. }) => !is_recommended(measurement),
        (Kind::Cost | Kind::Law, _) => with_laws,
        _ => false,
    };
    let rank = |finding: &&Finding| match (finding.kind, finding.subject) {
        (Kind::Open, _) => (1, 0),
        (Kind::Cold, _) => (2, 0),
        (Kind::Cost, _) => (3, 0),
        (Kind::Law, _) => (4, 0),
        (_, Subject::Arm { measurement, .. } | Subject::Series { measurement, .. }) => {
            (0, measurement)
        }
        (_, Subject::Measurement(measurement)) => (0, measurement),
        _ => (0, 0),
    };

    let mut conclusions: Vec<&Finding> = findings.iter().filter(is_shown).collect();
    conclusions.sort_by_key(rank);
    conclusions.into_iter()
}
