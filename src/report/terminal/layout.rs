//! How a table of figures is laid out in 80 columns: what is beside a figure stands below it, and a
//! block's rows are indented below its name.

use super::text::{Paint, WIDTH, lines, plain};
use crate::printable::printable;
use crate::report::figures::{Block, Cell, Table};

/// What stands in the line of a block's name until the columns have their widths: a name may be
/// wider than its column. `printable` leaves no text that holds it.
const NAME: &str = "\u{fffe}";

/// `table` as text, with ANSI styles if `paint` has colour.
pub(super) fn laid_out(table: &Table, paint: Paint) -> String {
    let headings: Vec<String> = headings(table);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut text = plain(&headings, paint);

    for Block { rows, .. } in &table.blocks {
        text.add_row([NAME]);
        for row in rows {
            let mut cells: Vec<String> = row.iter().map(|cell| stacked(cell, paint)).collect();
            cells[0] = indented(&cells[0]);
            text.add_row(cells);
        }
    }

    let mut names = table.blocks.iter().map(|block| printable(&block.name));
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.trim_end() {
            NAME => wrapped(&names.next().unwrap_or_default()),
            line => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}

/// A block's name, in as many lines as it takes.
fn wrapped(name: &str) -> String {
    lines(name, usize::from(WIDTH)).join("\n")
}

/// The headings, with what is beside a figure on a line of its own, and the blocks' above the first
/// column's.
fn headings(table: &Table) -> Vec<String> {
    let mut headings: Vec<String> = table
        .columns
        .iter()
        .map(|column| match column.beside {
            Some(beside) => format!("{}\n{beside}", column.heading),
            None => column.heading.to_owned(),
        })
        .collect();
    headings[0] = format!("{}\n{}", table.block_heading, indented(&headings[0]));

    headings
}

fn stacked(cell: &Cell, paint: Paint) -> String {
    let text = paint.tone(cell.tone, printable(&cell.text));

    if cell.beside.is_empty() {
        text
    } else {
        format!("{text}\n{}", paint.dim(printable(&cell.beside)))
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();

    lines.join("\n")
}
