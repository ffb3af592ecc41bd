//! What a reader must know of a measurement before believing its figures.

use super::{Finding, Kind, Subject};
use crate::report::tone::Tone;
use crate::report::words::first_run::first_run;
use crate::report::words::functions::{first_pass, travelling, varying_results};
use crate::report::words::interference::disturbances;
use crate::report::words::names::name;
use crate::report::words::run;
use crate::report::words::shape::shape;
use crate::report::words::spans::spans_left_out;
use crate::report::words::start_up::start_up;
use crate::report::words::unwaited::unwaited;
use crate::report::words::usage::usage;
use crate::report::words::varying::{
    ignored_failures, not_compared, other_output, other_results, varying,
};
use crate::results::{Measurement, Run};

/// What a reader must know of one measurement.
pub(super) fn notes(run: &Run, place: usize, measurement: &Measurement) -> Vec<Finding> {
    let note = |kind: Kind, text: String| Finding {
        kind,
        subject: Subject::Measurement(place),
        name: name(run, measurement),
        text,
        tone: Tone::Doubtful,
    };
    let caveat = |text: String| note(Kind::Caveat, text);

    let shape = shape(measurement).map(|text| Finding {
        tone: Tone::Neutral,
        ..note(Kind::Shape, text)
    });
    let mut notes: Vec<Finding> = shape.into_iter().collect();
    notes.extend(run::memory(measurement).map(caveat));
    notes.extend(varying(measurement).map(caveat));
    let of_programs = [
        not_compared,
        ignored_failures,
        other_output,
        varying_results,
        other_results,
        first_pass,
        unwaited,
        first_run,
        start_up,
        spans_left_out,
    ];
    notes.extend(
        of_programs
            .iter()
            .filter_map(|words| words(measurement))
            .map(caveat),
    );
    let neutral = travelling(measurement)
        .into_iter()
        .chain(usage(measurement));
    notes.extend(neutral.map(|text| Finding {
        tone: Tone::Neutral,
        ..caveat(text)
    }));
    for engine in run::engines(measurement) {
        notes.extend(run::places(engine).into_iter().map(caveat));
        let losses = run::losses(engine).into_iter();
        notes.extend(losses.map(|text| note(Kind::Loss, text)));
    }

    if measurement.rounds.is_empty() {
        notes.push(note(Kind::NoFigures, run::NO_FIGURES.to_owned()));
    } else if measurement.steady().next().is_none() {
        notes.push(caveat(run::COLD_ONLY.to_owned()));
    } else {
        notes.extend(disturbances(run, measurement).into_iter().map(caveat));
    }
    notes
}
