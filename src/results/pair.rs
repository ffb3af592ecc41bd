//! An arm beside the reference of its measurement: what every ratio, verdict and table row is made
//! of. A view: nothing is stored in this form.

use super::round::{ArmTime, ClusterUse, CpuUse};
use super::{Arm, Busy, Measurement, Placement, Round};

/// One arm of a measurement and the arm that its ratios refer to.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The measurement that holds both.
    pub measurement: &'a Measurement,
    /// The index of the arm.
    pub index: usize,
}

/// Both arms of a pair in one round.
#[derive(Clone, Copy, Debug)]
pub struct PairedRound<'a> {
    /// The round.
    pub round: &'a Round,
    /// The reference arm's time.
    pub reference: &'a ArmTime,
    /// The arm's time.
    pub arm: &'a ArmTime,
    /// How many times the reference's work the arm did.
    pub scale: usize,
}

impl Measurement {
    /// Every arm but the reference, beside the reference.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let others = (0..self.arms.len()).filter(|&index| index != self.reference);

        others.map(|index| Pair {
            measurement: self,
            index,
        })
    }
}

impl<'a> Pair<'a> {
    /// The workload's name.
    #[must_use]
    pub fn workload(self) -> &'a str {
        &self.measurement.workload
    }

    /// The arm.
    #[must_use]
    pub fn arm(self) -> &'a Arm {
        &self.measurement.arms[self.index]
    }

    /// The arm's engine.
    #[must_use]
    pub fn engine(self) -> &'a str {
        &self.arm().engine
    }

    /// The arm's number of workers.
    #[must_use]
    pub fn workers(self) -> usize {
        self.arm().workers
    }

    /// Seconds that the arm's engine took to start.
    #[must_use]
    pub fn startup_s(self) -> f64 {
        self.arm().startup_s
    }

    /// Where the arm's engine ran tasks.
    #[must_use]
    pub fn placement(self) -> &'a Placement {
        &self.arm().placement
    }

    /// Every round, the cold one included.
    pub fn rounds(self) -> impl Iterator<Item = PairedRound<'a>> {
        self.measurement
            .rounds
            .iter()
            .map(move |round| self.in_round(round))
    }

    /// The rounds that figures are taken over; see [`Measurement::steady`].
    pub fn steady(self) -> impl Iterator<Item = PairedRound<'a>> {
        self.measurement
            .steady()
            .map(move |round| self.in_round(round))
    }

    /// The rounds that reports take figures over; see [`Measurement::counted`].
    #[must_use]
    pub fn counted(self) -> Vec<PairedRound<'a>> {
        let rounds = self.measurement.counted().into_iter();

        rounds.map(|round| self.in_round(round)).collect()
    }

    /// Both arms in `round`.
    #[must_use]
    pub fn in_round(self, round: &'a Round) -> PairedRound<'a> {
        PairedRound {
            round,
            reference: &round.times[self.measurement.reference],
            arm: &round.times[self.index],
            scale: self.arm().scale.max(1),
        }
    }

    /// How many tasks the memory let run at once, where that is fewer than workers and tasks would
    /// have allowed.
    #[must_use]
    pub fn at_once_by_memory(self) -> Option<usize> {
        let Measurement {
            memory_bytes,
            task_bytes,
            tasks,
            ..
        } = self.measurement;
        let fitting = memory_bytes.0.checked_div(task_bytes.0)?;
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX);

        (fitting < self.workers().min(*tasks)).then_some(fitting)
    }
}

impl PairedRound<'_> {
    /// Seconds that the reference arm takes for the arm's work: its wall time, as often as the arm
    /// does its work.
    #[must_use]
    pub fn reference_s(self) -> f64 {
        self.reference.wall_s * self.scale as f64
    }

    /// The arm's wall time, in seconds.
    #[must_use]
    pub fn arm_s(self) -> f64 {
        self.arm.wall_s
    }

    /// The reference's time for the arm's work, divided by the arm's: above 1 the arm was faster.
    #[must_use]
    pub fn speedup(self) -> f64 {
        at_least_a_tick(self.reference_s()) / at_least_a_tick(self.arm.wall_s)
    }

    /// Seconds of an empty task on the arm's engine, where that means something.
    #[must_use]
    pub fn dispatch_s(self) -> Option<f64> {
        self.arm.dispatch_s
    }

    /// How the arm's workers were busy.
    #[must_use]
    pub fn busy(self) -> Option<Busy> {
        self.arm.busy
    }

    /// What the arm had of its cluster.
    #[must_use]
    pub fn cluster(self) -> Option<ClusterUse> {
        self.arm.cluster
    }

    /// How many times the reference's CPU time the arm used for the same work, where both are
    /// known.
    #[must_use]
    pub fn cpu_ratio(self) -> Option<f64> {
        let reference_s = self.reference.cpu?.total_s() * self.scale as f64;

        (reference_s > 0.0).then_some(self.arm.cpu?.total_s() / reference_s)
    }

    /// How many times as long the reference arm took for want of CPUs; 1 where that is unknown.
    #[must_use]
    pub fn reference_starvation(self) -> f64 {
        starvation(self.reference.cpu)
    }

    /// How many times as long the arm took for want of CPUs; 1 where that is unknown.
    #[must_use]
    pub fn arm_starvation(self) -> f64 {
        starvation(self.arm.cpu)
    }
}

fn starvation(cpu: Option<CpuUse>) -> f64 {
    cpu.and_then(|cpu| cpu.starvation()).unwrap_or(1.0)
}

/// A divisor that is never zero: no clock resolves less than a nanosecond.
pub(crate) fn at_least_a_tick(seconds: f64) -> f64 {
    seconds.max(1e-9)
}
