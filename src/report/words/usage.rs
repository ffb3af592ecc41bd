//! What the process of a task uses and writes, in words.

use super::command::Command;
use crate::results::Measurement;
use crate::stats::median;
use crate::units::{Bytes, Seconds};

/// CPU time and output of a task in the plain loop, or with one worker, and the most memory that
/// any process held. `None` for a workload that is no command.
pub(in crate::report) fn usage(measurement: &Measurement) -> Option<String> {
    Command::of(measurement)?;
    let reference = measurement.reference;

    let used = measurement.steady().filter_map(|round| {
        let cpu = round.times[reference].cpu?;
        Some(cpu.user_s + cpu.system_s)
    });
    let cpu_s = median(&used.collect::<Vec<f64>>())? / measurement.tasks as f64;
    let cpu = format!("{} of CPU time", Seconds(cpu_s));
    let written = measurement
        .steady()
        .filter_map(|round| round.times[reference].output_bytes)
        .max();
    let output = written.map(|bytes| {
        let bytes = Bytes(bytes / measurement.tasks.max(1) as u64);
        format!("{bytes} of output")
    });
    let times = measurement.steady().flat_map(|round| &round.times);
    let peak = times.filter_map(|time| time.peak).max();
    let peak = peak.map(|peak| {
        let bound = if peak.at_most { "at most" } else { "up to" };
        format!("{bound} {} of memory", peak.bytes)
    });

    let parts: Vec<String> = [Some(cpu), output, peak].into_iter().flatten().collect();
    Some(format!("for each task {}", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture::measurement;
    use crate::results::{CpuUse, Peak};

    #[test]
    fn what_a_task_uses_is_that_of_the_plain_loop_and_the_largest_process() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        measurement.tasks = 2;
        for round in &mut measurement.rounds {
            round.times[0].cpu = Some(CpuUse {
                user_s: 0.3,
                system_s: 0.1,
                preemptions: None,
                waited_s: None,
            });
            round.times[0].output_bytes = Some(4_000);
            round.times[1].peak = Some(Peak {
                bytes: Bytes(3_000_000),
                at_most: false,
            });
        }
        assert_eq!(usage(&measurement), None, "pi starts no processes");

        measurement.params = json!({"command": ["true"]});
        assert_eq!(
            usage(&measurement).unwrap(),
            "for each task 200 ms of CPU time, 2.00 kB of output, up to 3.00 MB of memory"
        );

        for round in &mut measurement.rounds {
            round.times[0].output_bytes = None;
            round.times[0].peak = Some(Peak {
                bytes: Bytes(4_000_000),
                at_most: true,
            });
        }
        assert_eq!(
            usage(&measurement).unwrap(),
            "for each task 200 ms of CPU time, at most 4.00 MB of memory"
        );
    }
}
