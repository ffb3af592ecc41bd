//! A workload whose tasks take longer by a known factor: extra work inside the timed region, with
//! the same answer. It exists so that the regression check can be shown to find what it must find.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::{Error, Pace, Prepared, Shared, Spec};
use crate::failure::Failure;
use crate::kernel::isa::Isa;
use crate::kernel::points::Points;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;

/// Steps between two looks at the clock: some microseconds.
const STEPS: u64 = 1 << 10;

/// `inner` with every task `factor` times as long: itself where that is 1.
#[must_use]
pub fn slowed(inner: Shared, factor: f64) -> Shared {
    if factor <= 1.0 {
        return inner;
    }
    let spec = Spec {
        slowdown: factor,
        ..inner.spec().clone()
    };
    Arc::new(Slowed { inner, spec })
}

struct Slowed {
    inner: Shared,
    spec: Spec,
}

impl Prepared for Slowed {
    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error> {
        let began = Instant::now();
        let done = self.inner.task(index, stop);
        let until = began.elapsed().mul_f64(self.spec.slowdown);
        let mut points = Points::new([1, 2, 3, 4]);
        while began.elapsed() < until {
            std::hint::black_box(points.count(STEPS, Isa::selected()));
        }
        done
    }

    fn spec(&self) -> &Spec {
        &self.spec
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

    fn inputs(&self, stop: &Stop) -> Result<Option<String>, Error> {
        self.inner.inputs(stop)
    }

    fn pace(&self) -> Pace {
        self.inner.pace()
    }

    fn problems(&self) -> Vec<Failure> {
        self.inner.problems()
    }
}
