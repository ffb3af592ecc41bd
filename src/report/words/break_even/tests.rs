//! Batches that pay, in words.

use serde_json::json;

use super::*;
use crate::report::fixture::measurement;
use crate::results::FunctionFacts;

/// 100 calls on two processes that take `wall_s`, beside 1 s in the plain loop; handing out a call
/// takes `dispatch_s`.
fn words(wall_s: f64, dispatch_s: f64) -> String {
    let mut measurement = measurement("python", 2, 1.0, wall_s);
    measurement.tasks = 100;
    measurement.params = json!({"function": "f.py:f", "chunk": "1"});
    measurement.arms[1].engine = "processes".to_owned();
    measurement.functions = vec![FunctionFacts {
        total_s: 1.0,
        longest_s: 0.01,
        ..FunctionFacts::default()
    }];
    for round in &mut measurement.rounds {
        round.times[1].dispatch_s = Some(dispatch_s);
    }

    let series = measurement.series();
    break_even(&series[0]).unwrap()
}

#[test]
fn what_pays_by_its_parts_is_not_said_to_pay_where_the_measurement_says_otherwise() {
    let cheap = 0.000_1;
    let pays = words(0.55, cheap);
    assert!(pays.contains("it pays call by call"), "{pays}");

    let slow = words(1.3, cheap);
    assert!(
        slow.ends_with(
            ": by these, batches of this size should pay, so a pass costs more than they say"
        ),
        "{slow}"
    );

    let dear = words(2.5, 0.02);
    assert!(dear.contains("it should pay from batches of"), "{dear}");
}
