//! A workload whose tasks take longer by a known factor: extra work inside the timed region, with
//! the same answer. It exists so that the regression check can be shown to find what it must find.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::{ArmName, ArmOfRound, Context, Error, Pace, Prepared, Shared, Spec, TaskVariant};
use crate::failure::Failure;
use crate::results::{ProcessUse, Work};
use crate::stop::Stop;
use crate::units::Bytes;
use parbench_kernels::isa::Isa;
use parbench_kernels::points::Points;

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

impl Slowed {
    fn slow<T>(&self, task: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = task();

        let until = began.elapsed().mul_f64(self.spec.slowdown);
        let mut points = Points::new([1, 2, 3, 4]);
        while began.elapsed() < until {
            std::hint::black_box(points.count(STEPS, Isa::selected()));
        }
        done
    }
}

impl Prepared for Slowed {
    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error> {
        self.slow(|| self.inner.task(index, stop))
    }

    fn task_on(&self, index: usize, workers: NonZeroUsize, stop: &Stop) -> Result<Value, Error> {
        self.slow(|| self.inner.task_on(index, workers, stop))
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

    fn enter_arm(&self, arm: &ArmName) {
        self.inner.enter_arm(arm);
    }

    fn before_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<(), Error> {
        self.inner.before_arm(arm, stop)
    }

    fn after_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<Option<ProcessUse>, Error> {
        self.inner.after_arm(arm, stop)
    }

    fn after_all(&self, further: &Stop) -> Result<(), Error> {
        self.inner.after_all(further)
    }

    fn cool_down(&self) {
        self.inner.cool_down();
    }

    fn process_use(&self, partials: &[Value]) -> Option<ProcessUse> {
        self.inner.process_use(partials)
    }

    fn empty_tasks(&self, context: &Context<'_>) -> Option<Result<Shared, Error>> {
        self.inner.empty_tasks(context)
    }

    fn variant(&self, variant: TaskVariant) -> Option<Shared> {
        Some(slowed(self.inner.variant(variant)?, self.spec.slowdown))
    }

    fn shipped_program(&self) -> Option<PathBuf> {
        self.inner.shipped_program()
    }

    fn has_work(&self) -> bool {
        self.inner.has_work()
    }

    fn runs_in_process(&self) -> bool {
        self.inner.runs_in_process()
    }

    fn may_vary(&self) -> bool {
        self.inner.may_vary()
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
