//! Splits of the cores that were asked for and are no arms, since they take more cores than there
//! are.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::Choice;
use super::choice::{fits, processes};
use crate::machine;
use crate::units::count;
use crate::workload::{Definition, TaskVariant};

/// Longer lists of numbers are shortened to their ends.
const MOST_NUMBERS: usize = 4;

impl Choice<'_> {
    /// Which splits of `workload` with `params` are no arms: `left out, for they take more than the
    /// 2 CPUs here: 4 processes with 1 thread each`. `None` where all of them are.
    #[must_use]
    pub fn left_out(&self, workload: &dyn Definition, params: &Value) -> Option<String> {
        let cpus = machine::planned_cpus();
        let too_many = |variant: TaskVariant| {
            let TaskVariant::Threads(threads) = variant else {
                return None;
            };
            let processes = processes(threads, *self).into_iter();
            let beyond: Vec<usize> = processes
                .filter(|&processes| !fits(processes, threads, cpus))
                .map(NonZeroUsize::get)
                .collect();

            (!beyond.is_empty()).then(|| split(&beyond, threads.get()))
        };

        let variants = workload.variants(params).into_iter();
        let splits: Vec<String> = variants.filter_map(too_many).collect();
        (!splits.is_empty()).then(|| {
            format!(
                "left out, for they take more than the {} here: {}",
                count(cpus.get(), "CPU"),
                splits.join(", ")
            )
        })
    }
}

/// `700 or 900 processes with 1 thread each`.
fn split(processes: &[usize], threads: usize) -> String {
    let threads = count(threads, "thread");

    match processes {
        [1] => format!("a process with {threads}"),
        [one] => format!("{one} processes with {threads} each"),
        [first, .., last] if processes.len() > MOST_NUMBERS => format!(
            "{} numbers of processes from {first} to {last} with {threads} each",
            processes.len()
        ),
        [others @ .., last] => {
            let others: Vec<String> = others.iter().map(usize::to_string).collect();
            format!(
                "{} or {last} processes with {threads} each",
                others.join(", ")
            )
        }
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_read_as_they_are_counted() {
        assert_eq!(split(&[1], 1), "a process with 1 thread");
        assert_eq!(split(&[4], 2), "4 processes with 2 threads each");
        assert_eq!(
            split(&[2, 3, 8], 1),
            "2, 3 or 8 processes with 1 thread each"
        );
        assert_eq!(
            split(&[3, 4, 5, 6, 7, 8], 2),
            "6 numbers of processes from 3 to 8 with 2 threads each"
        );
    }
}
