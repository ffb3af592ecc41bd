//! What is read beside the arms: CPU use, what the machine withholds, how fast it is just now. A
//! trait, so that tests can script it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::gauge_memory::GaugeMemory;
use super::together::{spin_until, together};
use crate::machine::cgroup::{self, Quota};
use crate::machine::tree::Tree;
use crate::machine::{self, Counters, CpuTimes};
use crate::results::{Calibration, Granted, Stream};
use crate::threads::{Refused, start_scoped};
use crate::units::{Bytes, seconds};
use parbench_kernels::addition::{Adder, Store};
use parbench_kernels::block::Block;
use parbench_kernels::isa::Isa;
use parbench_kernels::points::Points;

/// Instruments beside the clock.
pub trait Gauges {
    /// This process's CPU time so far.
    fn cpu_times(&self) -> Option<CpuTimes>;
    /// What the machine withheld so far.
    fn counters(&self) -> Counters;
    /// How fast the machine is just now, for one thread and for each number of `workers` at once,
    /// which stand ascending. It fails when the system starts no more threads.
    fn calibrate(&self, workers: &[usize]) -> Result<Calibration, Refused>;
    /// How fast one thread and each number of `workers` at once stream through memory just now;
    /// empty where the system refuses that memory. It fails like [`calibrate`](Self::calibrate).
    fn stream(&self, workers: &[usize]) -> Result<Vec<Stream>, Refused>;
    /// The CPU time that the control groups of this process allow it, where they limit it.
    fn quota(&self) -> Option<Quota>;
}

/// The machine's own instruments.
#[derive(Debug)]
pub struct Machine {
    isa: Isa,
    adder: Adder,
    /// What threads stream through.
    memory: GaugeMemory,
    quota: Option<Quota>,
    usable_cpus: f64,
}

/// Steps of all lanes in one piece of arithmetic: four million points, half a millisecond with
/// AVX-512 and a few milliseconds without vectors; less in a debug build, whose times say nothing
/// anyway.
const STEPS: u64 = if cfg!(debug_assertions) {
    1 << 12
} else {
    1 << 17
};
/// Pieces in a row, on one thread as on several: a machine may grant all of them a moment, and not
/// more.
const IN_A_ROW: u32 = 4;
/// 64 MiB that threads stream through together: more than the caches that cores share on most
/// machines; less in a debug build.
const BLOCKS: usize = if cfg!(debug_assertions) {
    1 << 14
} else {
    1 << 20
};
/// But each of them through this much, 4 MiB, however many they are.
const LEAST_BLOCKS: usize = BLOCKS / 16;
/// 8 MiB: more than the caches that a core has to itself, less than those that cores share.
const SHARED_BLOCKS: usize = BLOCKS / 8;
/// Blocks that are written before the next fence: 8 KiB, as a long term of `fib` has.
const ROW: usize = 128;
/// How often two threads hand a number back and forth, at most.
const HANDOFFS: usize = 200;
/// And for how long: two threads on one CPU take turns by the scheduler's clock, not by their own.
const LONGEST: Duration = Duration::from_millis(1);
/// Hand-offs between two looks at the clock.
const HANDOFF_ROW: usize = 8;

/// What `workers` threads stream through.
pub(super) fn streamed_bytes(workers: usize) -> Bytes {
    Bytes((blocks_of_all(workers) * size_of::<Block>()) as u64)
}

fn blocks_of_all(workers: usize) -> usize {
    blocks_of_each(workers) * workers
}

/// The blocks that each of `workers` threads streams through.
fn blocks_of_each(workers: usize) -> usize {
    (BLOCKS / workers).max(LEAST_BLOCKS)
}

impl Machine {
    /// Chooses the instruction set that the kernels use, too.
    #[must_use]
    pub fn new() -> Self {
        let quota = cgroup::limits(&Tree::system()).quota;
        let isa = Isa::selected();
        Self {
            isa,
            adder: Adder::on(isa),
            memory: GaugeMemory::default(),
            quota,
            usable_cpus: machine::usable_cpus().get() as f64,
        }
    }

    /// Seconds of the arithmetic on this thread.
    fn arithmetic(&self) -> f64 {
        let mut points = Points::new([1, 2, 3, 4]);
        timed(|| {
            std::hint::black_box(points.count(std::hint::black_box(STEPS), self.isa));
        })
    }

    /// Seconds to read and write memory that is shared with other cores.
    fn shared_cache(&self) -> Result<f64, Refused> {
        let mut memory = self.memory.with(SHARED_BLOCKS)?;

        Ok(timed(|| update(&mut memory[..SHARED_BLOCKS])))
    }

    /// Seconds of each of some pieces of arithmetic, one after another on this thread.
    fn in_a_row(&self) -> Vec<f64> {
        (0..IN_A_ROW).map(|_| self.arithmetic()).collect()
    }

    /// The same on each of `workers` threads at once.
    fn together(&self, workers: usize) -> Result<Vec<Vec<f64>>, Refused> {
        together(vec![(); workers], |()| self.in_a_row())
    }

    /// How fast `workers` threads at once stream through memory, each through its own.
    fn stream_together(&self, workers: usize) -> Result<Stream, Refused> {
        let share = blocks_of_each(workers);
        let mut memory = self.memory.with(share * workers)?;

        let mut longest = |work: &(dyn Fn(&mut [Block]) + Sync)| {
            let parts = memory.chunks_mut(share).take(workers).collect();
            let took = together(parts, |part| timed(|| work(part)))?;
            Ok(took.into_iter().fold(0.0, f64::max))
        };
        Ok(Stream {
            workers,
            update_s: longest(&update)?,
            write_s: longest(&|part| self.write(part))?,
        })
    }

    /// Writes all of `blocks` past the caches, as `fib` writes its list.
    fn write(&self, blocks: &mut [Block]) {
        let (mut sum, summand) = ([Block::default(); ROW], [Block::default(); ROW]);
        for row in blocks.chunks_exact_mut(ROW) {
            self.adder
                .add_keeping(&mut sum, &summand, row, Store::Streamed);
        }
    }
}

/// Reads all of `blocks` and writes them in place.
fn update(blocks: &mut [Block]) {
    for block in blocks.iter_mut() {
        for limb in &mut block.0 {
            *limb = limb.wrapping_add(1);
        }
    }
    std::hint::black_box(blocks);
}

/// Core-equivalents that some threads were granted at once, when each did the pieces of `together`:
/// the fastest piece of this calibration is what a whole core does, so that no thread is granted
/// more than one. `alone` are as many pieces as each thread did, on a thread that ran by itself.
fn granted_cores(alone: &[f64], together: &[Vec<f64>]) -> f64 {
    let fastest = alone
        .iter()
        .chain(together.iter().flatten())
        .copied()
        .fold(f64::INFINITY, f64::min);
    let granted =
        |pieces: &Vec<f64>| fastest * pieces.len() as f64 / pieces.iter().sum::<f64>().max(fastest);

    together
        .iter()
        .filter(|pieces| !pieces.is_empty())
        .map(granted)
        .sum()
}

/// Seconds that a number takes from one thread to another and back: how far apart the cores are
/// just now.
fn handoff() -> Result<f64, Refused> {
    // Odd numbers are this thread's, even ones the other's answers; 0 is nobody's, and the last one
    // is the end.
    const OVER: usize = usize::MAX;
    let number = &AtomicUsize::new(0);
    let send = |odd: usize| {
        number.store(odd, Ordering::Release);
        spin_until(|| number.load(Ordering::Acquire) == odd + 1);
    };
    std::thread::scope(|scope| {
        start_scoped(scope, 1, 1, move || {
            for odd in (1..).step_by(2) {
                spin_until(|| [odd, OVER].contains(&number.load(Ordering::Acquire)));
                if number.load(Ordering::Acquire) == OVER {
                    break;
                }
                number.store(odd + 1, Ordering::Release);
            }
        })?;

        // The first one waits for the other thread's start, which is not to be timed.
        send(1);
        let (began, mut done) = (Instant::now(), 0);
        while done < HANDOFFS && began.elapsed() < LONGEST {
            (done..done + HANDOFF_ROW).for_each(|round| send(2 * round + 3));
            done += HANDOFF_ROW;
        }
        let took = seconds(began.elapsed());
        number.store(OVER, Ordering::Release);

        Ok(took.max(1e-9) / done as f64)
    })
}

/// One worker, and each number of `workers` above that.
fn with_one(workers: &[usize]) -> impl Iterator<Item = usize> {
    let several = workers.iter().copied().filter(|&workers| workers > 1);

    std::iter::once(1).chain(several)
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    seconds(began.elapsed()).max(1e-9)
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Gauges for Machine {
    fn cpu_times(&self) -> Option<CpuTimes> {
        machine::cpu_times()
    }

    fn counters(&self) -> Counters {
        machine::counters()
    }

    fn calibrate(&self, workers: &[usize]) -> Result<Calibration, Refused> {
        let memory_s = self.shared_cache()?;
        let has_several = workers.last().is_some_and(|&most| most > 1);
        let handoff_s = has_several.then(handoff).transpose()?;

        let alone = self.in_a_row();
        let granted = |&workers: &usize| {
            // Threads that take turns on a CPU seem to have had more of it than there is.
            let cores = granted_cores(&alone, &self.together(workers)?).min(self.usable_cpus);
            Ok(Granted { workers, cores })
        };
        let granted = workers
            .iter()
            .map(granted)
            .collect::<Result<_, Refused>>()?;
        Ok(Calibration {
            arithmetic_s: alone[0],
            memory_s,
            handoff_s,
            granted,
            streams: Vec::new(),
        })
    }

    fn stream(&self, workers: &[usize]) -> Result<Vec<Stream>, Refused> {
        let most = with_one(workers).map(blocks_of_all).max();
        if self.memory.with(most.unwrap_or_default()).is_err() {
            return Ok(Vec::new());
        }

        let streams = with_one(workers)
            .map(|workers| self.stream_together(workers))
            .collect();
        // The arms are to find the memory that they may use.
        self.memory.keep(SHARED_BLOCKS);
        streams
    }

    fn quota(&self) -> Option<Quota> {
        self.quota
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_a_time_or_a_number_of_cores() {
        let machine = Machine::new();
        assert_eq!(machine.together(3).unwrap().len(), 3);
        let calibration = machine.calibrate(&[1, 2]).unwrap();
        let cores: Vec<f64> = calibration
            .granted
            .iter()
            .map(|granted| granted.cores)
            .collect();
        let Calibration {
            arithmetic_s,
            memory_s,
            handoff_s,
            ..
        } = calibration;
        for figure in [
            arithmetic_s,
            memory_s,
            handoff_s.unwrap(),
            cores[0],
            cores[1],
        ] {
            assert!(figure.is_finite() && figure > 0.0, "{figure}");
        }
        assert!(
            cores[0] <= 1.0 && cores[1] <= 2.0,
            "no thread has more than a core"
        );
        assert_eq!(calibration.granted_to(2), Some(cores[1]));

        let alone = machine.calibrate(&[1]).unwrap();
        assert_eq!(alone.handoff_s, None, "no other thread to hand to");
    }

    #[test]
    fn one_thread_and_each_number_of_workers_stream_through_memory() {
        let machine = Machine::new();
        let streams = machine.stream(&[1, 2, 20]).unwrap();
        let workers: Vec<usize> = streams.iter().map(|stream| stream.workers).collect();
        assert_eq!(workers, [1, 2, 20]);
        for stream in streams {
            assert!(stream.update_s > 0.0 && stream.write_s > 0.0, "{stream:?}");
        }

        let held = machine.memory.with(0).unwrap().capacity();
        assert!(held <= SHARED_BLOCKS, "the arms find {held} blocks in use");
    }

    #[test]
    fn a_thread_is_granted_a_core_at_most() {
        let steady = vec![1.0; 4];
        let granted = |alone: &[f64], together: &[Vec<f64>]| granted_cores(alone, together);
        assert_eq!(granted(&steady, &[steady.clone(), steady.clone()]), 2.0);
        assert_eq!(
            granted(&steady, &[vec![2.0; 4], vec![2.0; 4]]),
            1.0,
            "two threads share a core"
        );
        assert_eq!(
            granted(&[4.0, 4.0, 4.0, 4.0], &[steady.clone(), steady.clone()]),
            2.0,
            "alone, it met others"
        );
        assert_eq!(
            granted(&steady, &[vec![1.0, 1.0, 1.0, 5.0], steady.clone()]),
            1.5
        );
        assert_eq!(granted(&steady, &[]), 0.0);
    }
}
