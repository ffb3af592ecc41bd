//! Every round of a run, for readers who want to see what the figures are made of.

use super::arrangement::arranged;
use super::options::Layout;
use crate::report::figures;
use crate::results::Run;

/// A table for each measurement, with a row for each of its rounds; empty without any.
#[must_use]
pub fn rounds(run: &Run, layout: Layout) -> String {
    let tables = figures::rounds(run);
    let texts = tables.iter().map(|table| arranged(table, layout) + "\n");

    texts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn rounds_in_columns_or_as_a_list() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        run.measurements[0].rounds.truncate(4);
        let narrow = Layout {
            width: 30,
            ..Layout::PLAIN
        };

        insta::assert_snapshot!(rounds(&run, Layout::PLAIN), @"
        round  serial  pool 2  remark
        -------------------------------
        fib
            1  1.30 s  781 ms  cold
            2  1.20 s  639 ms
            3  1.20 s  644 ms
            4  1.21 s  647 ms  left out
        ");
        insta::assert_snapshot!(rounds(&run, narrow), @"
        round serial pool 2 remark
        ----------------------------
        fib
            1 1.30 s 781 ms cold
            2 1.20 s 639 ms
            3 1.20 s 644 ms
            4 1.21 s 647 ms left out
        ");
    }
}
