//! What is read beside the arms: CPU use, what the machine withholds, how fast it is just now. A trait, so
//! that tests can script it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::kernel::isa::Isa;
use crate::kernel::points::Points;
use crate::machine::{self, Counters, CpuTimes};
use crate::results::Calibration;
use crate::units::seconds;

/// Instruments beside the clock.
pub trait Gauges {
    /// This process's CPU time so far.
    fn cpu_times(&self) -> Option<CpuTimes>;
    /// What the machine withheld so far.
    fn counters(&self) -> Counters;
    /// How fast the machine is just now, for one thread and for `workers` at once.
    fn calibrate(&self, workers: usize) -> Calibration;
}

/// The machine's own instruments.
#[derive(Debug)]
pub struct Machine {
    isa: Isa,
    memory: Mutex<Vec<u64>>,
}

/// Steps of all lanes in one piece of arithmetic: four million points, half a millisecond with AVX-512 and a
/// few milliseconds without vectors; less in a debug build, whose times say nothing anyway.
const STEPS: u64 = if cfg!(debug_assertions) { 1 << 12 } else { 1 << 17 };
/// Pieces in a row where several threads work at once: a machine may grant all of them a moment, and not more.
const IN_A_ROW: u32 = 4;
/// 8 MiB: more than the caches that a core has to itself, less than those that cores share.
const LIMBS: usize = 1 << 20;
/// How often two threads hand a number to and fro, at most.
const HANDOFFS: usize = 200;
/// And for how long: two threads on one CPU take turns by the scheduler's clock, not by their own.
const LONGEST: Duration = Duration::from_millis(1);
/// Hand-offs between two looks at the clock.
const ROW: usize = 8;
/// Looks at what others write before a thread lets them run, too: there may be more threads than CPUs.
const LOOKS: u32 = 1_000;

impl Machine {
    /// Chooses the instruction set that the kernels use, too.
    #[must_use]
    pub fn new() -> Self {
        Self { isa: Isa::selected(), memory: Mutex::new(vec![1; LIMBS]) }
    }

    /// Seconds of the arithmetic on this thread.
    fn arithmetic(&self) -> f64 {
        let mut points = Points::new([1, 2, 3, 4]);
        timed(|| {
            std::hint::black_box(points.count(std::hint::black_box(STEPS), self.isa));
        })
    }

    /// Seconds to read and write memory that is shared with other cores.
    fn memory(&self) -> f64 {
        let mut limbs = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        timed(|| {
            for limb in limbs.iter_mut() {
                *limb = limb.wrapping_add(1);
            }
            std::hint::black_box(&mut *limbs);
        })
    }

    /// Seconds of a piece of arithmetic on each of so many threads at once.
    fn together(&self, workers: usize) -> Vec<f64> {
        let missing = &AtomicUsize::new(workers);
        std::thread::scope(|scope| {
            let start = |_| {
                scope.spawn(move || {
                    // Spinning, because threads that sleep until the last one is there start at different times.
                    missing.fetch_sub(1, Ordering::AcqRel);
                    spin_until(|| missing.load(Ordering::Acquire) == 0);
                    (0..IN_A_ROW).map(|_| self.arithmetic()).sum::<f64>() / f64::from(IN_A_ROW)
                })
            };
            let threads: Vec<_> = (0..workers).map(start).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        })
    }
}

/// Seconds that a number takes from one thread to another and back: how far apart the cores are just now.
fn handoff() -> f64 {
    // Odd numbers are this thread's, even ones the other's answers; 0 is nobody's, and the last one is the end.
    const OVER: usize = usize::MAX;
    let number = &AtomicUsize::new(0);
    let send = |odd: usize| {
        number.store(odd, Ordering::Release);
        spin_until(|| number.load(Ordering::Acquire) == odd + 1);
    };
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for odd in (1..).step_by(2) {
                spin_until(|| [odd, OVER].contains(&number.load(Ordering::Acquire)));
                if number.load(Ordering::Acquire) == OVER {
                    break;
                }
                number.store(odd + 1, Ordering::Release);
            }
        });
        // The first one waits for the other thread's start, which is not to be timed.
        send(1);
        let (began, mut done) = (Instant::now(), 0);
        while done < HANDOFFS && began.elapsed() < LONGEST {
            (done..done + ROW).for_each(|round| send(2 * round + 3));
            done += ROW;
        }
        let took = seconds(began.elapsed());
        number.store(OVER, Ordering::Release);
        took.max(1e-9) / done as f64
    })
}

fn spin_until(done: impl Fn() -> bool) {
    let mut looks = 0_u32;
    while !done() {
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS) { std::thread::yield_now() } else { std::hint::spin_loop() }
    }
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

    fn calibrate(&self, workers: usize) -> Calibration {
        let memory_s = self.memory();
        let handoff_s = (workers > 1).then(handoff);
        let arithmetic_s = self.arithmetic();
        let granted_cores = self.together(workers).into_iter().map(|time| arithmetic_s / time).sum();
        Calibration { arithmetic_s, memory_s, handoff_s, granted_cores }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_a_time_or_a_number_of_cores() {
        let machine = Machine::new();
        assert_eq!(machine.together(3).len(), 3);
        let Calibration { arithmetic_s, memory_s, handoff_s, granted_cores } = machine.calibrate(2);
        for figure in [arithmetic_s, memory_s, handoff_s.unwrap(), granted_cores] {
            assert!(figure.is_finite() && figure > 0.0, "{figure}");
        }
        assert_eq!(machine.calibrate(1).handoff_s, None, "nobody to hand to");
    }
}
