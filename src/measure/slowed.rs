//! A workload whose tasks take longer by a known factor: extra work inside the timed region, with the same
//! answer. It exists so that the regression check can be shown to find what it must find.

use std::time::Instant;

use serde_json::Value;

use crate::kernel::isa::Isa;
use crate::kernel::points::Points;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::workload::{Error, Prepared, Shared, Spec};

/// Steps between two looks at the clock: some microseconds.
const STEPS: u64 = 1 << 10;

/// `inner` with every task `factor` times as long.
pub(super) struct Slowed {
    pub(super) inner: Shared,
    pub(super) factor: f64,
}

impl Prepared for Slowed {
    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error> {
        let began = Instant::now();
        let done = self.inner.task(index, stop);
        let until = began.elapsed().mul_f64(self.factor);
        let mut points = Points::new([1, 2, 3, 4]);
        while began.elapsed() < until {
            std::hint::black_box(points.count(STEPS, Isa::detect()));
        }
        done
    }

    fn spec(&self) -> &Spec {
        self.inner.spec()
    }

    fn tasks(&self) -> usize {
        self.inner.tasks()
    }

    fn work(&self) -> Work {
        self.inner.work()
    }

    fn task_bytes(&self) -> Bytes {
        self.inner.task_bytes()
    }

    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        self.inner.audit(index, stop)
    }

    fn cool_down(&self) {
        self.inner.cool_down();
    }

    fn combine(&self, partials: Vec<Value>) -> Result<Value, Error> {
        self.inner.combine(partials)
    }

    fn describe(&self, index: usize, partial: &Value) -> String {
        self.inner.describe(index, partial)
    }

    fn problems(&self) -> Vec<String> {
        self.inner.problems()
    }
}
