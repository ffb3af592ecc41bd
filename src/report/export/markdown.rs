//! The run as GitHub-flavoured Markdown, for step summaries, pull requests and READMEs: the
//! terminal table's figures, the machine, and what all arms computed. Text from outside is escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use super::exporter::Exporter;
use crate::printable::printable;
use crate::report::cost_figures;
use crate::report::figures::{self, Alignment, Cell, Column, Table};
use crate::report::findings::{Finding, Kind, findings};
use crate::report::words::comparison::whole;
use crate::report::words::names::name;
use crate::results::{Comparison, Run, TaskCost};
use crate::units::count;

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
    let findings = findings(run);
    let results = figures::results(run);
    let mut text = format!(
        "# parbench {}\n\n{}\n",
        escaped(&run.parbench_version),
        environment(run)
    );

    for (label, finding) in findings.iter().filter_map(labelled) {
        let sentence = escaped(&finding.sentence());
        let _ = write!(text, "\n> **{label}:** {sentence}\n");
    }
    let costs = run.task_costs();
    if results.is_empty() && costs.is_empty() {
        text.push_str("\nNothing was measured.\n");
        return text;
    }

    if let Some(comparison) = &run.comparison {
        text.push_str(&compared(comparison, &findings));
    }
    if !costs.is_empty() {
        text.push_str(&task_costs(&costs, &findings));
    }
    if results.is_empty() {
        return text;
    }

    text.push_str("\n## Steady rounds\n\n");
    text.push_str(&table(&results));
    text.push_str("\nTimes are medians; the speed-up is the median of the rounds' own ratios.\n\n");
    for finding in &findings {
        if finding.kind == Kind::Verdict {
            let _ = writeln!(text, "- {}", escaped(&finding.sentence()));
        }
    }
    text.push_str("\n## Apart from these\n\n");
    text.push_str(&table(&figures::apart(run)));
    text.push_str("\n## Answers, equal in all arms\n\n");
    text.push_str(&answers(run));

    text
}

/// A finding that stands before everything else, with its label.
fn labelled(finding: &Finding) -> Option<(&'static str, &Finding)> {
    match finding.kind {
        Kind::Problem => Some(("Problem", finding)),
        kind if kind.is_note() => Some(("Note", finding)),
        _ => None,
    }
}

/// The machine and the day, on one line.
fn environment(run: &Run) -> String {
    let environment = &run.environment;
    let facts = [
        environment.cpu_model.clone(),
        count(environment.usable_cpus, "usable CPU"),
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

/// What comparing found: a sentence for each outcome, what limits it, the table.
fn compared(comparison: &Comparison, findings: &[Finding]) -> String {
    let mut text = format!(
        "\n## Compared with {}: {}\n\n",
        escaped(&comparison.baseline.name),
        whole(comparison)
    );

    for finding in findings {
        let sentence = escaped(&finding.sentence());
        let _ = match finding.kind {
            Kind::Judged(outcome) => writeln!(text, "- **{}**: {sentence}", outcome.name()),
            Kind::Comparability => writeln!(text, "- {sentence}"),
            _ => Ok(()),
        };
    }

    text + "\n" + &table(&figures::comparison(comparison))
}

/// What a task costs: the table, the advice, and the curves behind it.
fn task_costs(costs: &[TaskCost], findings: &[Finding]) -> String {
    let costs_table = table(&cost_figures::costs(costs));
    let mut text = format!("\n## What a task costs\n\n{costs_table}\n");

    for finding in findings {
        if finding.kind == Kind::Advice {
            let _ = writeln!(text, "- {}", escaped(&finding.sentence()));
        }
    }
    if costs.iter().any(|cost| !cost.curve.is_empty()) {
        let curves = table(&cost_figures::curves(costs));
        let _ = write!(text, "\n## Efficiency against work\n\n{curves}");
    }

    text
}

/// A table in which what is beside a figure has a column of its own, and a block's name stands in
/// each of its rows.
fn table(table: &Table) -> String {
    let mut headings = vec![table.block_heading.to_owned()];
    let mut rules = vec![":---"];
    for column in &table.columns {
        let rule = match column.alignment {
            Alignment::Left => ":---",
            Alignment::Right => "---:",
        };
        for heading in [Some(column.heading), column.beside].into_iter().flatten() {
            headings.push(escaped(&heading.replace('\n', " ")));
            rules.push(rule);
        }
    }

    let mut text = format!("| {} |\n|{}|\n", headings.join(" | "), rules.join("|"));
    for block in &table.blocks {
        for row in &block.rows {
            let cells = row.iter().zip(&table.columns).flat_map(flattened);
            let cells: Vec<String> = std::iter::once(escaped(&block.name)).chain(cells).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }

    text
}

fn flattened((cell, column): (&Cell, &Column)) -> impl Iterator<Item = String> {
    let beside = column.beside.map(|_| escaped(&cell.beside));

    std::iter::once(escaped(&cell.text)).chain(beside)
}

/// What the arms of each measurement computed.
fn answers(run: &Run) -> String {
    let mut text = String::new();

    for measurement in &run.measurements {
        if !measurement.rounds.is_empty() {
            let name = escaped(&name(run, measurement));
            let _ = writeln!(text, "- {name}: {}", answer(&measurement.answer));
        }
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

/// What GitHub and other readers of Markdown drop when they show a text, and see as the end of a
/// name or an address: a space of no width.
const BREAK: &str = "&#8203;";

/// `text` as it stands, on one line: nothing in it opens a cell, a tag, a heading, a list, a
/// formula, an emphasis or a link, which for GitHub are addresses without brackets, `#12`, `GH-12`
/// and `@name`, too.
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
                escaped.extend(['\\', character]);
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

    /// Each as cmark-gfm shows it without a link, an emphasis, a heading or a list, at the start of
    /// a line, of a list's item and in a cell.
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

        | workload | engine | workers | time | throughput | speed-up | range | efficiency | of ceiling |
        |:---|:---|---:|---:|---:|---:|---:|---:|---:|
        | fib, 8 tasks | serial | 1 | 1.23 s | 8.13K terms/s |  |  |  |  |
        | fib, 8 tasks | pool | 2 | 648 ms | 15.4K terms/s | 1.89x | 1.87x-1.96x | 95 % | 97 % |
        | pi, 8 tasks | serial | 1 | 431 ms | 139M samples/s |  |  |  |  |
        | pi, 8 tasks | pool | 2 | 219 ms | 273M samples/s | 1.95x | 1.93x-2.03x | 98 % | 101 % |
        | image, 8 tasks | serial | 1 | 2.04 s | 19.6 images/s |  |  |  |  |
        | image, 8 tasks | pool | 2 | 2.10 s | 19.0 images/s | 0.97x | 0.96x-1.01x | 48 % | 50 % |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: pool 2 is 1.89x as fast as serial \[1.87, 1.94\]: pays almost in full
        - pi: pool 2 is 1.95x as fast as serial \[1.94, 2.01\]: pays almost in full
        - image: pool 2 is 0.97x as fast as serial \[0.96, 0.996\]: does not pay; of 1.08 s beyond a perfect split, 1.05 s is dispatch: submitting, waking workers, fetching

        ## Apart from these

        | reported apart | engine | workers | cold round | start-up | task overhead | cores granted |
        |:---|:---|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds | serial | 1 | 1.30 s | \- | \- | \- |
        | fib, 10 steady rounds | pool | 2 | 781 ms | 1.20 ms | 310 ns | 1.94 |
        | pi, 10 steady rounds | serial | 1 | 454 ms | \- | \- | \- |
        | pi, 10 steady rounds | pool | 2 | 265 ms | 1.20 ms | 310 ns | 1.94 |
        | image, 10 steady rounds | serial | 1 | 2.15 s | \- | \- | \- |
        | image, 10 steady rounds | pool | 2 | 2.53 s | 1.20 ms | 310 ns | 1.94 |

        ## Answers, equal in all arms

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

        > **Note:** interrupted: the figures are those of the rounds that were complete

        > **Note:** debug build: its times say nothing; measure with a release build

        > **Note:** pi: only the cold first round is complete; its figures are shown

        > **Note:** image: no round is complete, so there are no figures

        > **Problem:** image: photo-17.jpg is no JPEG \| 3 of 40 images were left out; delete the folder to make it again

        > **Problem:** ray: not reachable

        ## Steady rounds

        | workload | engine | workers | time | throughput | speed-up | range | efficiency | of ceiling |
        |:---|:---|---:|---:|---:|---:|---:|---:|---:|
        | fib, 8 tasks | serial | 1 | 1.23 s | 8.13K terms/s |  |  |  |  |
        | fib, 8 tasks | pool | 2 | 648 ms | 15.4K terms/s | 1.89x | 1.87x-1.96x | 95 % | 97 % |
        | pi, 8 tasks | serial | 1 | 454 ms | 132M samples/s |  |  |  |  |
        | pi, 8 tasks | pool | 2 | 265 ms | 227M samples/s | 1.71x | 1.71x-1.71x | 86 % | 88 % |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: pool 2 is 1.89x as fast as serial \[1.87, 1.94\]: pays almost in full
        - pi: pool 2 is 1.71x as fast as serial: not resolved, fewer than 6 steady rounds

        ## Apart from these

        | reported apart | engine | workers | cold round | start-up | task overhead | cores granted |
        |:---|:---|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds | serial | 1 | 1.30 s | \- | \- | \- |
        | fib, 10 steady rounds | pool | 2 | 781 ms | 1.20 ms | 310 ns | 1.94 |
        | pi, 0 steady rounds | serial | 1 | 454 ms | \- | \- | \- |
        | pi, 0 steady rounds | pool | 2 | 265 ms | 1.20 ms | 310 ns | 1.94 |

        ## Answers, equal in all arms

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
