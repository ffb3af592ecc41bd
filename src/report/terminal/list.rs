//! A table of figures as a list, for terminals that hold no columns: a paragraph for each row below
//! its block's name.

use super::options::Layout;
use super::paint::Paint;
use super::text::{Piece, flowed, lines};
use crate::printable::printable;
use crate::report::figures::{Block, Cell, Column, Row, Table};

/// Columns that rows are indented by below their block's name, and that their further lines are
/// indented by below the first.
const INDENT: usize = 2;

/// `table` as a list.
pub(super) fn listed(table: &Table, layout: Layout) -> String {
    let blocks = table
        .blocks
        .iter()
        .map(|block| listed_block(table, block, layout));

    blocks.collect::<Vec<_>>().join("\n")
}

fn listed_block(table: &Table, block: &Block, layout: Layout) -> String {
    let name = printable(&block.full_name()).into_owned();
    let indent = if name.is_empty() { 0 } else { INDENT };
    let rows = block
        .rows
        .iter()
        .map(|row| listed_row(table, row, indent, layout));

    lines(&name, layout.width)
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

/// `  pool 2: 1.23 s, speed-up 1.97x [1.95, 1.98], efficiency 98 %, pays`.
fn listed_row(table: &Table, row: &Row, indent: usize, layout: Layout) -> String {
    let paint = layout.paint();
    let label = printable(&row.label);
    let figures = table.columns.iter().zip(&row.cells);
    let figures = figures.filter(|(column, cell)| !column.is_label && !cell.is_absent());

    let mut pieces: Vec<Piece> = figures
        .map(|(column, cell)| piece(column, cell, paint))
        .collect();
    let blanks = " ".repeat(indent);
    match pieces.first_mut() {
        Some(first) => {
            first.text = format!("{blanks}{label}: {}", first.text);
            first.styled = format!("{blanks}{label}: {}", first.styled);
        }
        None => pieces.push(Piece::plain(format!("{blanks}{label}"))),
    }

    flowed(&pieces, ",", indent + INDENT, layout.width)
}

/// A figure with its name and what is beside it.
fn piece(column: &Column, cell: &Cell, paint: Paint) -> Piece {
    let name = [column.name.as_str()];
    let beside = [printable(&cell.beside).into_owned()];
    let text = printable(cell.text.trim_end()).into_owned();
    let joined = |figure: &str| {
        name.iter()
            .copied()
            .chain([figure])
            .chain(beside.iter().map(String::as_str))
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };

    Piece {
        styled: joined(&paint.tone(cell.tone, &text)),
        text: joined(&text),
    }
}
