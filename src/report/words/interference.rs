//! What came between the workers and the machine while a run was measured: other programs, pauses, quotas. A sentence
//! for each, for every report that shows verdicts.

use super::names::name;
use crate::machine::OtherPrograms;
use crate::results::{Measurement, Run, Summary};
use crate::units::{count, two_decimals};

/// The sentence on other programs, if they were in the way of any measurement: what the verdicts are worth then.
pub(in crate::report) fn other_programs(run: &Run) -> Option<String> {
    let summaries: Vec<(&Measurement, Summary)> = run
        .measurements
        .iter()
        .filter_map(|measurement| Some((measurement, measurement.summary()?)))
        .collect();
    let busy: Vec<&(&Measurement, Summary)> = summaries
        .iter()
        .filter(|(_, summary)| summary.busy_machine)
        .collect();
    let others: Vec<OtherPrograms> = busy
        .iter()
        .filter_map(|(_, summary)| summary.other_programs)
        .collect();
    let cpus = others.first()?.cpus;

    let is_everywhere = busy.len() == summaries.len();
    let (start, end) = if is_everywhere {
        ("Other".to_owned(), "this ran: the verdicts say")
    } else {
        let names: Vec<String> = busy
            .iter()
            .map(|(measurement, _)| name(run, measurement))
            .collect();
        (
            format!("{}: other", names.join(", ")),
            "it ran: the verdict says",
        )
    };
    Some(format!(
        "{start} programs used {} of the {} while {end} what you get beside them, not what the machine can do",
        range_of_cores(&others),
        count(cpus, "CPU")
    ))
}

/// `1.3`, or `0.9 to 1.3` where measurements differ.
fn range_of_cores(others: &[OtherPrograms]) -> String {
    let cores = || others.iter().map(|others| others.cores);
    let least = format!("{:.1}", cores().fold(f64::INFINITY, f64::min));
    let most = format!("{:.1}", cores().fold(0.0, f64::max));

    if least == most {
        most
    } else {
        format!("{least} to {most}")
    }
}

/// The sentences on what disturbed the rounds of `measurement`.
pub(in crate::report) fn disturbances(
    run: &Run,
    measurement: &Measurement,
    summary: &Summary,
) -> Vec<String> {
    let rounds = count(summary.steady_rounds, "round");
    let stopped = summary.stopped_rounds;
    let withheld = summary.disturbed_rounds.saturating_sub(stopped);
    let mut sentences = Vec::new();

    if withheld > 0 {
        sentences.push(format!(
            "the machine disturbed {withheld} of {rounds} (steal or throttling); they count all the same"
        ));
    }
    if stopped > 0 {
        sentences.push(format!(
            "the program was stopped and continued during {stopped} of {rounds} (Ctrl-Z, SIGSTOP), whose times hold \
             the pause; they count all the same"
        ));
    }
    if measurement
        .rounds
        .iter()
        .any(|round| round.machine.passes.is_some())
    {
        let quota = run.environment.cpu.quota.map_or_else(String::new, |cpus| {
            format!(" of {} CPUs", two_decimals(cpus))
        });
        sentences.push(format!(
            "the CPU quota{quota} is below the {}, so in each round both arms did their work again and again for at \
             least five of the quota's periods; times are those of one pass",
            count(measurement.workers, "worker")
        ));
    }
    if measurement.leaves_a_round_out() {
        sentences.push(
            "the last round has no partner in which the other arm goes first, so figures leave it out"
                .to_owned(),
        );
    }

    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::results::Passes;

    fn busy(run: &mut Run, index: usize, cores: f64) {
        for round in &mut run.measurements[index].rounds {
            round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
        }
    }

    #[test]
    fn a_busy_machine_is_named_for_all_or_for_those_it_was_busy_for() {
        let mut run = fixture::run();
        assert_eq!(other_programs(&run), None);

        busy(&mut run, 1, 1.3);
        assert_eq!(
            other_programs(&run).unwrap(),
            "pi: other programs used 1.3 of the 2 CPUs while it ran: the verdict says what you get beside them, not what \
             the machine can do"
        );

        busy(&mut run, 0, 0.9);
        busy(&mut run, 2, 1.0);
        assert!(
            other_programs(&run)
                .unwrap()
                .starts_with("Other programs used 0.9 to 1.3 of the 2 CPUs while this ran:")
        );
    }

    #[test]
    fn pauses_and_quotas_and_rounds_left_out_are_named() {
        let mut run = fixture::run();
        let measured = &mut run.measurements[0];
        measured.rounds[3].machine.stopped = true;
        measured.rounds[4].machine.steal = Some(0.5);
        measured.rounds[5].machine.passes = Some(Passes {
            serial: 2,
            distributed: 9,
        });
        measured.rounds.pop();
        run.environment.cpu.quota = Some(0.5);

        let measured = &run.measurements[0];
        let sentences = disturbances(&run, measured, &measured.summary().unwrap());
        assert_eq!(sentences.len(), 4, "{sentences:?}");
        assert!(
            sentences[0].contains("disturbed 1 of 8 rounds"),
            "{sentences:?}"
        );
        assert!(
            sentences[1].contains("stopped and continued during 1 of 8 rounds"),
            "{sentences:?}"
        );
        assert!(
            sentences[2].starts_with("the CPU quota of 0.50 CPUs is below the 2 workers"),
            "{sentences:?}"
        );
    }
}
