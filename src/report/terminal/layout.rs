//! How a table of figures is laid out in 80 columns: what is beside a figure stands below it, and a block's rows are
//! indented below its name.

use super::text::{Paint, plain};
use crate::printable::printable;
use crate::report::figures::{Block, Cell, Table};

/// `table` as text, with ANSI styles if `paint` has colour.
pub(super) fn laid_out(table: &Table, paint: Paint) -> String {
    let headings: Vec<String> = headings(table);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut text = plain(&headings, paint);

    for Block { name, rows } in &table.blocks {
        if table.block_heading.is_some() {
            text.add_row([printable(name).into_owned()]);
        }
        for row in rows {
            let mut cells: Vec<String> = row.iter().map(|cell| stacked(cell, paint)).collect();
            if table.block_heading.is_some() {
                cells[0] = indented(&cells[0]);
            }
            text.add_row(cells);
        }
    }

    text.trim_fmt()
}

/// The headings, with what is beside a figure on a line of its own, and the blocks' above the first column's.
fn headings(table: &Table) -> Vec<String> {
    let mut headings: Vec<String> = table
        .columns
        .iter()
        .map(|column| match column.beside {
            Some(beside) => format!("{}\n{beside}", column.heading),
            None => column.heading.to_owned(),
        })
        .collect();
    if let Some(heading) = table.block_heading {
        headings[0] = format!("{heading}\n{}", indented(&headings[0]));
    }

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
