//! One round as stored: the times of both arms, and what the machine did meanwhile.

use serde::{Deserialize, Serialize};

use crate::machine::OtherPrograms;

/// One timed execution of both arms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Wall time of the plain loop, in seconds.
    pub serial_s: f64,
    /// Wall time from the first submit to the last result, in seconds.
    pub distributed_s: f64,
    /// Which arm ran first.
    pub order: Order,
    /// Whether this was the measurement's first round: threads and the tasks' own memory were fresh.
    pub cold: bool,
    /// How fast the machine was right before the arms.
    pub calibration: Calibration,
    /// Wall time of a task that does nothing on this engine, in seconds: the mean over a batch, and the
    /// least of several batches.
    pub task_overhead_s: f64,
    /// CPU use during the serial arm, where the system tells.
    pub serial_cpu: Option<CpuUse>,
    /// CPU use during the distributed arm, where the system tells.
    pub distributed_cpu: Option<CpuUse>,
    /// How the engine's workers were busy in the distributed arm, where the engine tells.
    pub busy: Option<Busy>,
    /// What the machine withheld during the round.
    pub machine: MachineUse,
    /// What the distributed arm had of the cluster that it ran on; absent on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterUse>,
}

/// The order of a round's arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The plain loop ran first.
    SerialFirst,
    /// The engine ran first.
    DistributedFirst,
}

/// How fast a machine is at one moment: fixed pieces of work that are no workload's and no engine's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Seconds of arithmetic on one thread.
    pub arithmetic_s: f64,
    /// Seconds to read and write memory beyond the caches of one core.
    pub memory_s: f64,
    /// Seconds that a number takes from one thread to another and back; none with one worker.
    pub handoff_s: Option<f64>,
    /// Core-equivalents that the machine granted, when the arithmetic ran on as many threads at once as there
    /// are workers: the most that any engine could have reached.
    pub granted_cores: f64,
}

/// CPU use of this process, all threads, during an arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuUse {
    /// Seconds in its own code.
    pub user_s: f64,
    /// Seconds in the kernel on its behalf.
    pub system_s: f64,
    /// Involuntary context switches: how often a thread lost its CPU to somebody else.
    pub preemptions: u64,
    /// Seconds that threads were ready to run and had no CPU, all threads together.
    pub waited_s: Option<f64>,
}

/// Time that the workers spent in tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    /// All workers together, in seconds.
    pub total_s: f64,
    /// The busiest worker, in seconds.
    pub busiest_s: f64,
}

/// What the machine withheld during a round, each where the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MachineUse {
    /// The share of the time of the CPUs that this process may use which the hypervisor gave to others, from 0 to 1.
    /// The system counts in hundredths of a second, so in a short round one tick is much.
    pub steal: Option<f64>,
    /// The share of the round during which the cgroup's quota kept threads waiting; several may wait at once.
    pub throttled: Option<f64>,
    /// The load average of the last minute, at the end of the round.
    pub load: Option<f64>,
    /// What other programs used of the CPUs: over a quarter of a second of rounds that end with this one, where it is
    /// shorter than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_programs: Option<OtherPrograms>,
    /// Whether the program was stopped and continued during the round: its times hold the pause.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// How often each arm did its work, where a CPU quota made more than once necessary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<Passes>,
}

/// How often the arms of a round did their whole work. Times and CPU use are those of one pass, in the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passes {
    /// The plain loop.
    pub serial: u32,
    /// The engine.
    pub distributed: u32,
}

/// What a batch had of the cluster that it ran on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterUse {
    /// The fewest slots that were ready at any moment of it.
    pub slots: usize,
    /// Seconds for which the cluster's control service, or the program that drives the cluster, did not go on.
    #[serde(default)]
    pub held_s: f64,
}

impl Round {
    /// The greatest share of stolen CPU time that leaves a round undisturbed. A whole tick of the system's
    /// counter in a second of two CPUs is 0.5 %.
    pub const STEAL_BOUND: f64 = 0.02;
    /// The greatest share of throttled time that leaves a round undisturbed.
    pub const THROTTLED_BOUND: f64 = 0.01;

    /// Serial time by distributed time: above 1 the engine was faster.
    #[must_use]
    pub fn speedup(&self) -> f64 {
        at_least_a_tick(self.serial_s) / at_least_a_tick(self.distributed_s)
    }

    /// How many times as long the arm of `cpu` took for want of CPUs; 1 where the system did not tell.
    #[must_use]
    pub fn starved(cpu: Option<CpuUse>) -> f64 {
        let share = |cpu: CpuUse| Some(cpu.waited_s? / (cpu.user_s + cpu.system_s).max(1e-6));
        1.0 + cpu.and_then(share).unwrap_or(0.0)
    }

    /// Whether the machine took so much from this round that its times say less. Such rounds count all the
    /// same: dropping them would hide what one gets on this machine.
    #[must_use]
    pub fn disturbed(&self) -> bool {
        let above = |share: Option<f64>, bound| share.is_some_and(|share| share > bound);
        let held = self.cluster.is_some_and(|cluster| cluster.held_s > 0.0);
        held || self.machine.stopped
            || above(self.machine.steal, Self::STEAL_BOUND)
            || above(self.machine.throttled, Self::THROTTLED_BOUND)
    }
}

/// A divisor that is never zero: no clock resolves less than a nanosecond.
pub(super) fn at_least_a_tick(seconds: f64) -> f64 {
    seconds.max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_and_throttling_mark_a_round_and_silence_does_not() {
        let round = |steal, throttled| Round {
            serial_s: 1.0,
            distributed_s: 0.0,
            order: Order::SerialFirst,
            cold: false,
            calibration: Calibration {
                arithmetic_s: 1e-3,
                memory_s: 1e-3,
                handoff_s: None,
                granted_cores: 2.0,
            },
            task_overhead_s: 1e-6,
            serial_cpu: None,
            distributed_cpu: None,
            busy: None,
            machine: MachineUse {
                steal,
                throttled,
                load: Some(99.0),
                ..MachineUse::default()
            },
            cluster: None,
        };
        assert!(!round(None, None).disturbed());
        assert!(!round(Some(0.02), Some(0.01)).disturbed());
        assert!(round(Some(0.021), None).disturbed());
        assert!(round(Some(0.0), Some(0.2)).disturbed());
        assert!(round(None, None).speedup().is_finite());

        let on_cluster = |held_s| Round {
            cluster: Some(ClusterUse { slots: 2, held_s }),
            ..round(None, None)
        };
        assert!(!on_cluster(0.0).disturbed());
        assert!(on_cluster(30.0).disturbed());

        let mut paused = round(None, None);
        paused.machine.stopped = true;
        assert!(paused.disturbed());
    }

    #[test]
    fn a_round_of_an_older_program_has_nothing_to_say_of_others() {
        let stored = r#"{"steal": 0.5, "throttled": null, "load": 1.0}"#;
        let machine: MachineUse = serde_json::from_str(stored).unwrap();
        assert_eq!(
            (machine.other_programs, machine.stopped, machine.passes),
            (None, false, None)
        );
        assert_eq!(
            serde_json::to_value(machine)
                .unwrap()
                .as_object()
                .unwrap()
                .len(),
            3
        );
    }
}
