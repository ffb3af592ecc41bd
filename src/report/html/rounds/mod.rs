//! Every round as a point: a strip for each arm, in the order in which the rounds ran, so that
//! drift, outliers and disturbed rounds are seen. The same times stand in a table below.

mod mark;
mod scale;
mod strip;

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value};

use self::mark::Mark;
use self::scale::Scale;
use super::section::Section;
use super::tables;
use super::words::shown;
use crate::report::figures::{self, Table};
use crate::report::words::names::name;
use crate::results::{Measurement, Run};
use crate::units::count;

/// The section; `None` where no round is complete.
pub(super) fn section(run: &Run) -> Option<Section> {
    let measured: Vec<&Measurement> = run
        .measurements
        .iter()
        .filter(|measurement| !measurement.rounds.is_empty())
        .collect();
    if measured.is_empty() {
        return None;
    }

    let start = Section::new("rounds", "Every round")
        .with(shapes())
        .with(legend(&measured));
    let tables = figures::rounds(run);
    let parts = measured.iter().zip(&tables).enumerate();
    let all = parts.fold(start, |section, (place, (measurement, table))| {
        section.with(part(run, place, measurement, table))
    });

    Some(all)
}

/// The strips of one measurement, and its table.
fn part(run: &Run, place: usize, measurement: &Measurement, table: &Table) -> Markup {
    let name = name(run, measurement);
    let scale = Scale::of(measurement);
    let rounds = count(measurement.rounds.len(), "round");

    html! {
        h3 { (shown(&name)) }
        p.legend { (rounds) "; each strip reaches from " (scale.low()) " to " (scale.high())
            " of its median, which is the line." }
        div.strips data-remarks=(remarks(measurement)) {
            @for arm in 0..measurement.arms.len() {
                (strip::figure(&format!("strip-{place}-{arm}"), &name, measurement, arm, &scale))
            }
        }
        details {
            summary { "Times of each round of " (shown(&name)) }
            (tables::compact(tables::table(
                &format!("rounds-table-{place}"),
                &format!("Each round of {name}"),
                table,
            )))
        }
    }
}

/// What sets rounds apart, by their numbers, as JSON: `{"20":"16.9 % stolen by the hypervisor"}`.
fn remarks(measurement: &Measurement) -> String {
    let rounds = 0..measurement.rounds.len();
    let remarks: Map<String, Value> = rounds
        .map(|place| (place + 1, mark::reasons(measurement, place)))
        .filter(|(_, reasons)| !reasons.is_empty())
        .map(|(number, reasons)| (number.to_string(), reasons.join(", ").into()))
        .collect();

    Value::Object(remarks).to_string()
}

/// The shapes of the marks, which strips refer to.
fn shapes() -> Markup {
    let mut paths = String::new();
    for mark in Mark::ALL {
        let _ = write!(paths, "<path id=\"{}\" d=\"{}\"/>", mark.id(), mark.shape());
    }
    let _ = write!(
        paths,
        "<path id=\"{}\" d=\"{}\"/>",
        mark::BEYOND,
        mark::BEYOND_SHAPE
    );

    html! {
        svg.shapes width="0" height="0" aria-hidden="true" {
            defs { (PreEscaped(paths)) }
        }
    }
}

/// What the points mean, as far as there are any of them.
fn legend(measured: &[&Measurement]) -> Markup {
    let is_used = |mark: &Mark| {
        measured.iter().any(|measurement| {
            let rounds = 0..measurement.rounds.len();
            rounds.into_iter().any(|round| {
                let mut arms = 0..measurement.arms.len();
                arms.any(|arm| Mark::of(measurement, round, arm) == Some(*mark))
            })
        })
    };
    let used: Vec<Mark> = Mark::ALL.into_iter().filter(is_used).collect();

    html! {
        ul.marks {
            li {
                svg.key width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" { path d="M9 9h0" {} }
                "a round"
            }
            @for mark in used {
                li {
                    svg.key width="18" height="18" aria-hidden="true" {
                        (strip::used(mark.id(), "9", "9"))
                    }
                    (mark.words())
                }
            }
            li {
                svg.key width="18" height="18" aria-hidden="true" {
                    (strip::used(mark::BEYOND, "9", "9"))
                }
                "beyond the strip"
            }
        }
    }
}
