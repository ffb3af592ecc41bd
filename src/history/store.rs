//! A store's lines as one history: in the order of their dates, each run once, damaged lines named.
//! Branches that were merged line by line have their lines in any order, and some of them twice.

use std::collections::HashMap;

use super::record::Record;
use crate::machine::usable_cpus;
use crate::printable;
use crate::threads::side_by_side;

/// All runs of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// By rising date.
    pub records: Vec<Record>,
    /// Runs that stand there more than once.
    pub twice: Vec<Twice>,
    /// What could not be read.
    pub damage: Vec<Damage>,
}

/// A run that was added more than once, and counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twice {
    /// Its date.
    pub started_at: String,
    /// How often it is there.
    pub times: usize,
    /// The commits that it is said to be of, where these differ: the first one counts.
    pub commits: Vec<String>,
}

/// A line that is no run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file's name.
    pub file: String,
    /// The line's number, from 1.
    pub line: usize,
    /// Why, behind the place: `has ...`, `is ...`.
    pub why: String,
}

/// The history in files, each with its name and what it holds.
#[must_use]
pub fn history(files: &[(String, Vec<u8>)]) -> History {
    let mut history = History::default();

    for (file, content) in files {
        if let Some(what) = printable::other_encoding(content) {
            history.damage.push(Damage {
                file: file.clone(),
                line: 1,
                why: format!("{what}, so that none of its lines is read: store it as UTF-8 without such a mark"),
            });
            continue;
        }
        let lines: Vec<(usize, &[u8])> = (1..)
            .zip(content.split(|byte| *byte == b'\n'))
            .map(|(number, line)| (number, line.trim_ascii()))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        let records = side_by_side(&lines, usable_cpus().get(), |(_, line)| Record::parse(line));

        for ((number, _), record) in lines.into_iter().zip(records) {
            match record {
                Ok(record) => history.records.push(record),
                Err(why) => history.damage.push(Damage {
                    file: file.clone(),
                    line: number,
                    why,
                }),
            }
        }
    }

    // A merge may have put lines in any order: what is read must not depend on it.
    history
        .records
        .sort_by(|left, right| key(left).cmp(&key(right)));
    history.drop_repetitions();
    history
}

fn key(record: &Record) -> (&str, &str, Option<&str>) {
    (
        &record.started_at,
        &record.run,
        // Of two, the one with a commit says more.
        record.commit.as_deref().or(Some("\u{10ffff}")),
    )
}

impl History {
    fn drop_repetitions(&mut self) {
        let mut kept: Vec<Record> = Vec::with_capacity(self.records.len());
        let mut repeated: HashMap<String, Twice> = HashMap::new();

        for record in self.records.drain(..) {
            let Some(first) = kept.last().filter(|last| last.run == record.run) else {
                kept.push(record);
                continue;
            };
            let twice = repeated.entry(record.run).or_insert_with(|| Twice {
                started_at: record.started_at,
                times: 1,
                commits: first.commit.iter().cloned().collect(),
            });
            twice.times += 1;
            if let Some(commit) = record.commit
                && !twice.commits.contains(&commit)
            {
                twice.commits.push(commit);
            }
        }

        self.records = kept;
        self.twice = repeated.into_values().collect();
        self.twice
            .sort_by(|left, right| left.started_at.cmp(&right.started_at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture::{date, line};

    fn read(text: &str) -> History {
        history(&[("a.jsonl".to_owned(), text.as_bytes().to_vec())])
    }

    fn dates(history: &History) -> Vec<&str> {
        history
            .records
            .iter()
            .map(|record| record.started_at.as_str())
            .collect()
    }

    #[test]
    fn a_history_is_ordered_by_date_however_it_was_merged() {
        let lines: Vec<String> = (0..6).map(|day| line(1.0, day)).collect();
        let in_order = read(&lines.join("\n"));
        assert_eq!(dates(&in_order), (0..6).map(date).collect::<Vec<_>>());

        // Two branches from day 2 on, merged line by line: both have the days before.
        let ours = [&lines[0], &lines[1], &lines[2], &lines[4]];
        let theirs = [&lines[5], &lines[3], &lines[1], &lines[0]];
        let merged: Vec<&str> = theirs
            .iter()
            .chain(&ours)
            .map(|line| line.as_str())
            .collect();
        let merged = read(&merged.join(
            "
",
        ));
        assert_eq!(merged.records, in_order.records);
        assert_eq!(merged.twice.len(), 2);
        assert_eq!(merged.twice[0].times, 2);

        let files = [
            ("2.jsonl".to_owned(), lines[3..].join("\n").into_bytes()),
            ("1.jsonl".to_owned(), lines[..4].join("\n").into_bytes()),
        ];
        assert_eq!(history(&files).records, in_order.records);
    }

    #[test]
    fn a_run_of_two_commits_is_one_run() {
        let first = line(1.0, 4);
        let second = first
            .replace("00abc004", "00abc999")
            .replace("0abc004", "0def000");
        let both = [
            read(&format!("{first}\n{second}")),
            read(&format!("{second}\n{first}")),
        ];

        assert_eq!(both[0], both[1]);
        assert_eq!(both[0].records.len(), 1);
        assert_eq!(both[0].twice[0].commits, ["0abc004", "0def000"]);
    }

    #[test]
    fn damaged_lines_are_named_and_the_others_read() {
        let whole = line(1.0, 0);
        let torn = &whole[..100];
        let mut bytes = format!("\n{whole}\n{torn}\n").into_bytes();
        bytes.extend(b"\xff\xfe\n");
        let impossible = line(1.0, 2).replace("\"median\":", "\"median\":-");
        bytes.extend(format!("{impossible}\n").bytes());
        // A machine that became slower excuses a figure that did.
        let mut slower: serde_json::Value = serde_json::from_str(&line(1.0, 2)).unwrap();
        slower["measurements"][0]["metrics"][0]["conditions"] =
            serde_json::json!({"memory_s": 1e300});
        bytes.extend(format!("{slower}\n").bytes());
        bytes.extend(line(1.0, 1).bytes());
        let history = history(&[("h/2026-01.jsonl".to_owned(), bytes)]);

        assert_eq!(history.records.len(), 2);
        let places: Vec<_> = history
            .damage
            .iter()
            .map(|damage| (damage.file.as_str(), damage.line))
            .collect();
        let expected = [3, 4, 5, 6].map(|line| ("h/2026-01.jsonl", line));
        assert_eq!(places, expected);
    }

    #[test]
    fn a_file_in_another_encoding_is_named_and_the_others_read() {
        let whole = line(1.0, 0);
        let marked = [b"\xef\xbb\xbf", line(1.0, 1).as_bytes()].concat();
        let wide: Vec<u8> = line(1.0, 2).bytes().flat_map(|byte| [byte, 0]).collect();
        let history = history(&[
            ("a".to_owned(), marked),
            ("b".to_owned(), whole.into_bytes()),
            ("c".to_owned(), wide),
        ]);

        assert_eq!(dates(&history), [date(0)]);
        let named: Vec<_> = history
            .damage
            .iter()
            .map(|damage| (damage.file.as_str(), damage.line, &damage.why[..15]))
            .collect();
        assert_eq!(
            named,
            [("a", 1, "begins with a b"), ("c", 1, "is UTF-16 text,")]
        );
    }

    #[test]
    fn nothing_is_an_empty_history() {
        assert_eq!(read(""), History::default());
        assert_eq!(history(&[]), History::default());
    }
}
