//! A TOML file as tables of values, each with its line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// What is wrong in a line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) line: usize,
    pub(super) message: String,
}

/// A table, or one of several of the same name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// Empty for what stands outside of tables.
    pub(super) name: String,
    pub(super) line: usize,
    /// Whether it is written `[[name]]`.
    pub(super) is_one_of_several: bool,
    /// In the order of their lines.
    pub(super) items: Vec<Item>,
}

impl Table {
    /// As it is written in the file: `[name]` or `[[name]]`.
    pub(super) fn heading(&self) -> String {
        if self.is_one_of_several {
            format!("[[{}]]", self.name)
        } else {
            format!("[{}]", self.name)
        }
    }
}

/// A key with its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Value,
}

/// A value as words of a command line, or as a switch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    Switch(bool),
    Single(String),
    Several(Vec<String>),
}

/// The tables of `text`, in the order of their lines; what stands outside of tables comes first.
pub(super) fn tables(text: &str) -> Result<Vec<Table>, Trouble> {
    let lines = Lines(text);
    let document = DeTable::parse(text).map_err(|error| Trouble {
        line: error.span().map_or(1, |span| lines.number(&span)),
        message: one_line(error.message()),
    })?;

    let mut outside = Table {
        name: String::new(),
        line: 1,
        is_one_of_several: false,
        items: Vec::new(),
    };
    let mut tables = Vec::new();
    for (key, value) in document.get_ref() {
        let line = lines.number(&key.span());
        let name = key.get_ref().to_string();
        match tables_of(&name, value, &lines)? {
            Some(inner_tables) => tables.extend(inner_tables),
            None => outside.items.push(item(name, line, value)?),
        }
    }

    outside.items.sort_by_key(|item| item.line);
    tables.sort_by_key(|table| table.line);
    tables.insert(0, outside);
    Ok(tables)
}

/// The tables that `value` is, if it is one or several.
fn tables_of(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    lines: &Lines<'_>,
) -> Result<Option<Vec<Table>>, Trouble> {
    match value.get_ref() {
        DeValue::Table(content) => {
            let line = lines.number(&value.span());
            Ok(Some(vec![table(name, line, false, content, lines)?]))
        }
        DeValue::Array(values) if values.iter().any(|value| value.get_ref().is_table()) => values
            .iter()
            .map(|value| {
                let line = lines.number(&value.span());
                match value.get_ref() {
                    DeValue::Table(content) => table(name, line, true, content, lines),
                    _ => Err(Trouble {
                        line,
                        message: format!("'{name}' holds tables and other values"),
                    }),
                }
            })
            .collect::<Result<_, _>>()
            .map(Some),
        _ => Ok(None),
    }
}

fn table(
    name: &str,
    line: usize,
    is_one_of_several: bool,
    content: &DeTable<'_>,
    lines: &Lines<'_>,
) -> Result<Table, Trouble> {
    let items = content.iter().map(|(key, value)| {
        let line = lines.number(&key.span());
        item(key.get_ref().to_string(), line, value)
    });
    let mut items: Vec<Item> = items.collect::<Result<_, _>>()?;

    items.sort_by_key(|item| item.line);
    Ok(Table {
        name: name.to_owned(),
        line,
        is_one_of_several,
        items,
    })
}

fn item(key: String, line: usize, value: &Spanned<DeValue<'_>>) -> Result<Item, Trouble> {
    let wrong = |what: &str| Trouble {
        line,
        message: format!(
            "'{key}' is {what}: write a text, a number, true, false, or a list of these"
        ),
    };

    let value = match value.get_ref() {
        DeValue::Boolean(switch) => Value::Switch(*switch),
        DeValue::Array(values) => {
            let texts = values.iter().map(|value| {
                scalar(value.get_ref()).map_err(|what| wrong(&format!("a list with {what}")))
            });
            Value::Several(texts.collect::<Result<_, _>>()?)
        }
        single => Value::Single(scalar(single).map_err(wrong)?),
    };
    Ok(Item { key, line, value })
}

/// The text of a single value, or what it is instead.
fn scalar<'a>(value: &DeValue<'_>) -> Result<String, &'a str> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(integer(number)),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(switch) => Ok(switch.to_string()),
        DeValue::Datetime(_) => Err("a date"),
        DeValue::Array(_) => Err("a list"),
        DeValue::Table(_) => Err("a table"),
    }
}

/// The number in decimal digits; one that no flag could take stays as it was written.
fn integer(number: &DeInteger<'_>) -> String {
    i128::from_str_radix(number.as_str(), number.radix())
        .map_or_else(|_| number.as_str().to_owned(), |value| value.to_string())
}

/// A text whose lines are counted from 1.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn number(&self, span: &Range<usize>) -> usize {
        let before = self.0.get(..span.start).unwrap_or(self.0);

        1 + before.matches('\n').count()
    }
}

fn one_line(message: &str) -> String {
    message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_line() {
        let text = "workers = [1, 2]\n\n[fib]\nsize = 5_0000\n\n[[cmd]]\ncommand = \"a\"\n[[cmd]]\nship = true\n";
        let tables = tables(text).unwrap();
        let values: Vec<_> = tables
            .iter()
            .flat_map(|table| {
                let items = table.items.iter();
                items.map(|item| (table.name.as_str(), table.line, item.line, &item.value))
            })
            .collect();

        let list = Value::Several(vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(
            values,
            [
                ("", 1, 1, &list),
                ("fib", 3, 4, &Value::Single("50000".to_owned())),
                ("cmd", 6, 7, &Value::Single("a".to_owned())),
                ("cmd", 8, 9, &Value::Switch(true)),
            ]
        );
    }

    #[test]
    fn what_is_no_value_is_named_with_its_line() {
        for (text, line, message) in [
            ("a = 1\nb = ", 2, "string values must be quoted"),
            ("a = 1\na = 2", 2, "duplicate key"),
            ("a = 2001-01-01", 1, "'a' is a date"),
            ("[b]\na = {c = 1}", 2, "'a' is a table"),
            ("a = [[1]]", 1, "'a' is a list with a list"),
            ("a = [1, {b = 1}]", 1, "'a' holds tables and other values"),
        ] {
            let trouble = tables(text).unwrap_err();
            assert_eq!(trouble.line, line, "{text}: {}", trouble.message);
            assert!(
                trouble.message.contains(message),
                "{text}: {}",
                trouble.message
            );
        }
    }
}
