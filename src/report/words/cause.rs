//! Why workers do not bring what they could, in words.

use crate::analysis::{Cause, Shortfall};
use crate::results::{OWN, Pair, Run};
use crate::units::{Bytes, Ratio, Seconds, count, two_decimals};

/// The sentence on the largest part of what `pair` takes beyond a perfect split: `it takes 1.08 s
/// more than a perfect split, 1.05 s of it because ...`.
pub(in crate::report) fn shortfall(run: &Run, pair: Pair<'_>, shortfall: &Shortfall) -> String {
    format!(
        "it takes {} more than a perfect split, {} of it because {}",
        Seconds(shortfall.beyond_s),
        Seconds(shortfall.seconds),
        cause(run, pair, shortfall.cause)
    )
}

/// A cause as a clause, with what may be done about it: `one worker works longer than the others`.
pub(in crate::report) fn cause(run: &Run, pair: Pair<'_>, cause: Cause) -> String {
    let workers = count(pair.workers(), "worker");
    let tasks = count(pair.measurement.tasks * pair.arm().scale, "task");

    match cause {
        Cause::OwnThreads(cores) if !pair.measurement.functions.is_empty() => format!(
            "{} keeps {} cores busy by itself, with threads of a library such as numpy, and {workers} compete \
             with them (--threads-per-task 1 limits them)",
            reference(pair),
            two_decimals(cores)
        ),
        Cause::OwnThreads(cores) => format!(
            "{} keeps {} cores busy by itself",
            reference(pair),
            two_decimals(cores)
        ),
        Cause::OneCore(cores) => format!(
            "the program keeps {} cores busy, although {{workers}} was {}",
            two_decimals(cores),
            pair.workers()
        ),
        Cause::IdleWorkers(cores) => format!(
            "its {workers} keep {} cores busy (a serial part, locks, disk)",
            two_decimals(cores)
        ),
        Cause::Transfer(bytes) => format!(
            "{} of items and results travel between processes (pickling)",
            Bytes(bytes)
        ),
        Cause::TakesTurns(cores) => format!(
            "its threads take turns under Python's global lock (GIL): together they keep {} cores busy",
            two_decimals(cores)
        ),
        Cause::Contention(times) => format!(
            "its threads compete for the same objects: they use {} the CPU time (contention)",
            Ratio(times)
        ),
        Cause::Dispatch => {
            "handing out tasks takes too long (dispatch), larger ones would pay more".to_owned()
        }
        Cause::FewTasks => format!("there are only {tasks}{}", more_tasks(run, pair)),
        Cause::Remainder => format!(
            "{tasks} do not divide evenly among {workers}{}",
            more_tasks(run, pair)
        ),
        Cause::Batches(batches) => format!(
            "{} in {batches} {} do not divide evenly among {workers} (--chunk makes smaller ones)",
            count(pair.measurement.tasks, "call"),
            if batches == 1 { "batch" } else { "batches" }
        ),
        Cause::Imbalance => "one worker works longer than the others (imbalance)".to_owned(),
        Cause::GrantedCores(cores) => {
            format!("{workers} got only {} cores", two_decimals(cores))
        }
        Cause::Inflation(times) if pair.arm().engine == OWN => format!(
            "its {workers} use {} the CPU time of one (spinning on locks, memory bandwidth, shared cores)",
            Ratio(times)
        ),
        Cause::Inflation(times) => side_by_side(times, "memory bandwidth, shared cores, clock"),
        Cause::KernelTime(times) => side_by_side(times, "page faults and locks in the system"),
        Cause::Waiting(times) => side_by_side(times, "waiting for a disk or locks"),
    }
}

/// That tasks take longer beside others, and what that may come from.
fn side_by_side(times: f64, why: &str) -> String {
    format!("tasks take {} as long side by side ({why})", Ratio(times))
}

fn reference(pair: Pair<'_>) -> String {
    let reference = pair.measurement.reference_arm();

    if reference.is_serial() {
        "the plain loop".to_owned()
    } else {
        reference.label()
    }
}

/// Which flag gives more tasks, where the workload has one. Where several workloads were measured
/// at once, its name has the workload's in front.
fn more_tasks(run: &Run, pair: Pair<'_>) -> String {
    let workload = pair.workload();
    let is_alone = run
        .measurements
        .iter()
        .all(|measurement| measurement.workload == workload);

    match pair.measurement.params.get("tasks") {
        None => String::new(),
        Some(_) if is_alone => " (--tasks gives more)".to_owned(),
        Some(_) => format!(" (--{workload}-tasks gives more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::results::Measurement;

    fn said(measurements: Vec<Measurement>, why: Cause) -> String {
        let run = fixture::of(measurements);
        let pair = run.measurements[0].pairs().next().unwrap();

        cause(&run, pair, why)
    }

    #[test]
    fn too_few_tasks_name_the_flag_for_more() {
        let mut measurement = fixture::measurement("fib", 5, 1.0, 0.6);
        measurement.tasks = 2;
        let another = fixture::measurement("pi", 5, 1.0, 0.6);

        assert_eq!(
            said(vec![measurement.clone()], Cause::FewTasks),
            "there are only 2 tasks (--tasks gives more)"
        );
        assert_eq!(
            said(vec![measurement, another], Cause::FewTasks),
            "there are only 2 tasks (--fib-tasks gives more)"
        );
    }

    #[test]
    fn a_workload_without_a_number_of_tasks_has_no_flag_for_it() {
        let mut measurement = fixture::measurement("image", 3, 1.0, 0.6);
        measurement.tasks = 4;
        measurement.params = serde_json::json!({});

        assert_eq!(
            said(vec![measurement], Cause::Remainder),
            "4 tasks do not divide evenly among 3 workers"
        );
    }
}
