//! The run as `JUnit` XML, for CI systems that show tests: a case for every measurement, with its verdict, and
//! a case for every metric that was compared, and an error for everything that failed. Only a regression is a
//! failure: whether it pays is a finding.
//! Text from outside is escaped; what no reader could see, or XML cannot hold, is shown as an escape.
//!
//! A case's time is that of all its rounds in both arms, in seconds with three decimals: the schema that
//! Jenkins reads by (junit-10.xsd) allows no more.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Exporter, reasons, words};
use crate::printable::printable;
use crate::results::{self, Judgement, Measurement, Run};

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
    let cases: Vec<Case> = measured(run)
        .into_iter()
        .chain(judged(run))
        .chain(failed(run))
        .collect();
    let count = |of: fn(&Outcome) -> bool| cases.iter().filter(|case| of(&case.outcome)).count();
    let totals = format!(
        r#"name="parbench" tests="{}" failures="{}" errors="{}" time="{:.3}""#,
        cases.len(),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Error(_))),
        total(cases.iter().map(|case| case.time_s)),
    );
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let started_at = escaped(&run.started_at);
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n");
    let _ = writeln!(
        text,
        r#"  <testsuite {totals} skipped="{skipped}" timestamp="{started_at}">"#
    );
    for case in &cases {
        text.push_str(&element(case));
    }
    let caveats = words::caveats(run);
    if !caveats.is_empty() {
        let lines: Vec<String> = caveats.iter().map(|caveat| escaped(caveat)).collect();
        let _ = writeln!(text, "    <system-out>{}</system-out>", lines.join("&#10;"));
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// The sum of some times. `Iterator::sum` of none would be -0, and be written so.
fn total(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(0.0, |sum, time| sum + time)
}

/// A case for every measurement.
fn measured(run: &Run) -> Vec<Case> {
    let case = |(name, measurement): (String, &Measurement)| {
        let times = measurement
            .rounds
            .iter()
            .map(|round| round.serial_s + round.distributed_s);
        let outcome = match measurement.summary() {
            Some(summary) => Outcome::Measured(words::verdict(run, measurement, &summary)),
            None => Outcome::Skipped("no round is complete".to_owned()),
        };
        Case {
            workload: measurement.workload.clone(),
            name,
            time_s: total(times),
            outcome,
        }
    };
    words::identities(run)
        .into_iter()
        .zip(&run.measurements)
        .map(case)
        .collect()
}

/// A case for every judged metric, if the run was compared: a regression is a failure, what stays open is skipped.
fn judged(run: &Run) -> Vec<Case> {
    let case = |judgement: &Judgement| {
        let sentence = reasons::because(judgement);
        let outcome = match judgement.outcome {
            _ if judgement.informational => Outcome::Measured(sentence),
            results::Outcome::Ok => Outcome::Measured(sentence),
            results::Outcome::Regressed => Outcome::Failed(sentence),
            results::Outcome::Inconclusive => Outcome::Skipped(sentence),
        };
        let Judgement {
            workload,
            engine,
            workers,
            metric,
            ..
        } = judgement;
        let name = format!(
            "{workload}/{engine}-{workers}/{} against the baseline",
            metric.name()
        );
        Case {
            workload: workload.clone(),
            name,
            time_s: 0.0,
            outcome,
        }
    };
    run.comparison
        .iter()
        .flat_map(|comparison| comparison.judgements.iter().map(case))
        .collect()
}

/// A case for every problem. An interruption is one here: a file that shows only what was complete would
/// otherwise look like success.
fn failed(run: &Run) -> Vec<Case> {
    let names = words::numbered(
        run.problems
            .iter()
            .map(|problem| format!("{}/problem", problem.workload)),
    );
    let case = |workload: &str, name: String, message: &str| Case {
        workload: workload.to_owned(),
        name,
        time_s: 0.0,
        outcome: Outcome::Error(message.to_owned()),
    };
    let problems = run.problems.iter().zip(names);
    let mut cases: Vec<Case> = problems
        .map(|(problem, name)| case(&problem.workload, name, &problem.message))
        .collect();
    if run.interrupted {
        cases.push(case(
            "run",
            "run/interrupted".to_owned(),
            "interrupted before everything was measured",
        ));
    }
    cases
}

fn element(case: &Case) -> String {
    let Case {
        workload,
        name,
        time_s,
        outcome,
    } = case;
    let (workload, name) = (escaped(workload), escaped(name));
    let inside = match outcome {
        Outcome::Measured(verdict) => format!("<system-out>{}</system-out>", escaped(verdict)),
        Outcome::Failed(verdict) => format!(
            r#"<failure type="regression" message="{}"/>"#,
            escaped(verdict)
        ),
        Outcome::Skipped(reason) => format!(r#"<skipped message="{}"/>"#, escaped(reason)),
        Outcome::Error(message) => {
            format!(r#"<error type="problem" message="{}"/>"#, escaped(message))
        }
    };
    format!(
        r#"    <testcase classname="parbench.{workload}" name="{name}" time="{time_s:.3}">
      {inside}
    </testcase>
"#
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
              <system-out>distributed is 0.97x as fast [0.96, 0.996] on 2 workers: does not pay</system-out>
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
              <skipped message="no round is complete"/>
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
            <system-out>interrupted: the figures are those of the rounds that were complete.&#10;debug build: its times say nothing; measure with a release build.&#10;pi: only the cold first round is complete; its figures are shown.&#10;image: no round is complete, so there are no figures.</system-out>
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
