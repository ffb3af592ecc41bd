//! The run as GitHub-flavoured Markdown, for step summaries, pull requests and READMEs: the terminal table's
//! figures, the machine, and what both arms computed. Text from outside is escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use super::{Exporter, change, judgement, reasons, words};
use crate::printable::printable;
use crate::results::{Comparison, Measurement, Metric, Run, Summary};
use crate::units::{Percent, Rate, Ratio, Seconds, two_decimals};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "md",
    extension: "md",
    about: "Tables in Markdown, for a pull request or a step summary.",
    write,
};

/// A value of an answer is cut here: enough for a SHA-256 in quotes, too little for F(1000000).
const ANSWER_WIDTH: usize = 66;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(document(run).as_bytes())
}

/// The whole document.
#[must_use]
pub fn document(run: &Run) -> String {
    let mut text = format!(
        "# parbench {}\n\n{}\n",
        escaped(&run.parbench_version),
        environment(run)
    );
    for line in words::caveats(run) {
        let _ = write!(text, "\n> **Note:** {}\n", escaped(&line));
    }
    for line in words::problems(run) {
        let _ = write!(text, "\n> **Problem:** {}\n", escaped(&line));
    }
    let measured: Vec<(&Measurement, Summary)> = run
        .measurements
        .iter()
        .filter_map(|one| Some((one, one.summary()?)))
        .collect();
    if measured.is_empty() {
        text.push_str("\nNothing was measured.\n");
        return text;
    }
    if let Some(comparison) = &run.comparison {
        text.push_str(&judged(comparison));
    }
    text.push_str("\n## Steady rounds\n\n");
    text.push_str(&figures(run, &measured));
    text.push_str("\nTimes are medians; the speed-up is the median of the rounds' own ratios.\n");
    text.push('\n');
    for (measurement, summary) in &measured {
        let verdict = words::verdict(run, measurement, summary);
        let reason = words::reason(measurement, summary)
            .map_or_else(String::new, |reason| format!("; {reason}"));
        let _ = writeln!(
            text,
            "- {}: {}",
            escaped(&measurement.workload),
            escaped(&(verdict + &reason))
        );
    }
    text.push_str("\n## Apart from these\n\n");
    text.push_str(&apart(run, &measured));
    text.push_str("\n## Answers, equal in both arms\n\n");
    for (measurement, _) in measured {
        let name = escaped(&words::name(run, measurement));
        let _ = writeln!(text, "- {name}: {}", answer(&measurement.answer));
    }
    text
}

/// What comparing found, with a sentence for each outcome.
fn judged(comparison: &Comparison) -> String {
    let (name, outcome) = (
        escaped(&comparison.baseline.name),
        judgement::whole(comparison),
    );
    let mut text = format!("\n## Compared with {name}: {outcome}\n\n");
    for sentence in reasons::sentences(comparison) {
        let _ = writeln!(
            text,
            "- **{}**: {}",
            sentence.outcome.name(),
            escaped(&sentence.text)
        );
    }
    let notes = comparison
        .machine_differences
        .iter()
        .chain(&comparison.left_out);
    for note in notes.cloned().chain(reasons::blind_spot(comparison)) {
        let _ = writeln!(text, "- {}", escaped(&note));
    }
    let columns = [
        "workload",
        "metric",
        "workers",
        "baseline",
        "now",
        "change in % \\[99 % interval\\]",
        "blind below",
        "verdict",
    ];
    let rows = comparison.judgements.iter().map(|judgement| {
        let [baseline, current] =
            [judgement.baseline, judgement.current].map(|value| match judgement.metric {
                Metric::Speedup => Ratio(value).to_string(),
                _ => Seconds(value).to_string(),
            });
        vec![
            judgement.workload.clone(),
            judgement.metric.name().to_owned(),
            judgement.workers.to_string(),
            baseline,
            current,
            change::interval(judgement),
            change::detectable(judgement),
            reasons::verdict(judgement).to_owned(),
        ]
    });
    text.push('\n');
    text + &table(&columns, 2, rows)
}

/// The machine and the day, on one line.
fn environment(run: &Run) -> String {
    let environment = &run.environment;
    let facts = [
        environment.cpu_model.clone(),
        words::count(environment.usable_cpus, "usable CPU"),
        format!("{} memory", environment.memory_bytes),
        format!(
            "{}, kernel {}, {}",
            environment.os, environment.kernel, environment.arch
        ),
        format!("{} build", environment.build_profile),
        run.started_at.clone(),
    ];
    facts.map(|fact| escaped(&fact)).join(" · ")
}

fn figures(run: &Run, measured: &[(&Measurement, Summary)]) -> String {
    let engines = words::names_engines(run);
    let mut columns = vec!["workload"];
    if engines {
        columns.push("engine");
    }
    let words = columns.len();
    let numbers = [
        "tasks",
        "workers",
        "serial",
        "distributed",
        "speed-up",
        "range",
        "efficiency",
        "of ceiling",
        "throughput",
    ];
    columns.extend(numbers);
    let rows = measured.iter().map(|(measurement, summary)| {
        let mut row = vec![measurement.workload.clone()];
        if engines {
            row.push(measurement.engine.clone());
        }
        row.extend([
            measurement.tasks.to_string(),
            measurement.workers.to_string(),
            Seconds(summary.serial_median_s).to_string(),
            Seconds(summary.distributed_median_s).to_string(),
            Ratio(summary.speedup).to_string(),
            format!(
                "{} to {}",
                Ratio(summary.speedup_min),
                Ratio(summary.speedup_max)
            ),
            Percent(summary.efficiency).to_string(),
            summary
                .efficiency_of_ceiling
                .map_or("-".to_owned(), |share| Percent(share).to_string()),
            Rate {
                per_second: summary.distributed_throughput_per_s,
                unit: &measurement.work.unit,
            }
            .to_string(),
        ]);
        row
    });
    table(&columns, words, rows)
}

/// What is no part of the figures: the cold round, and the wait for the workers.
fn apart(run: &Run, measured: &[(&Measurement, Summary)]) -> String {
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |s| Seconds(s).to_string());
    let columns = [
        "measurement",
        "steady rounds",
        "cold round, serial",
        "cold round, distributed",
        "start-up",
        "task overhead",
        "cores granted",
    ];
    let rows = measured.iter().map(|(measurement, summary)| {
        vec![
            words::name(run, measurement),
            summary.steady_rounds.to_string(),
            time(summary.cold_serial_s),
            time(summary.cold_distributed_s),
            Seconds(measurement.startup_s).to_string(),
            Seconds(summary.task_overhead_median_s).to_string(),
            summary
                .granted_cores
                .map_or_else(|| "-".to_owned(), two_decimals),
        ]
    });
    table(&columns, 1, rows)
}

/// A table whose first `words` columns stand left and whose others, numbers, stand right.
fn table(columns: &[&str], words: usize, rows: impl Iterator<Item = Vec<String>>) -> String {
    let alignment = |index| if index < words { ":---" } else { "---:" };
    let rule = (0..columns.len())
        .map(alignment)
        .collect::<Vec<_>>()
        .join("|");
    let mut text = format!("| {} |\n|{rule}|\n", columns.join(" | "));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// An answer's fields as `name value`, long values cut.
fn answer(answer: &Value) -> String {
    let field = |name: &str, value: &Value| format!("{} {}", escaped(name), clipped(value));
    match answer {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| field(name, value))
            .collect::<Vec<_>>()
            .join(", "),
        value => clipped(value),
    }
}

fn clipped(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let cut: String = text.chars().take(ANSWER_WIDTH).collect();
    if cut.len() < text.len() {
        format!("{}…", escaped(&cut))
    } else {
        escaped(&text)
    }
}

/// What GitHub and other readers of Markdown drop when they show a text, and see as the end of a name or an address:
/// a space of no width.
const BREAK: &str = "&#8203;";

/// `text` as it stands, on one line: nothing in it opens a cell, a tag, a heading, a list, a formula, an emphasis or a
/// link, which for GitHub are addresses without brackets, `#12`, `GH-12` and `@name`, too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = printable(text);
    let mut rest = text.chars().peekable();
    let mut previous = None;

    while let Some(character) = rest.next() {
        // As in `x86_64`, where it opens nothing.
        let is_inside_word = previous.is_some_and(char::is_alphanumeric)
            && rest.peek().is_some_and(|next| next.is_alphanumeric());
        previous = Some(character);
        let ends_with = |word: &str| {
            let end = escaped
                .len()
                .checked_sub(word.len())
                .and_then(|start| escaped.get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(word))
        };
        match character {
            '_' if is_inside_word => escaped.push('_'),
            '\\' | '|' | '*' | '`' | '[' | ']' | '~' | '_' | '$' => {
                escaped.extend(['\\', character])
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '#' => escaped.extend(["\\#", BREAK]),
            '@' => escaped.extend(["@", BREAK]),
            ':' if rest.peek() == Some(&'/') => escaped.extend([":", BREAK]),
            '.' if ends_with("www") => escaped.extend([BREAK, "."]),
            '-' if ends_with("gh") => escaped.extend([BREAK, "-"]),
            '-' | '+' | '=' if escaped.is_empty() => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    /// Each as cmark-gfm shows it without a link, an emphasis, a heading or a list, at the start of a line, of a list's
    /// item and in a cell.
    #[test]
    fn nothing_from_outside_is_more_than_text() {
        for (text, wanted) in [
            ("_a_ and __b__ and c_d_e", r"\_a\_ and \_\_b\_\_ and c_d_e"),
            ("a *b* ~~c~~ $d$ `e`", r"a \*b\* \~\~c\~\~ \$d\$ \`e\`"),
            (
                "http://a.b and https://c.d",
                "http:&#8203;//a.b and https:&#8203;//c.d",
            ),
            ("www.a.b or WWW.c.d", "www&#8203;.a.b or WWW&#8203;.c.d"),
            (
                "#12 and o/r#12 and gh-12",
                r"\#&#8203;12 and o/r\#&#8203;12 and gh&#8203;-12",
            ),
            ("@name and me@a.b", "@&#8203;name and me@&#8203;a.b"),
            ("<b> & [c](d)", r"&lt;b&gt; &amp; \[c\](d)"),
            ("- item", r"\- item"),
            ("a | b\nc", r"a \| b\\nc"),
            ("10:30, 1.5-2.5 µs", "10:30, 1.5-2.5 µs"),
        ] {
            assert_eq!(escaped(text), wanted);
        }
    }

    #[test]
    fn a_usual_run() {
        insta::assert_snapshot!(document(&fixture::run()), @r"
        # parbench 0.1.0

        AMD EPYC 7B13 · 2 usable CPUs · 8.00 GB memory · Debian GNU/Linux 13, kernel 6.12.8, x86_64 · release build · 2026-02-03T04:05:06Z

        ## Steady rounds

        | workload | tasks | workers | serial | distributed | speed-up | range | efficiency | of ceiling | throughput |
        |:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        | fib | 8 | 2 | 1.23 s | 648 ms | 1.89x | 1.87x to 1.96x | 95 % | 97 % | 15.4K terms/s |
        | pi | 8 | 2 | 431 ms | 219 ms | 1.95x | 1.93x to 2.03x | 98 % | 101 % | 273M samples/s |
        | image | 8 | 2 | 2.04 s | 2.10 s | 0.97x | 0.96x to 1.01x | 48 % | 50 % | 19.0 images/s |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: distributed is 1.89x as fast \[1.87, 1.94\] on 2 workers: pays almost in full
        - pi: distributed is 1.95x as fast \[1.94, 2.01\] on 2 workers: pays almost in full
        - image: distributed is 0.97x as fast \[0.96, 0.996\] on 2 workers: does not pay; of 1.08 s beyond a perfect split, 1.05 s is dispatch: submitting, waking workers, fetching

        ## Apart from these

        | measurement | steady rounds | cold round, serial | cold round, distributed | start-up | task overhead | cores granted |
        |:---|---:|---:|---:|---:|---:|---:|
        | fib | 10 | 1.30 s | 781 ms | 1.20 ms | 310 ns | 1.94 |
        | pi | 10 | 454 ms | 265 ms | 1.20 ms | 310 ns | 1.94 |
        | image | 10 | 2.15 s | 2.53 s | 1.20 ms | 310 ns | 1.94 |

        ## Answers, equal in both arms

        - fib: digits 2090, sha256 5c4f\|19
        - pi: inside 47123880
        - image: bytes 1203455, sha256 abababababababababababababababababababababababababababababababab
        ");
    }

    #[test]
    fn a_run_that_went_wrong_says_so() {
        insta::assert_snapshot!(document(&fixture::broken()), @r"
        # parbench 0.1.0

        AMD EPYC 7B13 · 2 usable CPUs · 8.00 GB memory · Debian GNU/Linux 13, kernel 6.12.8, x86_64 · debug build · 2026-02-03T04:05:06Z

        > **Note:** interrupted: the figures are those of the rounds that were complete.

        > **Note:** debug build: its times say nothing; measure with a release build.

        > **Note:** pi: only the cold first round is complete; its figures are shown.

        > **Note:** image: no round is complete, so there are no figures.

        > **Problem:** image: photo-17.jpg is no JPEG \| 3 of 40 images were left out; delete the folder to make it anew

        > **Problem:** ray: not reachable

        ## Steady rounds

        | workload | tasks | workers | serial | distributed | speed-up | range | efficiency | of ceiling | throughput |
        |:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        | fib | 8 | 2 | 1.23 s | 648 ms | 1.89x | 1.87x to 1.96x | 95 % | 97 % | 15.4K terms/s |
        | pi | 8 | 2 | 454 ms | 265 ms | 1.71x | 1.71x to 1.71x | 86 % | 88 % | 227M samples/s |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: distributed is 1.89x as fast \[1.87, 1.94\] on 2 workers: pays almost in full
        - pi: distributed is 1.71x as fast on 2 workers: not resolved, fewer than 6 steady rounds

        ## Apart from these

        | measurement | steady rounds | cold round, serial | cold round, distributed | start-up | task overhead | cores granted |
        |:---|---:|---:|---:|---:|---:|---:|
        | fib | 10 | 1.30 s | 781 ms | 1.20 ms | 310 ns | 1.94 |
        | pi | 0 | 454 ms | 265 ms | 1.20 ms | 310 ns | 1.94 |

        ## Answers, equal in both arms

        - fib: digits 2090, sha256 5c4f\|19
        - pi: inside 47123880
        ");
    }

    #[test]
    fn every_row_has_as_many_cells_as_the_heading() {
        for run in fixture::every_run() {
            for block in document(&run)
                .split("\n\n")
                .filter(|block| block.starts_with('|'))
            {
                let cells = |line: &str| line.replace("\\|", "").matches('|').count();
                assert!(
                    block
                        .lines()
                        .all(|line| Some(cells(line)) == block.lines().next().map(cells)),
                    "{block}"
                );
            }
        }
    }
}
