//! Tables of figures: the same rows and columns as on the terminal and in Markdown. A script can
//! sort them, so the name of a block stands in each of its rows.

use maud::{Markup, PreEscaped, html};

use super::words::{class, shown};
use crate::report::figures::{Alignment, Block, Cell, Column, Row, Table};

/// `table` in a box of its own, which scrolls where the page is too narrow for it.
pub(super) fn table(id: &str, caption: &str, table: &Table) -> Markup {
    let has_names = !table.block_heading.is_empty();

    html! {
        div.scroll role="group" tabindex="0" aria-labelledby=(id) {
            table {
                caption id=(id) { (shown(caption)) }
                thead {
                    tr {
                        @if has_names { th.words scope="col" { (shown(table.block_heading)) } }
                        @for column in &table.columns { (heading(column)) }
                    }
                }
                tbody {
                    @for block in &table.blocks {
                        @for row in &block.rows {
                            tr {
                                @if has_names { th.words scope="row" { (shown(&block.name)) } }
                                (cells(&table.columns, row, !has_names))
                            }
                        }
                    }
                }
            }
        }
        (abouts(&table.blocks))
        @for legend in &table.legends { p.legend { (shown(&legend.join(", "))) } }
    }
}

/// A table of many cells without the ends of elements that HTML leaves to its reader (section
/// "Optional tags" of the HTML standard).
pub(super) fn compact(table: Markup) -> Markup {
    let ends = ["</td>", "</th>", "</tr>"];
    let text = ends
        .iter()
        .fold(table.into_string(), |text, end| text.replace(end, ""));

    PreEscaped(text)
}

fn heading(column: &Column) -> Markup {
    html! {
        th scope="col" class=[alignment(column)] {
            (shown(&column.heading.replace('\n', " ")))
            @if let Some(beside) = column.beside.filter(|beside| !beside.is_empty()) {
                " " small { (shown(beside)) }
            }
        }
    }
}

/// The cells of `row`; the first one names the row where nothing else does.
fn cells(columns: &[Column], row: &Row, first_is_name: bool) -> Markup {
    html! {
        @for (place, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
            @if place == 0 && first_is_name {
                th scope="row" class=[alignment(column)] { (content(cell)) }
            } @else {
                td class=[alignment(column)] { (content(cell)) }
            }
        }
    }
}

fn content(cell: &Cell) -> Markup {
    let tone = class(cell.tone);

    html! {
        @if tone == "neutral" { (shown(&cell.text)) } @else { span .(tone) { (shown(&cell.text)) } }
        @if !cell.beside.is_empty() { " " small { (shown(&cell.beside)) } }
    }
}

/// The class of words. Most cells hold numbers, which need none.
fn alignment(column: &Column) -> Option<&'static str> {
    (column.alignment == Alignment::Left).then_some("words")
}

/// What else is to be known of the blocks: once where it is the same of all.
fn abouts(blocks: &[Block]) -> Markup {
    let described = || blocks.iter().filter(|block| !block.about.is_empty());
    let first = described().next();
    let is_same = first.is_some_and(|first| blocks.iter().all(|block| block.about == first.about));

    html! {
        @if let Some(first) = first {
            p.legend {
                @if is_same {
                    @if blocks.len() > 1 { "Each: " }
                    (shown(&first.about)) "."
                } @else {
                    @for (place, block) in described().enumerate() {
                        @if place > 0 { "; " }
                        (shown(&block.full_name()))
                    }
                    "."
                }
            }
        }
    }
}
