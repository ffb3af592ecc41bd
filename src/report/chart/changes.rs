//! The chart of runs that were compared with an earlier one: a line for each metric, with its
//! change and the change's interval. Worse is to the right. Times and speed-ups have a scale each,
//! since a time that doubles is as bad as a speed-up that halves.

mod row;
mod scale;

use self::scale::{Columns, Scale};
use super::facts::facts;
use super::font::{Font, Ruler};
use super::legend::{Key, Sample};
use super::page::{GAP, NAME_SIZE, Page, SMALL_SIZE, WIDTH, sentences};
use super::palette::{INK, NOISE, Paint, QUIET, TOLERATED, WARNING};
use super::scene::Scene;
use crate::report::exporter::NamedRun;
use crate::report::findings::{Finding, Kind, comparison_findings, findings};
use crate::report::words::comparison::{conditions, origin, whole};
use crate::results::{Comparison, Judgement, Metric, Outcome};

/// Metrics that share a scale: where they differ in name, the lines say which is which.
const BLOCKS: [&[Metric]; 3] = [
    &[Metric::SerialTime, Metric::DistributedTime],
    &[Metric::Speedup],
    &[Metric::TaskOverhead],
];

/// More remarks than this are counted only.
const MOST_REMARKS: usize = 4;

/// The chart of all of `runs` that were compared.
pub(super) fn several(runs: &[NamedRun<'_>], font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let compared: Vec<(&NamedRun<'_>, &Comparison)> = runs
        .iter()
        .filter_map(|named| Some((named, named.run.comparison.as_ref()?)))
        .collect();
    let all: Vec<Finding> = compared
        .iter()
        .flat_map(|(named, _)| findings(named.run))
        .collect();
    let judgements: Vec<&Judgement> = compared
        .iter()
        .flat_map(|(_, comparison)| &comparison.judgements)
        .collect();

    let mut page = Page::new("Did it get worse?", WIDTH, &all, ruler);
    let columns = Columns::of(&judgements, &page);
    let scale = Scale::of(&judgements);
    page.legend(&keys(&judgements));
    for (named, comparison) in &compared {
        section(&mut page, named, comparison, &columns, &scale);
    }

    let mut lines: Vec<String> = Vec::new();
    for line in compared.iter().flat_map(|(named, _)| facts(named.run)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    page.footer(&all, &lines);
    page.finish(&described(&compared, &all))
}

fn keys(judgements: &[&Judgement]) -> Vec<Key> {
    let key = |sample: Sample, words: &str| Key {
        sample,
        words: words.to_owned(),
    };
    let mut keys = vec![
        key(Sample::Change, "median change and its 99 % interval"),
        key(Sample::Shade(TOLERATED), "tolerated"),
    ];
    if judgements.iter().any(|judgement| row::has_noise(judgement)) {
        keys.push(key(Sample::Shade(NOISE), "this run's own noise"));
    }

    keys
}

/// What comparing one run found.
fn section(
    page: &mut Page<'_>,
    named: &NamedRun<'_>,
    comparison: &Comparison,
    columns: &Columns,
    scale: &Scale,
) {
    let against = format!("compared with {}", origin(comparison));
    let heading = if named.name.is_empty() {
        against
    } else {
        format!("{}, {against}", named.name)
    };

    page.skip(3.0 * GAP);
    page.paragraph(&heading, NAME_SIZE, INK);
    page.paragraph(conditions(comparison), SMALL_SIZE, QUIET);
    let outcome = comparison.outcome();
    page.paragraph(
        &format!("verdict: {}", whole(comparison)),
        NAME_SIZE,
        paint(outcome),
    );

    for metrics in BLOCKS {
        let judgements: Vec<&Judgement> = comparison
            .judgements
            .iter()
            .filter(|judgement| metrics.contains(&judgement.metric))
            .collect();
        row::block(page, &judgements, columns, scale);
    }

    let remarks: Vec<Finding> = comparison_findings(comparison)
        .into_iter()
        .filter(|finding| finding.kind == Kind::Comparability)
        .collect();
    page.skip(GAP / 2.0);
    for remark in remarks.iter().take(MOST_REMARKS) {
        page.paragraph(&remark.sentence(), SMALL_SIZE, QUIET);
    }
    if remarks.len() > MOST_REMARKS {
        let more = format!("and {} more remarks", remarks.len() - MOST_REMARKS);
        page.paragraph(&more, SMALL_SIZE, QUIET);
    }
}

fn paint(outcome: Outcome) -> Paint {
    match outcome {
        Outcome::Ok => INK,
        Outcome::Inconclusive => QUIET,
        Outcome::Regressed => WARNING,
    }
}

/// The verdicts and what they rest on, for those who cannot see the lines.
fn described(compared: &[(&NamedRun<'_>, &Comparison)], all: &[Finding]) -> Vec<String> {
    let mut words = sentences(all, Kind::is_note);
    for (named, comparison) in compared {
        let name = if named.name.is_empty() {
            String::new()
        } else {
            format!("{}: ", named.name)
        };
        words.push(format!(
            "{name}compared with {}, verdict: {}.",
            origin(comparison),
            whole(comparison)
        ));
        let judged = comparison_findings(comparison);
        words.extend(judged.iter().filter_map(|finding| match finding.kind {
            Kind::Judged(outcome) => Some(format!("{}: {}.", outcome.name(), finding.sentence())),
            _ => None,
        }));
    }

    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::scene::{Shape, Text};
    use crate::report::fixture;
    use crate::results::Run;

    fn texts(scene: &Scene) -> Vec<&Text> {
        let texts = scene.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    fn drawn(runs: &[NamedRun<'_>]) -> Scene {
        several(runs, &Font::embedded().unwrap())
    }

    #[test]
    fn every_comparison_of_the_command_is_drawn_with_its_name() {
        let (first, second) = (fixture::compared(), fixture::compared());
        let scene = drawn(&[
            NamedRun {
                name: "first.json",
                run: &first,
            },
            NamedRun {
                name: "second.json",
                run: &second,
            },
        ]);
        let words: Vec<&str> = texts(&scene)
            .iter()
            .map(|text| text.words.as_str())
            .collect();

        for wanted in ["first.json, compared with", "second.json, compared with"] {
            let titles = words.iter().filter(|words| words.starts_with(wanted));
            assert_eq!(titles.count(), 1, "{wanted} in {words:?}");
        }
        let regressed = words.iter().filter(|words| **words == "regressed");
        assert_eq!(regressed.count(), 2, "{words:?}");
        assert!(scene.description.contains("second.json: compared with"));
    }

    #[test]
    fn verdicts_are_aligned_and_the_scale_has_ticks() {
        let run = fixture::compared();
        let scene = drawn(&[NamedRun {
            name: "",
            run: &run,
        }]);
        let texts = texts(&scene);

        let verdicts: Vec<f64> = texts
            .iter()
            .filter(|text| ["regressed", "within noise", "ok"].contains(&text.words.as_str()))
            .map(|text| text.at.x)
            .collect();
        assert!(
            verdicts.len() >= 3 && verdicts.iter().all(|x| *x == verdicts[0]),
            "{verdicts:?}"
        );
        for wanted in ["0", "+50", "-50", "-20", "better", "worse"] {
            assert!(texts.iter().any(|text| text.words == wanted), "{wanted}");
        }
    }

    #[test]
    fn a_comparison_without_metrics_is_drawn_all_the_same() {
        let mut run: Run = fixture::compared();
        run.comparison.as_mut().unwrap().judgements.clear();
        let scene = drawn(&[NamedRun {
            name: "",
            run: &run,
        }]);

        assert!(
            texts(&scene)
                .iter()
                .any(|text| text.words.starts_with("verdict: "))
        );
    }
}
