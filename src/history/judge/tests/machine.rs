//! Changes that the machine explains, and those that it does not.

use super::*;

/// A history of 40 runs whose arm takes `factor` times as long from the 20th on, while the
/// machine's memory is `memory` times as slow.
fn beside_slower_memory(factor: f64, memory: f64) -> Vec<Judged> {
    let mut records = fixture::of(&factors(40, |run| if run < 20 { 1.0 } else { factor })).records;
    for (number, record) in records.iter_mut().enumerate() {
        let slower = if number < 20 { 1.0 } else { memory };
        for metric in &mut record.measurements[0].metrics {
            let conditions = metric.conditions.as_mut().unwrap();
            let noise = 1.0 + 0.01 * (number % 3) as f64;
            conditions.update_s = Some(0.1 * slower * noise);
        }
    }

    judged_of(&records, None)
}

#[test]
fn a_change_that_a_slower_machine_explains_is_open() {
    let judged = beside_slower_memory(1.9, 1.95);
    for judged in &judged[1..] {
        let Why::SlowerMachine(episode) = judged.standing.why else {
            panic!("{:?}", judged.standing)
        };
        assert_eq!(judged.standing.outcome, Outcome::Inconclusive);
        assert_eq!(episode.from, 20);
    }
    assert_eq!(judged[0].standing.why, Why::Unchanged);

    // What is beyond it is the program's, and what is known of one side only explains nothing.
    for (factor, memory) in [(1.9, 1.3), (1.9, 1.0), (1.9, 0.5)] {
        let judged = beside_slower_memory(factor, memory);
        assert_eq!(judged[1].standing.outcome, Outcome::Regressed, "{memory}");
    }
    let mut records = fixture::of(&factors(40, |run| if run < 20 { 1.0 } else { 1.9 })).records;
    for record in &mut records[..20] {
        for metric in &mut record.measurements[0].metrics {
            metric.conditions = None;
        }
    }
    assert_eq!(
        judged_of(&records, None)[1].standing.outcome,
        Outcome::Regressed
    );
}

#[test]
fn changes_that_add_up_beside_a_slower_machine_are_open() {
    let mut records = fixture::of(&factors(80, |run| 1.0 + 0.04 * (run / 20) as f64)).records;
    for (number, record) in records.iter_mut().enumerate() {
        for metric in &mut record.measurements[0].metrics {
            let conditions = metric.conditions.as_mut().unwrap();
            conditions.cores = Some(2.0 / (1.0 + 0.05 * (number / 20) as f64));
        }
    }
    let judged = judged_of(&records, None);

    let Why::SlowerMachine(episode) = judged[1].standing.why else {
        panic!("{:?}", judged[1].standing)
    };
    assert_eq!(episode.shape, Shape::Stairs { steps: 3, last: 60 });
}
