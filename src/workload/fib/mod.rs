//! The workload `fib`: the exact Fibonacci numbers F(0) to F(size - 1), which is memory traffic of
//! big numbers. A task keeps the whole list of terms or only the last two. `parbench_kernels` does
//! the additions.

mod memory;
mod witness;

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use self::memory::{Keep, refused_by_system, task_bytes, too_large};
use self::witness::{Witness, checksum};
use super::{Context, Error, QuickValue, Tasks, Workload, default_tasks};
use crate::digest::Digest;
use crate::results::Work;
use crate::stop::Stop;
use crate::units::{Bounded, Bytes};
use parbench_kernels::fibonacci::{Pair, blocks_of_all};
use parbench_kernels::isa::Isa;
use parbench_kernels::residue::{add_residues, residue};
use parbench_kernels::rows::{Filling, Rows};

/// Terms computed between two checks of the stop flag.
const TERMS_PER_CHECK: usize = 1024;

/// The parameters of `fib`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Terms that each task computes, F(0) to F(N-1): 0 to 10000000
    #[arg(long, value_name = "N", default_value = "200000")]
    size: Bounded<0, 10_000_000>,
    /// Number of tasks, each of which computes all terms: 1 to 1000000 [default: number of usable
    /// CPUs]
    #[arg(
        long,
        value_name = "N",
        default_value = default_tasks().to_string(),
        hide_default_value = true
    )]
    tasks: Tasks,
    /// What a task keeps: all terms (1.75 GB of memory for 200000 terms) or only the last two
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Keep::All)]
    keep: Keep,
}

/// The partial result of one task.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partial {
    terms: u64,
    checksum: Digest,
}

/// The answer of all tasks.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// Terms in each task's list.
    terms: u64,
    /// Decimal digits of the last term.
    digits: u64,
    /// Its first 20 digits.
    leading: String,
    /// Its last 20 digits.
    trailing: String,
    /// SHA-256 of the last two terms, the smaller first, each as little-endian 64-bit limbs without
    /// leading zero limbs.
    checksum: Digest,
}

/// The workload, ready to run.
pub(super) struct Fib {
    size: usize,
    tasks: usize,
    keep: Keep,
    isa: Isa,
    /// Computed when the first partial results are combined: workers in other processes never need
    /// it.
    witness: OnceLock<Witness>,
    /// Lists of tasks that have ended, for the next tasks: memory that is used again needs no fresh
    /// pages.
    spare: Mutex<Vec<Rows>>,
}

impl Workload for Fib {
    const NAME: &'static str = "fib";
    const ABOUT: &'static str =
        "Exact Fibonacci numbers, all of them kept: big-number memory traffic";
    // A sixteenth of the memory and of the time; more than a cache holds all the same.
    const QUICK: &'static [QuickValue] = &[QuickValue {
        parameter: "size",
        value: "50000",
    }];
    type Params = Params;
    type Partial = Partial;
    type Answer = Answer;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let Params { size, tasks, keep } = params;
        let size = size.count();

        if task_bytes(size, keep) > context.memory {
            return Err(too_large(size, keep, context.memory));
        }

        Ok(Self {
            size,
            tasks: tasks.count(),
            keep,
            isa: Isa::selected(),
            witness: OnceLock::new(),
            spare: Mutex::default(),
        })
    }

    fn tasks(&self) -> usize {
        self.tasks
    }

    fn work(&self) -> Work {
        Work {
            amount: self.size as u64 * self.tasks as u64,
            unit: "terms".to_owned(),
        }
    }

    fn task_bytes(&self) -> Bytes {
        task_bytes(self.size, self.keep)
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<Partial, Error> {
        match self.keep {
            Keep::Last => self.compute(stop, None),
            Keep::All => self.with_list(index, stop, |_, partial| Ok(partial)),
        }
    }

    /// Reads the whole list back: every term must have the residue that the recurrence gives.
    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        if self.keep == Keep::Last {
            return Ok(());
        }

        self.with_list(index, stop, |list, _| {
            let (mut expected, mut next) = (0, 1);

            for (n, term) in list.iter().enumerate() {
                if n % TERMS_PER_CHECK == 0 {
                    stop.check()?;
                }

                if residue(term) != expected {
                    return Err(Error::failed(format!(
                        "task {}: the stored F({n}) is wrong",
                        index + 1
                    )));
                }
                (expected, next) = (next, add_residues(expected, next));
            }

            Ok(())
        })
    }

    fn cool_down(&self) {
        self.spare_lists().clear();
    }

    fn combine(&self, partials: Vec<Partial>) -> Result<Answer, Error> {
        let witness = self.witness.get_or_init(|| Witness::of(self.size));
        let expected = Partial {
            terms: self.size as u64,
            checksum: witness.checksum,
        };

        let mut numbered = partials.iter().enumerate();
        if let Some((index, wrong)) = numbered.find(|(_, partial)| **partial != expected) {
            return Err(Error::failed(format!(
                "task {} computed {}; fast doubling gives {}",
                index + 1,
                wrong.in_words(),
                expected.in_words()
            )));
        }

        Ok(Answer {
            terms: expected.terms,
            digits: witness.digits,
            leading: witness.leading.clone(),
            trailing: witness.trailing.clone(),
            checksum: expected.checksum,
        })
    }

    fn describe(&self, _index: usize, partial: &Partial) -> String {
        format!("{} terms", partial.terms)
    }
}

impl Partial {
    fn in_words(&self) -> String {
        let Self { terms, checksum } = self;
        format!("{terms} terms with the checksum {checksum}")
    }
}

impl Fib {
    /// Computes the terms one after another, into `list` if there is one, and makes the checksum of
    /// the last two.
    fn compute(&self, stop: &Stop, mut list: Option<&mut Filling<'_>>) -> Result<Partial, Error> {
        let mut pair = Pair::up_to(self.size.saturating_sub(1), self.isa);

        if let Some(list) = &mut list {
            [pair.current(), pair.next()]
                .into_iter()
                .take(self.size)
                .for_each(|term| list.push(term));
        }

        for n in 2..self.size {
            if n % TERMS_PER_CHECK == 0 {
                stop.check()?;
            }
            match &mut list {
                Some(list) => pair.advance_into(list),
                None => pair.advance(),
            }
        }

        let checksum = match self.size {
            0 => checksum(&[], &[]),
            1 => checksum(&[], pair.current()),
            _ => checksum(pair.current(), pair.next()),
        };

        Ok(Partial {
            terms: self.size as u64,
            checksum,
        })
    }

    /// Computes the whole list, hands it to `use_list`, and keeps its memory for the next task.
    fn with_list<T>(
        &self,
        index: usize,
        stop: &Stop,
        use_list: impl FnOnce(&Rows, Partial) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let spare = self.spare_lists().pop();
        let mut list = spare.unwrap_or_default();

        let computed = list
            .fill(self.size, blocks_of_all(self.size), |list| {
                self.compute(stop, Some(list))
            })
            .map_err(|_| refused_by_system(index, self.task_bytes()))?;
        let result = computed.and_then(|partial| use_list(&list, partial));

        self.spare_lists().push(list);
        result
    }

    fn spare_lists(&self) -> MutexGuard<'_, Vec<Rows>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use serde_json::json;

    use super::*;
    use crate::event::Silent;

    fn prepared(size: u64, keep: Keep, memory: u64) -> Result<Fib, Error> {
        let params = Params {
            size: Bounded::new(size).unwrap(),
            tasks: Tasks::new(2).unwrap(),
            keep,
        };

        let context = Context {
            task_timeout: std::time::Duration::MAX,
            stop: &Stop::new(),
            observer: &Silent,
            workers: std::num::NonZeroUsize::MIN,
            memory: Bytes(memory),
        };

        Fib::prepare(params, &context)
    }

    fn answer(size: u64, keep: Keep) -> Answer {
        let fib = prepared(size, keep, 1 << 30).unwrap();
        let stop = Stop::new();
        fib.audit(0, &stop).unwrap();

        let partials = (0..2)
            .map(|index| fib.task(index, &stop).unwrap())
            .collect();
        fib.combine(partials).unwrap()
    }

    #[test]
    fn small_sizes_equal_num_bigint_in_both_modes() {
        let mut terms = vec![BigUint::ZERO, BigUint::from(1_u32)];
        for n in 2..600 {
            terms.push(&terms[n - 1] + &terms[n - 2]);
        }

        for size in [1, 2, 3, 94, 95, 500, 600] {
            let all = answer(size as u64, Keep::All);
            let last = answer(size as u64, Keep::Last);
            assert_eq!(
                serde_json::to_value(&all).unwrap(),
                serde_json::to_value(&last).unwrap()
            );

            let n = size - 1;
            let decimal = terms[n].to_string();
            assert_eq!(all.digits, decimal.len() as u64, "F({n})");
            assert!(decimal.starts_with(&all.leading), "F({n})");
            assert!(decimal.ends_with(&all.trailing), "F({n})");
            assert_eq!(all.leading.len(), decimal.len().min(20));
            assert_eq!(all.trailing.len(), decimal.len().min(20));
        }

        let empty = answer(0, Keep::All);
        assert_eq!((empty.terms, empty.digits), (0, 0));
        assert_eq!((empty.leading.as_str(), empty.trailing.as_str()), ("", ""));
    }

    #[test]
    fn a_wrong_partial_result_is_no_answer() {
        let fib = prepared(100, Keep::Last, 1 << 30).unwrap();
        let wrong = Partial {
            terms: 100,
            checksum: checksum(&[1], &[2]),
        };

        let error = fib.combine(vec![wrong]).unwrap_err().to_string();
        assert!(error.starts_with("task 1 computed 100 terms"), "{error}");
    }

    #[test]
    fn a_list_that_cannot_fit_is_refused_with_advice() {
        let error = prepared(1_000_000, Keep::All, 8_000_000_000)
            .err()
            .unwrap()
            .to_string();
        let start = "a task of 1000000 terms needs 43.4 GB of memory, this run may use 8.00 GB";
        assert!(error.starts_with(start), "{error}");
        assert!(error.contains("use keep last, size 42"), "{error}");

        prepared(1_000_000, Keep::Last, 8_000_000_000).unwrap();
    }

    #[test]
    fn a_raised_flag_ends_a_task() {
        let fib = prepared(5000, Keep::All, 1 << 30).unwrap();
        let stop = Stop::new();
        stop.raise(2);

        assert!(matches!(fib.task(0, &stop), Err(Error::Interrupted(_))));
    }

    #[test]
    fn parameters_are_stored_by_their_flags_names() {
        let stored = json!({"size": 10, "tasks": 2, "keep": "last"});
        let params: Params = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(params).unwrap(), stored);
    }
}
