//! A table without layout.

use crate::report::tone::Tone;

/// What stands where there is no figure.
const ABSENT: &str = "-";

/// Blocks of rows below columns.
pub(in crate::report) struct Table {
    /// What stands above the blocks' names; empty where the blocks have none.
    pub(in crate::report) block_heading: &'static str,
    /// Whether the blocks' names are short enough for a column of their own.
    pub(in crate::report) has_short_names: bool,
    pub(in crate::report) columns: Vec<Column>,
    pub(in crate::report) blocks: Vec<Block>,
    /// What explains marks in the cells, a paragraph each: pieces that are not to be broken.
    pub(in crate::report) legends: Vec<Vec<String>>,
}

/// A column. A line end in its heading is where a table may break it.
#[derive(Clone)]
pub(in crate::report) struct Column {
    pub(in crate::report) heading: String,
    /// What its cells hold beside their main figure.
    pub(in crate::report) beside: Option<&'static str>,
    pub(in crate::report) alignment: Alignment,
    /// Whether its cells say which row it is: a list has the row's label instead.
    pub(in crate::report) is_label: bool,
    /// What stands before its figures in a list; empty where they speak for themselves.
    pub(in crate::report) name: String,
}

/// Words stand left, numbers stand right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Alignment {
    Left,
    Right,
}

/// Rows that belong together.
pub(in crate::report) struct Block {
    /// What they belong to.
    pub(in crate::report) name: String,
    /// What else is to be known of that; shown where the name has a line of its own.
    pub(in crate::report) about: String,
    pub(in crate::report) rows: Vec<Row>,
}

/// A row, with as many cells as there are columns.
pub(in crate::report) struct Row {
    /// Which row it is, in few words.
    pub(in crate::report) label: String,
    pub(in crate::report) cells: Vec<Cell>,
}

/// What stands in one column of a row. Its texts may come from outside.
#[derive(Clone, Default)]
pub(in crate::report) struct Cell {
    pub(in crate::report) text: String,
    /// Empty where there is nothing beside it.
    pub(in crate::report) beside: String,
    pub(in crate::report) tone: Tone,
}

impl Table {
    pub(in crate::report) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Blocks below `columns`, whose names stand on lines of their own.
    pub(in crate::report) fn new(
        block_heading: &'static str,
        columns: Vec<Column>,
        blocks: Vec<Block>,
    ) -> Self {
        Self {
            block_heading,
            has_short_names: false,
            columns,
            blocks,
            legends: Vec::new(),
        }
    }
}

impl Table {
    /// The same with the figures of `other`, a table of the same blocks, behind those of each row.
    /// What is to be known of a block is the other's.
    pub(in crate::report) fn beside(mut self, other: Self) -> Self {
        let is_figure = |column: &Column| !column.is_label;
        let places: Vec<usize> = (0..other.columns.len())
            .filter(|&place| is_figure(&other.columns[place]))
            .collect();
        self.columns
            .extend(other.columns.into_iter().filter(is_figure));

        for (block, others) in self.blocks.iter_mut().zip(other.blocks) {
            block.about = others.about;
            for row in &mut block.rows {
                let same = others.rows.iter().find(|other| other.label == row.label);
                let cell = |&place: &usize| {
                    same.map_or_else(Cell::default, |other| other.cells[place].clone())
                };
                row.cells.extend(places.iter().map(cell));
            }
        }
        self
    }
}

impl Block {
    /// The name with what is to be known of it.
    pub(in crate::report) fn full_name(&self) -> String {
        if self.about.is_empty() {
            self.name.clone()
        } else {
            format!("{}, {}", self.name, self.about)
        }
    }
}

impl Column {
    pub(in crate::report) fn words(heading: impl Into<String>) -> Self {
        let heading = heading.into();

        Self {
            name: heading.replace('\n', " "),
            heading,
            beside: None,
            alignment: Alignment::Left,
            is_label: false,
        }
    }

    pub(in crate::report) fn numbers(heading: impl Into<String>) -> Self {
        Self {
            alignment: Alignment::Right,
            ..Self::words(heading)
        }
    }

    /// The same with something beside each figure.
    pub(in crate::report) fn with(self, beside: &'static str) -> Self {
        Self {
            beside: Some(beside),
            ..self
        }
    }

    /// The same for cells that say which row it is.
    pub(in crate::report) fn labelling(self) -> Self {
        Self {
            is_label: true,
            ..self
        }
    }

    /// The same for figures that a list calls `name`.
    pub(in crate::report) fn named(self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self
        }
    }
}

impl Cell {
    pub(in crate::report) fn new(text: &impl ToString) -> Self {
        Self {
            text: text.to_string(),
            ..Self::default()
        }
    }

    /// The figure, or the sign that there is none.
    pub(in crate::report) fn or_absent(figure: Option<impl ToString>) -> Self {
        figure.map_or_else(|| Self::new(&ABSENT), |figure| Self::new(&figure))
    }

    pub(in crate::report) fn is_absent(&self) -> bool {
        self.text.is_empty() || self.text == ABSENT
    }

    pub(in crate::report) fn with(self, beside: &impl ToString) -> Self {
        Self {
            beside: beside.to_string(),
            ..self
        }
    }

    pub(in crate::report) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}
