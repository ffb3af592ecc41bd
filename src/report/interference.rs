//! What came between the workers and the machine while a run was measured: other programs, pauses, quotas. A sentence
//! for each, for every report that shows verdicts.

use crate::results::{Measurement, Run, Summary};
use crate::units::{Ratio, two_decimals};

use super::words::{count, name};

/// The sentence on other programs, if they were in the way of any measurement: what the verdicts are worth then.
pub(super) fn other_programs(run: &Run) -> Option<String> {
    let summaries: Vec<(&Measurement, Summary)> = run
        .measurements
        .iter()
        .filter_map(|one| Some((one, one.summary()?)))
        .collect();
    let busy: Vec<_> = summaries
        .iter()
        .filter(|(_, summary)| summary.busy_machine)
        .collect();
    let others: Vec<_> = busy
        .iter()
        .filter_map(|(_, summary)| summary.other_programs)
        .collect();
    let cpus = others.first()?.cpus;

    let least = others
        .iter()
        .map(|others| others.cores)
        .fold(f64::INFINITY, f64::min);
    let most = others.iter().map(|others| others.cores).fold(0.0, f64::max);
    let (least, most) = (format!("{least:.1}"), format!("{most:.1}"));
    let cores = if least == most {
        most
    } else {
        format!("{least} to {most}")
    };
    let everywhere = busy.len() == summaries.len();
    let (start, end) = if everywhere {
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
        "{start} programs used {cores} of the {} while {end} what you get beside them, not what the machine can do.",
        count(cpus, "CPU")
    ))
}

/// The sentences on what disturbed the rounds of `measurement`, without a stop.
pub(super) fn disturbances(run: &Run, measurement: &Measurement, summary: &Summary) -> Vec<String> {
    let all = count(summary.steady_rounds, "round");
    let mut sentences = Vec::new();
    let withheld = summary
        .disturbed_rounds
        .saturating_sub(summary.stopped_rounds);
    if withheld > 0 {
        sentences.push(format!(
            "the machine disturbed {withheld} of {all} (steal or throttling); they count all the same"
        ));
    }
    if summary.stopped_rounds > 0 {
        sentences.push(format!(
            "the program was stopped and continued during {} of {all} (Ctrl-Z, SIGSTOP), whose times hold the pause; \
             they count all the same",
            summary.stopped_rounds
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
            "the CPU quota{quota} is below the {}, so in each round both arms did their work again and again for at least \
             five of the quota's periods; times are those of one pass",
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

/// A bound of a ratio: with two decimals, or as many more as show on which side of 1 it lies.
pub(super) fn bound(ratio: f64) -> String {
    const MOST_DECIMALS: usize = 9;
    let text = two_decimals(ratio);
    if text != "1.00" || ratio == 1.0 {
        return text;
    }
    let longer = (3..=MOST_DECIMALS).map(|decimals| format!("{ratio:.decimals$}"));
    let mut longer = longer.filter(|text| text.parse() != Ok(1.0));

    longer.next().unwrap_or(text)
}

/// A ratio that shows on which side of 1 it lies.
pub(super) fn ratio(ratio: f64) -> String {
    let text = Ratio(ratio).to_string();
    if text == "1.00x" {
        bound(ratio) + "x"
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
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
             the machine can do."
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

    #[test]
    fn a_bound_shows_its_side_of_one() {
        assert_eq!(
            (bound(1.18), bound(0.97)),
            ("1.18".to_owned(), "0.97".to_owned())
        );
        assert_eq!(
            (bound(1.0), bound(1.0004), bound(0.9996)),
            ("1.00".into(), "1.0004".into(), "0.9996".into())
        );
        assert_eq!(
            (bound(1.004), bound(0.996)),
            ("1.004".into(), "0.996".into())
        );
        assert_eq!(bound(1.0 + 1e-15), "1.00");
        assert_eq!(
            (ratio(1.004), ratio(1.05)),
            ("1.004x".into(), "1.05x".into())
        );
    }
}
