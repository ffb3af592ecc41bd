//! Every round of a run: what each arm took, and what a reader must know of the round.

use super::table::{Block, Cell, Column, Row, Table};
use crate::report::words::names::name;
use crate::results::{Measurement, Round, Run};
use crate::units::Seconds;

/// A table for each measurement that has a complete round, with a row for each of its rounds.
pub(in crate::report) fn rounds(run: &Run) -> Vec<Table> {
    let measured = run
        .measurements
        .iter()
        .filter(|measurement| !measurement.rounds.is_empty());

    measured
        .map(|measurement| table(run, measurement))
        .collect()
}

fn table(run: &Run, measurement: &Measurement) -> Table {
    let number = Column::numbers("round").labelling();
    let arms = measurement
        .arms
        .iter()
        .map(|arm| Column::numbers(arm.label()));
    let remarks = Column::words("remark").named("");

    let row = |(number, round): (usize, &Round)| {
        let number = number + 1;
        let times = round
            .times
            .iter()
            .map(|time| Cell::new(&Seconds(time.wall_s)));
        let remark = Cell::new(&remark(measurement, number, round));
        Row {
            label: format!("round {number}"),
            cells: std::iter::once(Cell::new(&number))
                .chain(times)
                .chain([remark])
                .collect(),
        }
    };
    let block = Block {
        name: name(run, measurement),
        about: String::new(),
        rows: measurement.rounds.iter().enumerate().map(row).collect(),
    };

    let columns = std::iter::once(number).chain(arms).chain([remarks]);
    Table::new("", columns.collect(), vec![block])
}

/// What distinguishes the round, if anything.
fn remark(measurement: &Measurement, number: usize, round: &Round) -> String {
    let is_last = number == measurement.rounds.len();
    let remarks = [
        (round.cold, "cold"),
        (round.machine.stopped, "stopped"),
        (round.disturbed() && !round.machine.stopped, "disturbed"),
        (is_last && measurement.leaves_a_round_out(), "left out"),
    ];

    let remarks = remarks.iter().filter(|(is_so, _)| *is_so);
    remarks
        .map(|(_, remark)| *remark)
        .collect::<Vec<&str>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_round_has_a_row_with_every_arm_and_what_is_special_about_it() {
        let mut run = fixture::run();
        run.measurements[0].rounds[4].machine.stopped = true;
        run.measurements[0].rounds.pop();

        let tables = rounds(&run);
        assert_eq!(tables.len(), 3);
        let rows = &tables[0].blocks[0].rows;
        assert_eq!(rows.len(), 10);
        assert_eq!(rows[0].cells[1].text, "1.30 s");
        let remarks: Vec<&str> = rows.iter().map(|row| row.cells[3].text.as_str()).collect();
        assert_eq!(
            remarks,
            ["cold", "", "", "", "stopped", "", "", "", "", "left out"]
        );
    }
}
