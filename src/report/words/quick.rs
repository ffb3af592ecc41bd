//! What a run is worth that was made with `--quick`.

use crate::results::{Quick, SmallerWork};

/// What stands before everything else: `a first answer from few rounds and less work (fib --size
/// 50000); ...`.
pub(in crate::report) fn quick(quick: &Quick) -> String {
    let work = match flags(&quick.smaller) {
        flags if flags.is_empty() => String::new(),
        flags => format!(" and less work ({})", flags.join(", ")),
    };

    format!("a first answer from few rounds{work}; leave out --quick for one to rely on")
}

/// `fib --size 50000, image --side 1000`, for each workload.
fn flags(smaller: &[SmallerWork]) -> Vec<String> {
    let of_workloads = smaller.chunk_by(|work, next| work.workload == next.workload);

    of_workloads
        .map(|works| {
            let values: Vec<String> = works
                .iter()
                .map(|work| format!("--{} {}", work.parameter, work.value))
                .collect();
            format!("{} {}", works[0].workload, values.join(" "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_work_is_named_with_its_flags() {
        assert_eq!(
            quick(&Quick::default()),
            "a first answer from few rounds; leave out --quick for one to rely on"
        );

        let smaller = |workload: &str, parameter: &str, value: &str| SmallerWork {
            workload: workload.to_owned(),
            parameter: parameter.to_owned(),
            value: value.to_owned(),
        };
        let text = quick(&Quick {
            smaller: vec![
                smaller("fib", "size", "50000"),
                smaller("image", "count", "24"),
                smaller("image", "side", "1000"),
            ],
        });
        assert_eq!(
            text,
            "a first answer from few rounds and less work (fib --size 50000, image --count 24 --side 1000); \
             leave out --quick for one to rely on"
        );
    }
}
