//! A table of figures in columns, in one of several forms. The only home of comfy-table.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use super::options::Layout;
use super::paint::Paint;
use super::text::{columns, lines};
use crate::printable::printable;
use crate::report::figures::{Alignment, Block, Cell, Column, Row, Table};

/// Columns that rows are indented by below their block's name.
const INDENT: usize = 2;

/// One way to put a table into columns.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Whether the blocks' names stand in a column of their own, not above their rows.
    pub(super) has_name_column: bool,
    /// Whether a row's label takes the place of the cells that say which row it is.
    pub(super) has_short_labels: bool,
    /// Whether what stands beside a figure is put below it.
    pub(super) is_stacked: bool,
    /// Blank columns between two columns.
    pub(super) gap: usize,
}

/// What stands in the line of a block's name until the columns have their widths: a name may be
/// wider than its column. `printable` leaves no text that holds it.
const NAME: &str = "\u{fffe}";

/// A table in one form.
pub(super) struct Grid {
    tracks: Vec<Track>,
    rows: Vec<GridRow>,
    form: Form,
}

/// A row with a cell for each track.
struct GridRow {
    /// The name of the block that begins here, where it has a line of its own.
    name: Option<String>,
    cells: Vec<Cell>,
}

/// What all cells of a column have in common.
struct Track {
    heading: Vec<String>,
    alignment: Alignment,
    /// The widest figure, where something stands beside figures on the same line.
    figure: Option<usize>,
}

impl Grid {
    pub(super) fn new(table: &Table, form: Form) -> Self {
        let rows: Vec<GridRow> = table
            .blocks
            .iter()
            .flat_map(|block| block_rows(table, block, form))
            .collect();
        let tracks = shown_columns(table, form)
            .into_iter()
            .enumerate()
            .map(|(place, heading)| {
                let cells = rows.iter().map(|row| &row.cells[place]);
                Track::new(&heading, cells, form.is_stacked)
            })
            .collect();

        Self { tracks, rows, form }
    }

    /// The columns that it takes.
    pub(super) fn width(&self) -> usize {
        let contents = self.laid_out(Paint::PLAIN).column_max_content_widths();
        let gaps = self.form.gap * contents.len().saturating_sub(1);

        contents.into_iter().map(usize::from).sum::<usize>() + gaps
    }

    /// The table as text, with the blocks' names in as many lines as they take.
    pub(super) fn text(&self, layout: Layout) -> String {
        let mut names = self.rows.iter().filter_map(|row| row.name.as_deref());
        let table = self.laid_out(layout.paint());

        let lines = table.lines().flat_map(|line| match line.trim() {
            NAME => lines(names.next().unwrap_or_default(), layout.width),
            _ => vec![line.trim_end().to_owned()],
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn laid_out(&self, paint: Paint) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('-')));
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.headings(paint));

        for row in &self.rows {
            if row.name.is_some() {
                table.add_row([NAME]);
            }
            let cells = self.tracks.iter().zip(&row.cells);
            table.add_row(cells.map(|(track, cell)| track.cell(cell, paint)));
        }

        let last = self.tracks.len().saturating_sub(1);
        for (place, (column, track)) in table.column_iter_mut().zip(&self.tracks).enumerate() {
            let gap = if place == last { 0 } else { self.form.gap };
            column.set_padding((0, u16::try_from(gap).unwrap_or_default()));
            column.set_cell_alignment(match track.alignment {
                Alignment::Left => CellAlignment::Left,
                Alignment::Right => CellAlignment::Right,
            });
        }
        table
    }

    /// The headings: shorter ones lower, so that each stands right above its figures.
    fn headings(&self, paint: Paint) -> Vec<String> {
        let heights = self.tracks.iter().map(|track| track.heading.len());
        let height = heights.max().unwrap_or_default();

        let heading = |track: &Track| {
            let above = std::iter::repeat_n("", height - track.heading.len());
            let lines: Vec<&str> = above
                .chain(track.heading.iter().map(String::as_str))
                .collect();
            paint.heading(&lines.join("\n"))
        };
        self.tracks.iter().map(heading).collect()
    }
}

/// The columns of `table` in a form, with that of the blocks' names and that of the rows' labels.
fn shown_columns(table: &Table, form: Form) -> Vec<Column> {
    let names = form
        .has_name_column
        .then(|| Column::words(table.block_heading));
    let labels = table.columns.iter().filter(|column| column.is_label);
    let labels: Vec<Column> = if form.has_short_labels {
        let first = labels.take(1);
        first
            .map(|column| Column::words(column.heading.as_str()))
            .collect()
    } else {
        labels.cloned().collect()
    };
    let figures = table.columns.iter().filter(|column| !column.is_label);

    names
        .into_iter()
        .chain(labels)
        .chain(figures.cloned())
        .collect()
}

/// The rows of `block`, with a cell for each of the columns that the form shows.
fn block_rows(table: &Table, block: &Block, form: Form) -> Vec<GridRow> {
    let has_line = !form.has_name_column && !block.name.is_empty();
    let line = has_line.then(|| printable(&block.full_name()).into_owned());

    let row = |(place, row): (usize, &Row)| {
        let is_first = place == 0;
        let name = if is_first { block.name.as_str() } else { "" };
        let mut cells: Vec<Cell> = form
            .has_name_column
            .then(|| Cell::new(&name))
            .into_iter()
            .chain(row_cells(table, row, form))
            .map(|cell| printable_cell(&cell))
            .collect();
        if has_line {
            cells[0].text.insert_str(0, &" ".repeat(INDENT));
        }

        GridRow {
            name: line.clone().filter(|_| is_first),
            cells,
        }
    };
    block.rows.iter().enumerate().map(row).collect()
}

fn row_cells(table: &Table, row: &Row, form: Form) -> Vec<Cell> {
    let short_label = form.has_short_labels.then(|| Cell::new(&row.label));
    let cells = table.columns.iter().zip(&row.cells);
    let visible_cells = cells.filter(|(column, _)| !(form.has_short_labels && column.is_label));

    short_label
        .into_iter()
        .chain(visible_cells.map(|(_, cell)| cell.clone()))
        .collect()
}

fn printable_cell(cell: &Cell) -> Cell {
    Cell {
        text: printable(&cell.text).into_owned(),
        beside: printable(&cell.beside).into_owned(),
        tone: cell.tone,
    }
}

impl Track {
    fn new<'a>(column: &Column, cells: impl Iterator<Item = &'a Cell>, is_stacked: bool) -> Self {
        let (mut figure, mut has_beside) = (0, false);
        for cell in cells {
            figure = figure.max(columns(&cell.text));
            has_beside |= !cell.beside.is_empty();
        }

        let mut heading: Vec<String> = column
            .heading
            .lines()
            .map(|line| printable(line).into_owned())
            .collect();
        let shown_beside = column.beside.filter(|text| !text.is_empty() && has_beside);
        heading.extend(shown_beside.map(str::to_owned));

        // Figures stand above one another, and what is beside them, too.
        let is_beside = has_beside && !is_stacked;
        Self {
            heading,
            alignment: if is_beside {
                Alignment::Left
            } else {
                column.alignment
            },
            figure: is_beside.then_some(figure),
        }
    }

    /// What stands in a cell, with what is beside its figure.
    fn cell(&self, cell: &Cell, paint: Paint) -> String {
        let figure = paint.tone(cell.tone, &cell.text);

        match self.figure {
            Some(width) => {
                let before = " ".repeat(width - columns(&cell.text));
                format!("{before}{figure} {}", cell.beside)
            }
            None if cell.beside.is_empty() => figure,
            None => format!("{figure}\n{}", cell.beside),
        }
    }
}
