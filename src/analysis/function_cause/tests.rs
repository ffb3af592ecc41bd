//! Causes by construction: functions whose times are made of known parts.

use serde_json::json;

use super::super::break_even::calls_that_make_up_for;
use super::*;
use crate::analysis::scaled::{measurement, rounds};
use crate::results::CpuUse;

/// 100 calls that take 1 s in the plain loop; two workers take `wall_s` and use `cpu_s`, and
/// handing out a call takes `dispatch_s`.
fn calls(engine: &str, wall_s: f64, cpu_s: f64, dispatch_s: f64) -> Measurement {
    let mut measurement = measurement(&[2], 8, |_| wall_s, 1);
    measurement.tasks = 100;
    measurement.params = json!({"chunk": "1"});
    measurement.arms[1].engine = engine.to_owned();
    measurement.arms[1].startup_s = 0.5;
    measurement.functions = vec![FunctionFacts {
        takes_turns: true,
        total_s: 1.0,
        longest_s: 0.01,
        ..FunctionFacts::default()
    }];
    let used = |user_s| {
        Some(CpuUse {
            user_s,
            system_s: 0.0,
            preemptions: None,
            waited_s: None,
        })
    };
    rounds(&mut measurement, |round| {
        round.times[0].cpu = used(1.0);
        round.times[1].cpu = used(cpu_s);
        round.times[1].dispatch_s = Some(dispatch_s);
    });
    measurement
}

fn cause(measurement: &Measurement) -> Option<Cause> {
    let pair = measurement.pairs().next()?;
    pair.shortfall(&pair.summary()?)
        .map(|shortfall| shortfall.cause)
}

#[test]
fn the_largest_part_is_the_cause() {
    assert_eq!(
        cause(&calls("processes", 1.4, 1.8, 0.008)),
        Some(Cause::Dispatch)
    );

    let mut moving = calls("processes", 1.4, 1.8, 0.0001);
    moving.functions[0].pickle_s = 0.7;
    moving.functions[0].sent_bytes = 3_000_000;
    moving.functions[0].returned_bytes = 1_000_000;
    assert_eq!(cause(&moving), Some(Cause::Transfer(4_000_000)));

    let slow = cause(&calls("processes", 1.0, 2.0, 0.0001));
    assert!(
        matches!(slow, Some(Cause::Inflation(times)) if (1.9..2.1).contains(&times)),
        "{slow:?}"
    );
}

/// The same calls in a loop of a microsecond each: what an arm of a tenth of a second does is not
/// its calls.
fn tiny(engine: &str, dispatch_s: f64) -> Measurement {
    let mut tiny = calls(engine, 0.1, 0.1, dispatch_s);
    rounds(&mut tiny, |round| {
        round.times[0].wall_s = 1e-4;
        round.times[0].cpu.as_mut().unwrap().user_s = 1e-4;
    });
    tiny.functions[0].longest_s = 0.09;
    tiny
}

#[test]
fn tiny_calls_are_no_reason_for_an_arm_that_takes_a_thousand_times_as_long() {
    assert_eq!(
        cause(&tiny("processes", 1e-6)),
        None,
        "CPU time that no call can have grown by, and a first call that took longer than now"
    );
    assert_eq!(
        cause(&tiny("threads", 0.000_9)),
        Some(Cause::Dispatch),
        "no lock is needed where handing out takes longer than all the work"
    );
}

#[test]
fn threads_take_turns_or_compete() {
    let turns = calls("threads", 1.02, 1.05, 0.00001);
    assert!(matches!(cause(&turns), Some(Cause::TakesTurns(cores)) if cores < 1.1));

    let mut free = calls("threads@3.14t", 1.5, 3.0, 0.00001);
    free.functions[0].label = "3.14t".to_owned();
    free.functions[0].takes_turns = false;
    assert!(matches!(cause(&free), Some(Cause::Contention(times)) if times > 2.5));
}

#[test]
fn a_loop_that_uses_several_cores_and_one_long_call_explain_everything() {
    let mut multicore = calls("processes", 1.2, 2.0, 0.008);
    rounds(&mut multicore, |round| {
        let cpu = round.times[0].cpu.as_mut().unwrap();
        cpu.user_s = 1.9;
    });
    assert!(matches!(cause(&multicore), Some(Cause::OwnThreads(cores)) if cores > 1.8));

    let mut long = calls("processes", 0.8, 1.05, 0.0001);
    long.functions[0].longest_s = 0.7;
    assert_eq!(cause(&long), Some(Cause::Imbalance));
}

#[test]
fn batches_that_pay_follow_from_what_a_call_and_handing_it_out_take() {
    // Two workers save 5 ms a call, and handing one out takes 20 ms.
    let single = calls("processes", 2.5, 2.5, 0.02);
    let break_even = single.pairs().next().unwrap().break_even().unwrap();
    let least = break_even.from_chunk.unwrap().median;
    assert!((least - 4.0).abs() < 0.1, "{least}");
    assert_eq!(break_even.from_calls, None, "call by call it never does");

    // Now handing one out takes a fifth of what is saved: 0.5 s are made up for by 125 calls.
    let cheap = calls("processes", 0.6, 1.1, 0.001);
    let break_even = cheap.pairs().next().unwrap().break_even().unwrap();
    let calls_needed = break_even.from_calls.unwrap().median;
    assert!((calls_needed - 125.0).abs() < 3.0, "{calls_needed}");
}

/// By trying every number of calls.
#[test]
fn a_job_that_runs_once_has_whole_calls_on_every_worker() {
    for (startup_s, call_s, cost_s, workers) in [
        (0.03, 0.04, 0.000_1, 4),
        (0.0, 0.01, 0.0, 2),
        (0.5, 0.01, 0.001, 3),
        (0.11, 0.02, 0.009, 2),
    ] {
        let takes = |calls: u32| {
            let turns = calls.div_ceil(u32::try_from(workers).unwrap());
            startup_s + f64::from(turns) * call_s + f64::from(calls) * cost_s
        };
        let tried = (1..1000).find(|&calls| f64::from(calls) * call_s >= takes(calls) - 1e-12);
        let found = calls_that_make_up_for(startup_s, call_s, cost_s, workers);
        assert_eq!(
            found,
            tried.map(f64::from),
            "{startup_s} s, {workers} workers"
        );
    }
    assert_eq!(calls_that_make_up_for(0.1, 0.01, 0.006, 2), None);
}

#[test]
fn calls_that_do_nothing_go_out_in_batches_of_their_own() {
    // 20,000 calls of 50 us in batches of 2,500, where 256 calls that do nothing go out in batches
    // of 32: one of these takes 0.32 ms, and so does one of those.
    let mut large = calls("processes", 0.6, 1.1, 0.000_01);
    large.tasks = 20_000;
    large.params = json!({"chunk": "auto"});
    let break_even = large.pairs().next().unwrap().break_even().unwrap();
    assert_eq!(break_even.chunk, 2_500);
    assert!(
        (break_even.dispatch_s.median - 0.000_32).abs() < 1e-9,
        "{break_even:?}"
    );
    // Half of 50 us is saved with each call.
    let least = break_even.from_chunk.unwrap().median;
    assert!((least - 12.8).abs() < 0.2, "{least}");

    // Handing out 8 batches takes 2.6 ms, which is not why 1 s of work takes 0.6 s: moving data is.
    large.functions[0].pickle_s = 0.08;
    assert_eq!(cause(&large), Some(Cause::Transfer(0)));

    // Threads and interpreters are handed single calls, whatever the chunk.
    for engine in ["threads", "interpreters"] {
        large.arms[1].engine = engine.to_owned();
        large.functions[0].takes_turns = false;
        let break_even = large.pairs().next().unwrap().break_even().unwrap();
        assert_eq!(
            (break_even.chunk, break_even.takes_chunks),
            (1, false),
            "{engine}"
        );
        assert!(
            (break_even.dispatch_s.median - 0.000_01).abs() < 1e-9,
            "{break_even:?}"
        );
    }
}

#[test]
fn a_function_that_is_sent_along_is_part_of_each_batch() {
    // Two workers save 5 ms a call, and sending the function takes 20 ms.
    let mut bound = calls("processes", 2.5, 3.5, 0.000_1);
    bound.functions[0].function_pickle_s = 0.02;
    bound.functions[0].function_bytes = 30_000;
    let break_even = bound.pairs().next().unwrap().break_even().unwrap();
    let least = break_even.from_chunk.unwrap().median;
    assert!((4.0..4.1).contains(&least), "{least}");
    assert_eq!(cause(&bound), Some(Cause::Transfer(3_000_000)));

    // Ray sends it once.
    bound.arms[1].engine = "ray".to_owned();
    let break_even = bound.pairs().next().unwrap().break_even().unwrap();
    assert!(
        break_even.from_chunk.unwrap().median < 0.1,
        "{break_even:?}"
    );
}

#[test]
fn no_batch_pays_where_moving_a_call_takes_longer_than_it() {
    let mut moving = calls("processes", 2.5, 2.5, 0.001);
    moving.functions[0].pickle_s = 0.8;
    let break_even = moving.pairs().next().unwrap().break_even().unwrap();
    assert_eq!((break_even.from_chunk, break_even.from_calls), (None, None));
}

#[test]
fn with_one_lock_or_one_worker_there_is_no_batch_to_look_for() {
    let turns = calls("threads", 1.0, 1.0, 0.0001);
    assert_eq!(turns.pairs().next().unwrap().break_even(), None);

    let mut alone = calls("processes", 1.0, 1.0, 0.0001);
    alone.arms[1].workers = 1;
    assert_eq!(alone.pairs().next().unwrap().break_even(), None);
}

#[test]
fn batches_that_leave_a_worker_without_one_are_the_cause() {
    let chunked = |chunk: &str, wall_s: f64| {
        let mut measurement = calls("processes", wall_s, 1.0, 0.000_01);
        measurement.tasks = 12;
        measurement.params = json!({"chunk": chunk});
        measurement
    };

    // All calls in one batch, and in three of five calls.
    assert_eq!(cause(&chunked("100", 1.0)), Some(Cause::Batches(1)));
    assert_eq!(cause(&chunked("5", 10.0 / 12.0)), Some(Cause::Batches(3)));
    assert_eq!(cause(&chunked("6", 0.52)), None, "two batches for two");

    let mut odd = chunked("1", 2.0 / 3.0);
    odd.tasks = 3;
    assert_eq!(cause(&odd), Some(Cause::Remainder));
}

#[test]
fn unequal_calls_have_no_size_of_batch_that_pays() {
    let has_break_even = |change: &dyn Fn(&mut Measurement)| {
        let mut measurement = calls("processes", 0.6, 1.0, 0.0001);
        change(&mut measurement);
        measurement.pairs().next().unwrap().break_even().is_some()
    };

    assert!(has_break_even(&|_| {}));
    assert!(!has_break_even(&|measurement| {
        measurement.functions[0].longest_s = 0.8;
    }));
    assert!(!has_break_even(&|measurement| {
        measurement.params = json!({"chunk": "100"});
    }));
}
