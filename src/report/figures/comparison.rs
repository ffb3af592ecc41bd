//! What a comparison found: a row for each judged metric, a block for each arm.

use super::contradiction::{Shown, legend, marked};
use super::table::{Block, Cell, Column, Row, Table};
use crate::report::tone::Tone;
use crate::report::words::change::{bounds, change, detectable};
use crate::report::words::comparison::{arm, figure};
use crate::report::words::reasons::{value, verdict};
use crate::results::{Comparison, Judgement};

/// What a change is made of.
const BASIS: &str = "it is estimated from all rounds of both runs";

/// Every judged metric.
pub(in crate::report) fn comparison(comparison: &Comparison) -> Table {
    let is_marked = comparison.judgements.iter().any(is_contradiction);
    let blocks = comparison
        .judgements
        .chunk_by(Judgement::is_of_the_same_arm)
        .map(|judgements| Block {
            name: arm(&judgements[0]),
            about: String::new(),
            rows: judgements
                .iter()
                .map(|judgement| judged(judgement, is_marked))
                .collect(),
        });

    let columns = vec![
        Column::words("metric").labelling(),
        Column::numbers("baseline"),
        Column::numbers("now"),
        Column::numbers("change in %")
            .with("[99 % interval]")
            .named("change in %"),
        Column::numbers("can see\nfrom").named("can see slow-downs from"),
        Column::words("verdict").named(""),
    ];
    let sight = "\"can see from\" is the smallest slow-down that these rounds would show.";
    let legends = is_marked.then(|| legend("change", BASIS));
    Table {
        legends: std::iter::once(vec![sight.to_owned()])
            .chain(legends)
            .collect(),
        ..Table::new("workload", columns, blocks.collect())
    }
}

fn judged(judgement: &Judgement, is_marked: bool) -> Row {
    let metric = judgement.metric;
    let now = value(metric, judgement.current);
    let now = marked(&now, is_contradiction(judgement), is_marked);
    let change = Cell::new(&change(judgement)).with(&bounds(judgement));

    Row {
        label: figure(metric).to_owned(),
        cells: vec![
            Cell::new(&figure(metric)),
            Cell::new(&value(metric, judgement.baseline)),
            Cell::new(&now),
            change,
            Cell::new(&detectable(judgement)),
            Cell::new(&verdict(judgement)).toned(Tone::of_judgement(judgement)),
        ],
    }
}

/// Whether the medians changed in another direction than the change says, which is that of the
/// rounds.
fn is_contradiction(judgement: &Judgement) -> bool {
    let Judgement {
        metric,
        baseline,
        current,
        ..
    } = *judgement;
    let of_medians = if metric.is_time() {
        current / baseline
    } else {
        baseline / current
    };

    Shown {
        first_text: &value(metric, baseline),
        second_text: &value(metric, current),
        of_medians,
        ratio_text: &change(judgement),
        ratio: judgement.change,
    }
    .is_contradiction()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn medians_that_contradict_the_change_are_marked_and_explained() {
        let mut judged = fixture::compared().comparison.unwrap();
        assert_eq!(comparison(&judged).legends.len(), 1);

        judged.judgements[0].change = 0.93;
        let table = comparison(&judged);
        assert_eq!(table.blocks[0].rows[0].cells[2].text, "1.54 s*");
        assert_eq!(table.legends.len(), 2);
    }
}
