//! How a table is laid out: in the first of several forms that the terminal holds.

use super::grid::{Form, Grid};
use super::list::listed;
use super::options::Layout;
use super::text::{Piece, flowed};
use crate::report::figures::Table;

/// Terminals of at least as many columns have room for wide gaps.
const WIDE: usize = 100;
const WIDEST_GAP: usize = 3;

/// `table` with what explains its marks, as text that is never wider than the terminal, unless a
/// single word is.
pub(super) fn arranged(table: &Table, layout: Layout) -> String {
    let figures = match in_columns(table, layout) {
        Some(text) => text,
        None => listed(table, layout),
    };

    with_legends(figures, table, layout)
}

/// `figures`, which are `table`'s, with what explains its marks.
fn with_legends(figures: String, table: &Table, layout: Layout) -> String {
    let legends = table.legends.iter().map(|legend| {
        let pieces: Vec<Piece> = legend.iter().cloned().map(Piece::plain).collect();
        flowed(&pieces, ",", 0, layout.sentence_width())
    });

    std::iter::once(figures)
        .chain(legends)
        .collect::<Vec<_>>()
        .join("\n")
}

/// `table` in columns, where the terminal holds them in any form.
pub(super) fn in_columns(table: &Table, layout: Layout) -> Option<String> {
    let grids = forms(table, layout).map(|form| Grid::new(table, form));
    let grid = grids
        .into_iter()
        .find(|grid| grid.width() <= layout.width)?;

    Some(grid.text(layout))
}

/// `table` with a line for each row, where the terminal is as wide as that, with what explains its
/// marks.
pub(super) fn in_lines(table: &Table, layout: Layout) -> Option<String> {
    let grid = forms(table, layout)
        .filter(|form| !form.is_stacked)
        .map(|form| Grid::new(table, form))
        .find(|grid| grid.width() <= layout.width)?;

    Some(with_legends(grid.text(layout), table, layout))
}

/// The same with wide gaps and the block's name in each line: room to spare.
pub(super) fn in_one_line(table: &Table, layout: Layout) -> Option<String> {
    let grid = forms(table, layout)
        .filter(|form| form.has_name_column && form.gap == WIDEST_GAP)
        .map(|form| Grid::new(table, form))
        .find(|grid| grid.width() <= layout.width)?;

    Some(with_legends(grid.text(layout), table, layout))
}

/// The best form: a line for each row, with the block's name in it.
const ONE_LINE: Form = Form {
    has_name_column: true,
    has_short_labels: false,
    is_stacked: false,
    gap: 2,
};
const NAME_ABOVE: Form = Form {
    has_name_column: false,
    ..ONE_LINE
};
const SHORT_LABELS: Form = Form {
    has_short_labels: true,
    ..NAME_ABOVE
};
const STACKED: Form = Form {
    is_stacked: true,
    ..SHORT_LABELS
};

/// The forms that suit `table`, the best ones first, each with wide gaps and then with narrow ones.
fn forms(table: &Table, layout: Layout) -> impl Iterator<Item = Form> {
    let widest_gap = if layout.width >= WIDE { WIDEST_GAP } else { 2 };
    let has_short_names = table.has_short_names;
    let forms = [ONE_LINE, NAME_ABOVE, SHORT_LABELS, STACKED].into_iter();

    forms
        .filter(move |form| has_short_names || !form.has_name_column)
        .flat_map(move |form| (1..=widest_gap).rev().map(move |gap| Form { gap, ..form }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::results;
    use crate::report::fixture;

    fn shown(width: usize) -> String {
        let mut run = fixture::run();
        run.measurements.truncate(1);

        arranged(
            &results(&run),
            Layout {
                width,
                ..Layout::PLAIN
            },
        )
    }

    #[test]
    fn wide_terminals_have_a_line_for_each_row() {
        insta::assert_snapshot!(shown(120), @"
                                               speed-up
        workload   engine   workers     time   [95 % interval]      efficiency   verdict
        --------------------------------------------------------------------------------
        fib        serial             1.23 s
                   pool           2   648 ms   1.89x [1.87, 1.94]         95 %   pays
        ");
        insta::assert_snapshot!(shown(80), @"
                                           speed-up
        workload  engine  workers    time  [95 % interval]     efficiency  verdict
        --------------------------------------------------------------------------
        fib       serial           1.23 s
                  pool          2  648 ms  1.89x [1.87, 1.94]        95 %  pays
        ");
    }

    #[test]
    fn narrower_ones_have_names_above_and_then_a_list() {
        insta::assert_snapshot!(shown(64), @"
                                speed-up
        engine   workers   time [95 % interval]    efficiency verdict
        -------------------------------------------------------------
        fib, 8 tasks
          serial         1.23 s
          pool         2 648 ms 1.89x [1.87, 1.94]       95 % pays
        ");
        insta::assert_snapshot!(shown(45), @"
        fib, 8 tasks
          serial: 1.23 s
          pool 2: 648 ms,
            speed-up 1.89x [1.87, 1.94],
            efficiency 95 %, pays
        ");
        insta::assert_snapshot!(shown(30), @"
        fib, 8 tasks
          serial: 1.23 s
          pool 2: 648 ms, speed-up
            1.89x [1.87, 1.94],
            efficiency 95 %, pays
        ");
    }
}
