//! The run as GitHub-flavoured Markdown, for step summaries, pull requests and READMEs: the
//! terminal table's figures, the machine, and what all arms computed. Text from outside is escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use crate::analysis::TaskCost;
use crate::printable::printable;
use crate::report::cost_figures;
use crate::report::exporter::Exporter;
use crate::report::figures::{self, Alignment, Cell, Column, Table};
use crate::report::findings::{Finding, Kind, conclusions, findings};
use crate::report::words::comparison::whole;
use crate::report::words::names::name;
use crate::results::{Comparison, Run};
use crate::units::count;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "md",
    extension: "md",
    about: "Tables in Markdown, for a pull request or a step summary.",
    write,
    write_several: None,
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
    let results = figures::full_results(run);
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
    for finding in conclusions(&findings, true) {
        let _ = writeln!(text, "- {}", escaped(&finding.sentence()));
    }
    text.push_str("\n## Further figures\n\n");
    text.push_str(&table(&figures::spreads(run)));
    text.push('\n');
    text.push_str(&table(&figures::conditions(run)));
    text.push_str("\n## Answers, equal in all arms\n\n");
    text.push_str(&answers(run));

    text
}

/// A finding that stands before everything else, with its label.
fn labelled(finding: &Finding) -> Option<(&'static str, &Finding)> {
    match finding.kind {
        Kind::Problem => Some(("Problem", finding)),
        Kind::Shape => Some(("Measured", finding)),
        kind if kind.is_warning() => Some(("Warning", finding)),
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
/// each of its rows; what explains its marks stands below it.
pub(super) fn table(table: &Table) -> String {
    let mut headings = vec![escaped(table.block_heading)];
    let mut rules = vec![":---"];
    for column in &table.columns {
        let rule = match column.alignment {
            Alignment::Left => ":---",
            Alignment::Right => "---:",
        };
        for heading in [Some(column.heading.as_str()), beside(column)]
            .into_iter()
            .flatten()
        {
            headings.push(escaped(&heading.replace('\n', " ")));
            rules.push(rule);
        }
    }

    let mut text = format!("| {} |\n|{}|\n", headings.join(" | "), rules.join("|"));
    for block in &table.blocks {
        let name = if table.has_short_names {
            block.name.clone()
        } else {
            block.full_name()
        };
        for row in &block.rows {
            let cells = row.cells.iter().zip(&table.columns).flat_map(flattened);
            let cells: Vec<String> = std::iter::once(escaped(&name)).chain(cells).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    for legend in &table.legends {
        let _ = write!(text, "\n{}\n", escaped(&legend.join(", ")));
    }

    text
}

/// The heading of what is beside a column's figures: an interval, without the brackets that its
/// cells have anyway.
fn beside(column: &Column) -> Option<&str> {
    column
        .beside
        .map(|heading| match heading.trim_matches(['[', ']']) {
            "" => "95 % interval",
            heading => heading,
        })
}

fn flattened((cell, column): (&Cell, &Column)) -> impl Iterator<Item = String> {
    let beside = column.beside.map(|_| escaped(&cell.beside));

    std::iter::once(escaped(cell.text.trim_end())).chain(beside)
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
pub(super) fn escaped(text: &str) -> String {
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
            '.' | ')' if is_number(&escaped) && rest.peek().is_none_or(|next| *next == ' ') => {
                escaped.extend(['\\', character]);
            }
            other => escaped.push(other),
        }
    }

    escaped
}

/// Whether a `.` and a blank behind it would begin a numbered list.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
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
            ("1. item", r"1\. item"),
            ("12) item", r"12\) item"),
            ("v1. item, 2.5 s", "v1. item, 2.5 s"),
            ("8.13K", "8.13K"),
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

        | workload | engine | workers | time | speed-up | 95 % interval | efficiency | 95 % interval | verdict |
        |:---|:---|---:|---:|---:|---:|---:|---:|:---|
        | fib | serial |  | 1.23 s |  |  |  |  |  |
        | fib | pool | 2 | 648 ms | 1.89x | \[1.87, 1.94\] | 95 % | \[94, 97\] | pays |
        | pi | serial |  | 431 ms |  |  |  |  |  |
        | pi | pool | 2 | 219 ms | 1.95x | \[1.94, 2.01\] | 98 % | \[97, 100\] | pays |
        | image | serial |  | 2.04 s |  |  |  |  |  |
        | image | pool | 2 | 2.10 s | 0.97x | \[0.96, 0.996\] | 48 % | \[48, 50\] | does not pay |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: use 2 workers, 1.89x as fast as serial \[1.87, 1.94\] for 1.06x the CPU time; a third cannot be tried on 2 CPUs
        - pi: use 2 workers, 1.95x as fast as serial \[1.94, 2.01\] for 1.02x the CPU time; a third cannot be tried on 2 CPUs
        - image: use 1 worker, the plain loop; a second one takes 3 % \[0.5, 4\] longer for twice the cores: handing out tasks takes too long (dispatch), larger ones would pay more
        - fib: pool 2 reserves 1.30 s of core time and uses 1.28 s of CPU time; serial reserves 1.23 s of core time and uses 1.22 s of CPU time; serial reserves the least
        - pi: pool 2 reserves 439 ms of core time and uses 435 ms of CPU time; serial reserves 431 ms of core time and uses 426 ms of CPU time; serial reserves the least
        - image: serial reserves 2.04 s of core time and uses 2.02 s of CPU time
        - fib: Karp and Flatt's serial fraction 5.8 % \[3.0, 6.8\] on 2 workers
        - pi: Karp and Flatt's serial fraction 2.4 % \[-0.4, 3.3\] on 2 workers
        - image: Karp and Flatt's serial fraction 106.4 % \[100.9, 108.4\] on 2 workers

        ## Further figures

        | workload | engine | workers | throughput | all speed-ups | cold round | start-up |
        |:---|:---|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds, 8 tasks | serial |  | 8.13K terms/s | \- | 1.30 s | \- |
        | fib, 10 steady rounds, 8 tasks | pool | 2 | 15.4K terms/s | 1.87x-1.96x | 781 ms | 1.20 ms |
        | pi, 10 steady rounds, 8 tasks | serial |  | 139M samples/s | \- | 454 ms | \- |
        | pi, 10 steady rounds, 8 tasks | pool | 2 | 273M samples/s | 1.93x-2.03x | 265 ms | 1.20 ms |
        | image, 10 steady rounds, 8 tasks | serial |  | 19.6 images/s | \- | 2.15 s | \- |
        | image, 10 steady rounds, 8 tasks | pool | 2 | 19.0 images/s | 0.96x-1.01x | 2.53 s | 1.20 ms |

        | workload | engine | workers | task overhead | CPU time | cores granted | efficiency on these | serial fraction | 95 % interval |
        |:---|:---|---:|---:|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds, 8 tasks | pool | 2 | 310 ns | 1.06x | 1.94 | 97 % | 5.8 % | \[3.0, 6.8\] |
        | pi, 10 steady rounds, 8 tasks | pool | 2 | 310 ns | 1.02x | 1.95 | 100 % | 2.4 % | \[-0.4, 3.3\] |
        | image, 10 steady rounds, 8 tasks | pool | 2 | 310 ns | 2.06x | 1.94 | 50 % | 106.4 % | \[100.9, 108.4\] |

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

        > **Note:** debug build: its times are meaningless; measure with a release build

        > **Note:** pi: only the cold first round is complete; its figures are shown

        > **Note:** image: no round is complete, so there are no figures

        > **Problem:** image: photo-17.jpg is no JPEG \| 3 of 40 images were left out; delete the folder to make it again

        > **Problem:** ray: not reachable

        ## Steady rounds

        | workload | engine | workers | time | speed-up | 95 % interval | efficiency | 95 % interval | verdict |
        |:---|:---|---:|---:|---:|---:|---:|---:|:---|
        | fib | serial |  | 1.23 s |  |  |  |  |  |
        | fib | pool | 2 | 648 ms | 1.89x | \[1.87, 1.94\] | 95 % | \[94, 97\] | pays |
        | pi | serial |  | 454 ms |  |  |  |  |  |
        | pi | pool | 2 | 265 ms | 1.71x |  | 86 % |  | not resolved |

        Times are medians; the speed-up is the median of the rounds' own ratios.

        - fib: use 2 workers, 1.89x as fast as serial \[1.87, 1.94\] for 1.06x the CPU time; a third cannot be tried on 2 CPUs
        - pi: pool 2 is 1.71x as fast as serial for 1.17x the CPU time: not resolved, fewer than 6 steady rounds
        - fib: pool 2 reserves 1.30 s of core time and uses 1.28 s of CPU time; serial reserves 1.23 s of core time and uses 1.22 s of CPU time; serial reserves the least
        - fib: Karp and Flatt's serial fraction 5.8 % \[3.0, 6.8\] on 2 workers

        ## Further figures

        | workload | engine | workers | throughput | all speed-ups | cold round | start-up |
        |:---|:---|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds, 8 tasks | serial |  | 8.13K terms/s | \- | 1.30 s | \- |
        | fib, 10 steady rounds, 8 tasks | pool | 2 | 15.4K terms/s | 1.87x-1.96x | 781 ms | 1.20 ms |
        | pi, 0 steady rounds, 8 tasks | serial |  | 132M samples/s | \- | 454 ms | \- |
        | pi, 0 steady rounds, 8 tasks | pool | 2 | 227M samples/s | 1.71x-1.71x | 265 ms | 1.20 ms |

        | workload | engine | workers | task overhead | CPU time | cores granted | efficiency on these | serial fraction | 95 % interval |
        |:---|:---|---:|---:|---:|---:|---:|---:|---:|
        | fib, 10 steady rounds, 8 tasks | pool | 2 | 310 ns | 1.06x | 1.94 | 97 % | 5.8 % | \[3.0, 6.8\] |
        | pi, 0 steady rounds, 8 tasks | pool | 2 | 310 ns | 1.17x | 1.94 | 88 % | 16.7 % |  |

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
