//! One round as stored: the time of every arm, and what the machine did meanwhile.

use serde::{Deserialize, Serialize};

use super::{Busy, LostWorker, Span};
use crate::machine::OtherPrograms;
use crate::units::Bytes;

/// One timed execution of every arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Whether this was the measurement's first round: threads and the tasks' own memory were
    /// fresh.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cold: bool,
    /// The order in which the arms ran, as indices of the measurement's arms.
    pub order: Vec<usize>,
    /// One for each arm of the measurement, in the order of its arms.
    pub times: Vec<ArmTime>,
    /// How fast the machine was right before the arms.
    pub calibration: Calibration,
    /// What the machine withheld during the round.
    pub machine: MachineUse,
}

/// What one arm took in one round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmTime {
    /// Wall time from the first task's start, or from the first submit, to the last result, in
    /// seconds.
    pub wall_s: f64,
    /// CPU use during the arm: of this process, where its tasks run there, or of the processes that
    /// tasks are; where the system reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuUse>,
    /// Wall time of an empty task on the arm's engine, in seconds: the mean over a batch, and the
    /// least of several batches. Absent where an empty task means nothing, as in the serial loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch_s: Option<f64>,
    /// How the arm's workers were busy, where the engine reports its tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy: Option<Busy>,
    /// The most memory that the process of a task held, where tasks run in processes of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
    /// How many of these processes ended without waiting for one that they had started, so that
    /// their figures are not those of all the work.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unwaited: usize,
    /// Bytes that all of these processes wrote to their standard output in a pass, where that is
    /// read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<u64>,
    /// How often the arm did its whole work, where a CPU quota made more than once necessary. Times
    /// and CPU use are the mean of these passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<u32>,
    /// What the arm had of the cluster that it ran on; absent on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterUse>,
    /// When each task ran, where storing that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// How many spans were left out because there were more than a stored run may hold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spans_left_out: usize,
    /// The workers that were lost while the arm ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_workers: Vec<LostWorker>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// How fast a machine is at one moment: fixed pieces of work that belong to no workload and no
/// engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Seconds of arithmetic on one thread.
    pub arithmetic_s: f64,
    /// Seconds to read and write memory beyond the caches of one core.
    pub memory_s: f64,
    /// Seconds that a number takes from one thread to another and back; absent where no arm has
    /// more than one worker.
    pub handoff_s: Option<f64>,
    /// What the machine granted to each number of workers, ascending.
    pub granted: Vec<Granted>,
    /// How fast one thread and each number of workers stream through memory, ascending; nothing
    /// where a task holds so little that the caches have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Stream>,
}

/// What the machine granted to a number of threads that ran the same arithmetic at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Granted {
    /// The threads: as many as an arm has workers.
    pub workers: usize,
    /// Core-equivalents that they got: the most that an engine with as many workers could have
    /// reached.
    pub cores: f64,
}

/// How fast a number of threads at once stream through memory that no cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The threads: one, or as many as an arm has workers.
    pub workers: usize,
    /// Seconds until the last of them has read all of its part and written it in place.
    pub update_s: f64,
    /// Seconds until the last of them has written all of its part past the caches.
    pub write_s: f64,
}

impl Calibration {
    /// The core-equivalents that the machine granted to `workers` threads, where that was measured.
    #[must_use]
    pub fn granted_to(&self, workers: usize) -> Option<f64> {
        let granted = self
            .granted
            .iter()
            .find(|granted| granted.workers == workers);

        granted.map(|granted| granted.cores)
    }

    /// How fast `workers` threads at once stream through memory, where that was measured.
    #[must_use]
    pub fn stream_of(&self, workers: usize) -> Option<Stream> {
        let of_count = |stream: &&Stream| stream.workers == workers;

        self.streams.iter().find(of_count).copied()
    }
}

/// The most memory that a process held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Peak {
    /// How much.
    pub bytes: Bytes,
    /// Whether it may have been less, since the system shows no less of a process that this program
    /// starts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

/// CPU use of this process, all threads, or of the processes of tasks, during an arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuUse {
    /// Seconds in its own code.
    pub user_s: f64,
    /// Seconds in the kernel on its behalf.
    pub system_s: f64,
    /// Involuntary context switches: how often a thread lost its CPU to another; absent where the
    /// processes of tasks do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemptions: Option<u64>,
    /// Seconds that threads were ready to run and had no CPU, all threads together.
    pub waited_s: Option<f64>,
}

/// What one process used, or several together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessUse {
    /// CPU time of all of them.
    pub cpu: CpuUse,
    /// The most memory that one of them held.
    pub peak: Peak,
    /// How many of them ended without waiting for one that they had started.
    pub unwaited: usize,
    /// Bytes that they wrote to their standard output, where that was read.
    pub output_bytes: Option<u64>,
}

impl ProcessUse {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.and(other.cpu),
            peak: self.peak.max(other.peak),
            unwaited: self.unwaited + other.unwaited,
            output_bytes: match (self.output_bytes, other.output_bytes) {
                (Some(bytes), Some(more)) => Some(bytes + more),
                (bytes, more) => bytes.or(more),
            },
        }
    }
}

impl CpuUse {
    /// Both together; what one of them does not know is unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            user_s: self.user_s + other.user_s,
            system_s: self.system_s + other.system_s,
            preemptions: self.preemptions.zip(other.preemptions).map(|(a, b)| a + b),
            waited_s: self.waited_s.zip(other.waited_s).map(|(a, b)| a + b),
        }
    }

    /// The mean of `count` equal shares.
    #[must_use]
    pub fn divided(self, count: u32) -> Self {
        Self {
            user_s: self.user_s / f64::from(count),
            system_s: self.system_s / f64::from(count),
            preemptions: self.preemptions.map(|number| number / u64::from(count)),
            waited_s: self.waited_s.map(|waited_s| waited_s / f64::from(count)),
        }
    }

    /// Seconds of CPU time.
    #[must_use]
    pub fn total_s(&self) -> f64 {
        self.user_s + self.system_s
    }

    /// How many times as long the arm took for want of CPUs; `None` where the system does not
    /// report waiting.
    #[must_use]
    pub fn starvation(&self) -> Option<f64> {
        let used = self.total_s().max(1e-6);

        Some(1.0 + self.waited_s? / used)
    }
}

/// What the machine withheld during a round, each where the system reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MachineUse {
    /// The share of the time of the CPUs that this process may use which the hypervisor gave to
    /// others, from 0 to 1. The system counts in hundredths of a second, so in a short round one
    /// tick is much.
    pub steal: Option<f64>,
    /// The share of the round during which the cgroup's quota kept threads waiting; several may
    /// wait at once.
    pub throttled: Option<f64>,
    /// The load average of the last minute, at the end of the round.
    pub load: Option<f64>,
    /// What other programs used of the CPUs: over a quarter of a second of rounds that end with
    /// this one, where it is shorter than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_programs: Option<OtherPrograms>,
    /// Whether the program was stopped and continued during the round: its times hold the pause.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

/// What an arm had of the cluster that it ran on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterUse {
    /// The fewest slots that were ready at any moment of it.
    pub slots: usize,
    /// Seconds for which the cluster's control service, or the program that drives the cluster,
    /// stood still.
    #[serde(default)]
    pub held_s: f64,
}

impl Round {
    /// The greatest share of stolen CPU time that leaves a round undisturbed. A whole tick of the
    /// system's counter in a second of two CPUs is 0.5 %.
    pub const STEAL_BOUND: f64 = 0.02;
    /// The greatest share of throttled time that leaves a round undisturbed.
    pub const THROTTLED_BOUND: f64 = 0.01;

    /// Whether the machine took so much from this round that its times say less. Such rounds count
    /// all the same: dropping them would hide what one gets on this machine.
    #[must_use]
    pub fn disturbed(&self) -> bool {
        let above = |share: Option<f64>, bound| share.is_some_and(|share| share > bound);
        let stood_still = |time: &ArmTime| time.cluster.is_some_and(|cluster| cluster.held_s > 0.0);

        self.machine.stopped
            || self.times.iter().any(stood_still)
            || above(self.machine.steal, Self::STEAL_BOUND)
            || above(self.machine.throttled, Self::THROTTLED_BOUND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(steal: Option<f64>, throttled: Option<f64>) -> Round {
        Round {
            cold: false,
            order: vec![0],
            times: vec![ArmTime {
                wall_s: 1.0,
                ..ArmTime::default()
            }],
            calibration: Calibration::default(),
            machine: MachineUse {
                steal,
                throttled,
                load: Some(99.0),
                ..MachineUse::default()
            },
        }
    }

    #[test]
    fn steal_and_throttling_mark_a_round_and_silence_does_not() {
        assert!(!round(None, None).disturbed());
        assert!(!round(Some(0.02), Some(0.01)).disturbed());
        assert!(round(Some(0.021), None).disturbed());
        assert!(round(Some(0.0), Some(0.2)).disturbed());

        let mut on_cluster = round(None, None);
        on_cluster.times[0].cluster = Some(ClusterUse {
            slots: 2,
            held_s: 0.0,
        });
        assert!(!on_cluster.disturbed());
        on_cluster.times[0].cluster = Some(ClusterUse {
            slots: 2,
            held_s: 30.0,
        });
        assert!(on_cluster.disturbed());

        let mut paused = round(None, None);
        paused.machine.stopped = true;
        assert!(paused.disturbed());
    }

    #[test]
    fn what_a_round_has_nothing_to_say_of_is_absent_from_its_stored_form() {
        let stored = serde_json::to_value(round(Some(0.5), None)).unwrap();
        let keys = |value: &serde_json::Value| {
            let object = value.as_object().unwrap();
            object.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keys(&stored), ["order", "times", "calibration", "machine"]);
        assert_eq!(keys(&stored["times"][0]), ["wall_s"]);
        assert_eq!(
            serde_json::from_value::<Round>(stored).unwrap(),
            round(Some(0.5), None)
        );
    }
}
