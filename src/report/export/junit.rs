//! The run as `JUnit` XML, for CI systems that show tests: a case for every measurement, with its verdict, a case for
//! every metric that was compared, and an error for everything that failed. Only a regression is a failure: whether it
//! pays is a finding.
//! Text from outside is escaped; what no reader could see, or XML cannot hold, is shown as an escape.
//!
//! A case's time is that of all its rounds in both arms, in seconds with three decimals: the schema that
//! Jenkins reads by (junit-10.xsd) allows no more.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::exporter::Exporter;
use crate::printable::printable;
use crate::report::findings::{Finding, Kind, Subject, findings};
use crate::report::words::names::{identities, numbered};
use crate::results::{self, Comparison, Measurement, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "junit",
    extension: "xml",
    about: "JUnit XML: measurements as cases with their verdicts, problems as errors.",
    write,
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
    by_subject.sort_by_key(|finding| finding.subject);
    let mut cases: Vec<Case> = by_subject
        .into_iter()
        .filter_map(|finding| case(run, finding))
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

/// The case that `finding` is the outcome of: there is one for each measurement, each judged metric and each problem.
fn case(run: &Run, finding: &Finding) -> Option<Case> {
    let text = finding.text.clone();

    match (finding.subject, finding.kind) {
        (Subject::Measurement(place), Kind::Verdict) => {
            Some(measured(run, place, Outcome::Measured(text)))
        }
        (Subject::Measurement(place), Kind::NoFigures) => {
            Some(measured(run, place, Outcome::Skipped(text)))
        }
        (Subject::Judgement(place), kind) => {
            let outcome = match kind {
                Kind::Judged(results::Outcome::Regressed) => Outcome::Failed(text),
                Kind::Judged(results::Outcome::Inconclusive) => Outcome::Skipped(text),
                _ => Outcome::Measured(text),
            };
            Some(judged(run.comparison.as_ref()?, place, outcome))
        }
        (Subject::Problem(place), _) => Some(failed(run, place, Outcome::Error(text))),
        _ => None,
    }
}

fn measured(run: &Run, place: usize, outcome: Outcome) -> Case {
    let Measurement {
        workload, rounds, ..
    } = &run.measurements[place];
    let times = rounds
        .iter()
        .map(|round| round.serial_s + round.distributed_s);

    Case {
        workload: workload.clone(),
        name: identities(run).swap_remove(place),
        time_s: total(times),
        outcome,
    }
}

fn judged(comparison: &Comparison, place: usize, outcome: Outcome) -> Case {
    let judgement = &comparison.judgements[place];

    Case {
        workload: judgement.workload.clone(),
        name: format!(
            "{}/{}-{}/{} against the baseline",
            judgement.workload,
            judgement.engine,
            judgement.workers,
            judgement.metric.name()
        ),
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

/// `text` for an attribute's value in double quotes or between two tags, on one line: of the characters that
/// XML 1.0 has no way to write (section 2.2, production 2) none is left.
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
    use crate::report::fixture;
    use crate::results::Problem;

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(document(&fixture::run()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="parbench" tests="3" failures="0" errors="0" time="74.161">
          <testsuite name="parbench" tests="3" failures="0" errors="0" time="74.161" skipped="0" timestamp="2026-02-03T04:05:06Z">
            <testcase classname="parbench.fib" name="fib/pool-2" time="20.850">
              <system-out>distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays almost in full</system-out>
            </testcase>
            <testcase classname="parbench.pi" name="pi/pool-2" time="7.217">
              <system-out>distributed is 1.95x as fast [1.94, 2.01] on 2 workers: pays almost in full</system-out>
            </testcase>
            <testcase classname="parbench.image" name="image/pool-2" time="46.094">
              <system-out>distributed is 0.97x as fast [0.96, 0.996] on 2 workers: does not pay; of 1.08 s beyond a perfect split, 1.05 s is dispatch: submitting, waking workers, fetching</system-out>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_run_that_went_wrong_has_errors_and_skipped_cases() {
        insta::assert_snapshot!(document(&fixture::broken()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="parbench" tests="6" failures="0" errors="3" time="21.568">
          <testsuite name="parbench" tests="6" failures="0" errors="3" time="21.568" skipped="1" timestamp="2026-02-03T04:05:06Z">
            <testcase classname="parbench.fib" name="fib/pool-2" time="20.850">
              <system-out>distributed is 1.89x as fast [1.87, 1.94] on 2 workers: pays almost in full</system-out>
            </testcase>
            <testcase classname="parbench.pi" name="pi/pool-2" time="0.718">
              <system-out>distributed is 1.71x as fast on 2 workers: not resolved, fewer than 6 steady rounds</system-out>
            </testcase>
            <testcase classname="parbench.image" name="image/pool-2" time="0.000">
              <skipped message="no round is complete, so there are no figures"/>
            </testcase>
            <testcase classname="parbench.image" name="image/problem" time="0.000">
              <error type="problem" message="photo-17.jpg is no JPEG | 3 of 40 images were left out; delete the folder to make it anew"/>
            </testcase>
            <testcase classname="parbench.ray" name="ray/problem" time="0.000">
              <error type="problem" message="not reachable"/>
            </testcase>
            <testcase classname="parbench.run" name="run/interrupted" time="0.000">
              <error type="problem" message="interrupted before everything was measured"/>
            </testcase>
            <system-out>interrupted: the figures are those of the rounds that were complete&#10;debug build: its times say nothing; measure with a release build&#10;pi: only the cold first round is complete; its figures are shown&#10;image: no round is complete, so there are no figures</system-out>
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
            message: nasty.to_owned(),
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
