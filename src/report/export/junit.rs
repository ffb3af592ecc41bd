//! The run as `JUnit` XML, for CI systems that show tests: a case for every arm beside the serial
//! loop, with its verdict, a case for every metric that was compared, and an error for everything
//! that failed. Only a regression is a failure: whether it pays is a finding. Text from outside is
//! escaped; what no reader could see, or XML cannot hold, is shown as an escape.
//!
//! A case's time is that of all rounds of its arm, in seconds with three decimals: the schema that
//! Jenkins reads by (junit-10.xsd) allows no more.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::printable::printable;
use crate::report::exporter::Exporter;
use crate::report::findings::{Finding, Kind, Subject, findings};
use crate::report::words::comparison::name;
use crate::report::words::names::{identities, numbered};
use crate::results::{self, Comparison, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "junit",
    extension: "xml",
    about: "JUnit XML: measurements as cases with their verdicts, problems as errors.",
    write,
    write_several: None,
};

/// A test case: its workload, its name, how long it took, and what came of it.
struct Case {
    workload: String,
    name: String,
    time_s: f64,
    outcome: Outcome,
}

/// What came of a case, with the sentence that says it.
enum Outcome {
    Measured(String),
    Failed(String),
    Skipped(String),
    Error(String),
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(document(run).as_bytes())
}

fn document(run: &Run) -> String {
    let findings = findings(run);
    let mut by_subject: Vec<&Finding> = findings.iter().collect();
    by_subject.sort_by_key(|finding| position(finding.subject));
    let mut cases: Vec<Case> = by_subject
        .into_iter()
        .flat_map(|finding| cases_of(run, finding))
        .collect();
    cases.extend(interruption(run));
    let notes: Vec<String> = findings
        .iter()
        .filter(|finding| finding.kind.is_note())
        .map(|finding| escaped(&finding.sentence()))
        .collect();

    let totals = totals(&cases);
    let skipped = count(&cases, |outcome| matches!(outcome, Outcome::Skipped(_)));
    let started_at = escaped(&run.started_at);
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n");
    let _ = writeln!(
        text,
        r#"  <testsuite {totals} skipped="{skipped}" timestamp="{started_at}">"#
    );
    for case in &cases {
        text.push_str(&element(case));
    }
    if !notes.is_empty() {
        let _ = writeln!(text, "    <system-out>{}</system-out>", notes.join("&#10;"));
    }

    text + "  </testsuite>\n</testsuites>\n"
}

/// Where the cases of `subject` stand: those of measurements in their order, then judgements, then
/// problems.
fn position(subject: Subject) -> [usize; 3] {
    match subject {
        Subject::Run | Subject::Comparison => [0, 0, 0],
        Subject::Measurement(measurement) => [1, measurement, 0],
        Subject::Arm { measurement, arm } | Subject::Series { measurement, arm } => {
            [1, measurement, arm]
        }
        Subject::Judgement(judgement) => [2, judgement, 0],
        Subject::Problem(problem) => [3, problem, 0],
    }
}

/// The attributes that both roots have.
fn totals(cases: &[Case]) -> String {
    format!(
        r#"name="parbench" tests="{}" failures="{}" errors="{}" time="{:.3}""#,
        cases.len(),
        count(cases, |outcome| matches!(outcome, Outcome::Failed(_))),
        count(cases, |outcome| matches!(outcome, Outcome::Error(_))),
        total(cases.iter().map(|case| case.time_s)),
    )
}

fn count(cases: &[Case], is_counted: fn(&Outcome) -> bool) -> usize {
    cases
        .iter()
        .filter(|case| is_counted(&case.outcome))
        .count()
}

/// The sum of some times. `Iterator::sum` of an empty one would be -0, and be written as that.
fn total(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(0.0, |sum, time| sum + time)
}

/// The cases that `finding` is the outcome of: there is one for each arm but the reference, each
/// judged metric and each problem.
fn cases_of(run: &Run, finding: &Finding) -> Vec<Case> {
    let text = finding.text.clone();

    match (finding.subject, finding.kind) {
        (Subject::Arm { measurement, arm }, Kind::Verdict) => {
            vec![measured(run, measurement, arm, Outcome::Measured(text))]
        }
        (Subject::Measurement(place), Kind::NoFigures) => run.measurements[place]
            .pairs()
            .map(|pair| measured(run, place, pair.index, Outcome::Skipped(text.clone())))
            .collect(),
        (Subject::Judgement(place), kind) => {
            let outcome = match kind {
                Kind::Judged(results::Outcome::Regressed) => Outcome::Failed(text),
                Kind::Judged(results::Outcome::Inconclusive) => Outcome::Skipped(text),
                _ => Outcome::Measured(text),
            };
            let case = |comparison| judged(comparison, place, outcome);
            run.comparison.as_ref().map(case).into_iter().collect()
        }
        (Subject::Problem(place), _) => vec![failed(run, place, Outcome::Error(text))],
        _ => Vec::new(),
    }
}

fn measured(run: &Run, place: usize, arm: usize, outcome: Outcome) -> Case {
    let measurement = &run.measurements[place];
    let times = measurement
        .rounds
        .iter()
        .map(|round| round.times[arm].wall_s);

    Case {
        workload: measurement.workload.clone(),
        name: identities(run).swap_remove(place).swap_remove(arm),
        time_s: total(times),
        outcome,
    }
}

fn judged(comparison: &Comparison, place: usize, outcome: Outcome) -> Case {
    let judgement = &comparison.judgements[place];

    Case {
        workload: judgement.workload.clone(),
        name: format!("{} against the baseline", name(judgement)),
        time_s: 0.0,
        outcome,
    }
}

fn failed(run: &Run, place: usize, outcome: Outcome) -> Case {
    let names = run
        .problems
        .iter()
        .map(|problem| format!("{}/problem", problem.workload));

    Case {
        workload: run.problems[place].workload.clone(),
        name: numbered(names).swap_remove(place),
        time_s: 0.0,
        outcome,
    }
}

/// An error: a file that shows only what was complete would otherwise look like success.
fn interruption(run: &Run) -> Option<Case> {
    run.interrupted.then(|| Case {
        workload: "run".to_owned(),
        name: "run/interrupted".to_owned(),
        time_s: 0.0,
        outcome: Outcome::Error("interrupted before everything was measured".to_owned()),
    })
}

fn element(case: &Case) -> String {
    let inside = match &case.outcome {
        Outcome::Measured(text) => format!("<system-out>{}</system-out>", escaped(text)),
        Outcome::Failed(text) => format!(
            r#"<failure type="regression" message="{}"/>"#,
            escaped(text)
        ),
        Outcome::Skipped(text) => format!(r#"<skipped message="{}"/>"#, escaped(text)),
        Outcome::Error(text) => format!(r#"<error type="problem" message="{}"/>"#, escaped(text)),
    };

    format!(
        r#"    <testcase classname="parbench.{}" name="{}" time="{:.3}">
      {inside}
    </testcase>
"#,
        escaped(&case.workload),
        escaped(&case.name),
        case.time_s
    )
}

/// `text` for an attribute's value in double quotes or between two tags, on one line, without the
/// characters that XML 1.0 has no way to write (section 2.2, production 2).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }

    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::failure::Failure;
    use crate::report::fixture;
    use crate::results::Problem;

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(document(&fixture::run()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="parbench" tests="3" failures="0" errors="0" time="33.210">
          <testsuite name="parbench" tests="3" failures="0" errors="0" time="33.210" skipped="0" timestamp="2026-02-03T04:05:06Z">
            <testcase classname="parbench.fib" name="fib/pool-2" time="7.251">
              <system-out>pool 2 is 1.89x as fast as serial [1.87, 1.94] for 1.06x the CPU time: pays</system-out>
            </testcase>
            <testcase classname="parbench.pi" name="pi/pool-2" time="2.456">
              <system-out>pool 2 is 1.95x as fast as serial [1.94, 2.01] for 1.02x the CPU time: pays</system-out>
            </testcase>
            <testcase classname="parbench.image" name="image/pool-2" time="23.503">
              <system-out>pool 2 is 0.97x as fast as serial [0.96, 0.996] for 2.06x the CPU time: does not pay; it takes 1.08 s more than a perfect split, 1.05 s of it because handing out tasks takes too long (dispatch), larger ones would pay more</system-out>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_run_that_went_wrong_has_errors_and_skipped_cases() {
        insta::assert_snapshot!(document(&fixture::broken()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="parbench" tests="6" failures="0" errors="3" time="7.516">
          <testsuite name="parbench" tests="6" failures="0" errors="3" time="7.516" skipped="1" timestamp="2026-02-03T04:05:06Z">
            <testcase classname="parbench.fib" name="fib/pool-2" time="7.251">
              <system-out>pool 2 is 1.89x as fast as serial [1.87, 1.94] for 1.06x the CPU time: pays</system-out>
            </testcase>
            <testcase classname="parbench.pi" name="pi/pool-2" time="0.265">
              <system-out>pool 2 is 1.71x as fast as serial for 1.17x the CPU time: not resolved, fewer than 6 steady rounds</system-out>
            </testcase>
            <testcase classname="parbench.image" name="image/pool-2" time="0.000">
              <skipped message="no round is complete, so there are no figures"/>
            </testcase>
            <testcase classname="parbench.image" name="image/problem" time="0.000">
              <error type="problem" message="photo-17.jpg is no JPEG | 3 of 40 images were left out; delete the folder to make it again"/>
            </testcase>
            <testcase classname="parbench.ray" name="ray/problem" time="0.000">
              <error type="problem" message="not reachable"/>
            </testcase>
            <testcase classname="parbench.run" name="run/interrupted" time="0.000">
              <error type="problem" message="interrupted before everything was measured"/>
            </testcase>
            <system-out>interrupted: the figures are those of the rounds that were complete&#10;debug build: its times are meaningless; measure with a release build&#10;pi: only the cold first round is complete; its figures are shown&#10;image: no round is complete, so there are no figures</system-out>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn the_totals_are_those_of_the_cases() {
        for run in fixture::every_run() {
            let text = document(&run);
            let parsed = roxmltree::Document::parse(&text).unwrap();
            let suite = parsed
                .descendants()
                .find(|node| node.has_tag_name("testsuite"))
                .unwrap();
            let count = |tag| {
                suite
                    .descendants()
                    .filter(|node| node.has_tag_name(tag))
                    .count()
                    .to_string()
            };
            for (total, tag) in [
                ("tests", "testcase"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ] {
                assert_eq!(suite.attribute(total), Some(count(tag).as_str()), "{total}");
            }
            let cases: Vec<_> = suite
                .children()
                .filter(|node| node.has_tag_name("testcase"))
                .collect();
            let seconds =
                |node: &roxmltree::Node| node.attribute("time").unwrap().parse::<f64>().unwrap();
            let sum: f64 = cases.iter().map(seconds).sum();
            assert!((seconds(&suite) - sum).abs() < 0.01);
            let names: HashSet<_> = cases.iter().map(|case| case.attribute("name")).collect();
            assert_eq!(names.len(), cases.len());
        }
    }

    #[test]
    fn any_text_survives_and_what_xml_cannot_hold_is_an_escape() {
        let mut run = fixture::run();
        let nasty = "a\0b\u{1b}[31m\u{ffff}<c>&\"d'\n\te]]>é🦀";
        run.problems.push(Problem {
            workload: nasty.to_owned(),
            failure: Failure::new(nasty),
        });
        let text = document(&run);
        let parsed = roxmltree::Document::parse(&text).unwrap();
        let error = parsed
            .descendants()
            .find(|node| node.has_tag_name("error"))
            .unwrap();
        assert_eq!(
            error.attribute("message"),
            Some("a\\u{0}b\\u{1b}[31m\\u{ffff}<c>&\"d'\\n\\te]]>é🦀")
        );
    }
}
