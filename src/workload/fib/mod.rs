//! The workload `fib`: the exact Fibonacci numbers F(0) to F(size - 1), kept as a list or term by term.
//! Memory traffic of big numbers. The additions are `crate::kernel`'s.

mod witness;

use std::sync::{Mutex, OnceLock, PoisonError};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use self::witness::{Witness, checksum};
use super::digest::Digest;
use super::{Context, Error, Tasks, Workload, default_tasks};
use crate::kernel::block::Block;
use crate::kernel::fibonacci::{Pair, blocks_of_all, limbs_of};
use crate::kernel::isa::Isa;
use crate::kernel::residue::{add_residues, residue};
use crate::kernel::rows::{Filling, Rows};
use crate::results::Work;
use crate::stop::Stop;
use crate::units::{Bounded, Bytes};

/// Terms computed between two looks at the stop flag.
const TERMS_PER_LOOK: usize = 1024;

/// What decides the answer of `fib`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Terms that each task computes, F(0) to F(N-1): 0 to 10000000
    #[arg(long, value_name = "N", default_value = "200000")]
    size: Bounded<0, 10_000_000>,
    /// Equal tasks, each computing all terms: 1 to 1000000 [default: the usable CPUs]
    #[arg(long, value_name = "N", default_value = default_tasks().to_string(), hide_default_value = true)]
    tasks: Tasks,
    /// What a task keeps: all terms in one piece of memory, 1.74 GB for 200000, or the last two
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Keep::All)]
    keep: Keep,
}

// No doc comments on the variants: they would turn every --help of this command into its long form.
/// What a task keeps of its terms: the whole list, or the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Keep {
    All,
    Last,
}

/// What one task found.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partial {
    terms: u64,
    checksum: Digest,
}

/// What all tasks found.
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
    /// Made when the first partial results are combined: workers in other processes never need it.
    witness: OnceLock<Witness>,
    /// Lists whose task has ended, for the next one: memory that is used again needs no fresh pages.
    spare: Mutex<Vec<Rows>>,
}

impl Workload for Fib {
    const NAME: &'static str = "fib";
    const ABOUT: &'static str =
        "Exact Fibonacci numbers, all of them kept: big-number memory traffic";
    type Params = Params;
    type Partial = Partial;
    type Answer = Answer;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let Params { size, tasks, keep } = params;
        let (size, tasks) = (size.count(), tasks.count());
        if task_bytes(size, keep) > context.memory {
            return Err(too_large(size, keep, context.memory));
        }
        let (witness, spare) = (OnceLock::new(), Mutex::default());
        Ok(Self {
            size,
            tasks,
            keep,
            isa: Isa::selected(),
            witness,
            spare,
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
                if n % TERMS_PER_LOOK == 0 {
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
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn combine(&self, partials: Vec<Partial>) -> Result<Answer, Error> {
        let Witness {
            digits,
            leading,
            trailing,
            checksum,
        } = self.witness.get_or_init(|| Witness::of(self.size));
        let expected = Partial {
            terms: self.size as u64,
            checksum: *checksum,
        };
        if let Some((index, wrong)) = partials
            .iter()
            .enumerate()
            .find(|(_, partial)| **partial != expected)
        {
            let message = format!(
                "task {} found {wrong:?}, fast doubling gives {expected:?}",
                index + 1
            );
            return Err(Error::failed(message));
        }
        let (leading, trailing) = (leading.clone(), trailing.clone());
        Ok(Answer {
            terms: expected.terms,
            digits: *digits,
            leading,
            trailing,
            checksum: expected.checksum,
        })
    }

    fn describe(&self, _index: usize, partial: &Partial) -> String {
        format!("{} terms", partial.terms)
    }
}

impl Fib {
    /// Computes the terms one after another, into `list` if there is one, and sums up the last two.
    fn compute(&self, stop: &Stop, mut list: Option<&mut Filling<'_>>) -> Result<Partial, Error> {
        let mut pair = Pair::up_to(self.size.saturating_sub(1), self.isa);
        if let Some(list) = &mut list {
            [pair.current(), pair.next()]
                .into_iter()
                .take(self.size)
                .for_each(|term| list.push(term));
        }
        for n in 2..self.size {
            if n % TERMS_PER_LOOK == 0 {
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

    /// Computes the whole list, hands it to `look`, and keeps its memory for the next task.
    fn with_list<T>(
        &self,
        index: usize,
        stop: &Stop,
        look: impl FnOnce(&Rows, Partial) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let spare = self
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut list = spare.unwrap_or_default();
        let filled = list.fill(self.size, blocks_of_all(self.size), |list| {
            self.compute(stop, Some(list))
        });
        let computed = filled.map_err(|_| {
            let needed = task_bytes(self.size, self.keep);
            let number = index + 1;
            Error::failed(format!(
                "task {number}: the system refused {needed} of memory; use --keep last, a smaller --size or \
                 fewer --workers"
            ))
        })?;
        let result = computed.and_then(|partial| look(&list, partial));
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(list);
        result
    }
}

/// The memory that a running task holds: its list with the rows' ends, and the pair it computes with.
fn task_bytes(size: usize, keep: Keep) -> Bytes {
    let word = size_of::<u64>() as u64;
    let pair = 2 * word * limbs_of(size) as u64;
    match keep {
        Keep::All => {
            Bytes((size_of::<Block>() * blocks_of_all(size)) as u64 + word * size as u64 + pair)
        }
        Keep::Last => Bytes(pair),
    }
}

fn too_large(size: usize, keep: Keep, memory: Bytes) -> Error {
    let needed = task_bytes(size, keep);
    let (mut fits, mut too_many) = (0, size);
    while fits + 1 < too_many {
        let middle = usize::midpoint(fits, too_many);
        if task_bytes(middle, keep) <= memory {
            fits = middle
        } else {
            too_many = middle
        }
    }
    // Advice that would not help is left out: a list of no terms, or the last one where even that is too large.
    let last = (keep == Keep::All && task_bytes(size, Keep::Last) <= memory)
        .then(|| "--keep last".to_owned());
    let smaller = (fits > 0).then(|| format!("--size {fits} or less"));
    let advice: Vec<String> = last.into_iter().chain(smaller).collect();
    let advice = if advice.is_empty() {
        String::new()
    } else {
        format!("use {}, or ", advice.join(", "))
    };

    Error::failed(format!(
        "a task of --size {size} needs {needed} of memory, this run may use {memory}: {advice}grant more with --memory"
    ))
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
            let (all, last) = (
                answer(size as u64, Keep::All),
                answer(size as u64, Keep::Last),
            );
            assert_eq!(
                serde_json::to_value(&all).unwrap(),
                serde_json::to_value(&last).unwrap()
            );
            let decimal = terms[size - 1].to_string();
            assert_eq!(all.digits, decimal.len() as u64, "F({})", size - 1);
            assert!(
                decimal.starts_with(&all.leading) && decimal.ends_with(&all.trailing),
                "F({})",
                size - 1
            );
            assert_eq!(all.leading.len(), decimal.len().min(20));
            assert_eq!(all.trailing.len(), decimal.len().min(20));
        }
        let none = answer(0, Keep::All);
        assert_eq!(
            (
                none.terms,
                none.digits,
                none.leading.as_str(),
                none.trailing.as_str()
            ),
            (0, 0, "", "")
        );
    }

    #[test]
    fn a_wrong_partial_result_is_no_answer() {
        let fib = prepared(100, Keep::Last, 1 << 30).unwrap();
        let wrong = Partial {
            terms: 100,
            checksum: checksum(&[1], &[2]),
        };
        let error = fib.combine(vec![wrong]).unwrap_err().to_string();
        assert!(error.starts_with("task 1 found"), "{error}");
    }

    #[test]
    fn a_list_that_cannot_fit_is_refused_with_the_way_out() {
        let error = prepared(1_000_000, Keep::All, 8_000_000_000)
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.starts_with(
                "a task of --size 1000000 needs 43.4 GB of memory, this run may use 8.00 GB"
            ),
            "{error}"
        );
        assert!(error.contains("--keep last, --size 42"), "{error}");
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
