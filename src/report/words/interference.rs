//! What came between the workers and the machine while a run was measured: other programs, pauses,
//! quotas. A sentence for each, for every report that shows verdicts.

use super::counts::counts;
use super::names::name;
use crate::machine::OtherPrograms;
use crate::results::{Measurement, OF_PROGRAMS, Pair, Round, Run};
use crate::units::{Seconds, count, two_decimals};

/// Five of the periods in which Linux grants CPU time under a quota, if nobody chose others.
const FIVE_PERIODS_S: f64 = 0.5;

/// An arm that other programs were in the way of.
struct Crowded {
    /// `fib pool`.
    series: String,
    /// A plain loop has no number of them.
    workers: Option<usize>,
    /// Whether it runs somebody else's program.
    may_have_servers: bool,
    others: OtherPrograms,
}

/// The sentence on other programs, if they were in the way of any arm: what the verdicts are worth
/// then.
pub(in crate::report) fn other_programs(run: &Run) -> Option<String> {
    let crowded = crowded(run);
    let cpus = crowded.first()?.others.cpus;
    let verdicts = judged(run).filter(|pair| pair.summary().is_some()).count();

    let (start, end) = if crowded.len() == verdicts {
        ("other".to_owned(), "this ran: the verdicts say")
    } else {
        let end = if crowded.len() == 1 {
            "it ran: the verdict says"
        } else {
            "they ran: the verdicts say"
        };
        (format!("{}: other", names(&crowded)), end)
    };
    Some(format!(
        "{start} programs used {} of the {} while {end} what you get beside them, not what the machine can do{}",
        range_of_cores(&crowded),
        count(cpus, "CPU"),
        server(run, &crowded)
    ))
}

/// That these programs may belong to the work: only processes that a command has started count as
/// part of it, and a server that they talk to was started by others. Empty where others were busy
/// before, too, and where all of the work is this program's own.
fn server(run: &Run, crowded: &[Crowded]) -> &'static str {
    let was_idle = run
        .environment
        .cpu
        .other_programs
        .is_some_and(|others| others.cores < OtherPrograms::BOUND);

    if was_idle && crowded.iter().any(|arm| arm.may_have_servers) {
        "; the CPUs were idle just before, so this may be a server that works for the measured program: the server's CPU \
         time is in no figure"
    } else {
        ""
    }
}

/// The arms that have a verdict of their own.
fn judged(run: &Run) -> impl Iterator<Item = Pair<'_>> {
    run.pairs()
        .filter(|pair| !run.shows_task_cost(pair.measurement))
}

fn crowded(run: &Run) -> Vec<Crowded> {
    let crowded = judged(run).filter_map(|pair| {
        let summary = pair.summary().filter(|summary| summary.busy_machine)?;

        Some(Crowded {
            series: format!("{} {}", name(run, pair.measurement), pair.engine()),
            workers: (!pair.arm().is_serial()).then(|| pair.workers()),
            may_have_servers: OF_PROGRAMS.contains(&pair.measurement.workload.as_str()),
            others: summary.other_programs?,
        })
    });

    crowded.collect()
}

/// `fib pool 2 and 4, pi pool 4`.
fn names(crowded: &[Crowded]) -> String {
    let series = crowded.chunk_by(|left, right| left.series == right.series);
    let names = series.map(|arms| {
        let mut workers: Vec<usize> = arms.iter().filter_map(|arm| arm.workers).collect();
        workers.sort_unstable();
        format!("{} {}", arms[0].series, counts(&workers))
            .trim_end()
            .to_owned()
    });

    names.collect::<Vec<_>>().join(", ")
}

/// `1.3`, or `0.9 to 1.3` where arms differ.
fn range_of_cores(crowded: &[Crowded]) -> String {
    let cores = || crowded.iter().map(|arm| arm.others.cores);
    let least = format!("{:.1}", cores().fold(f64::INFINITY, f64::min));
    let most = format!("{:.1}", cores().fold(0.0, f64::max));

    if least == most {
        most
    } else {
        format!("{least} to {most}")
    }
}

/// The sentences on what disturbed the steady rounds of `measurement`.
pub(in crate::report) fn disturbances(run: &Run, measurement: &Measurement) -> Vec<String> {
    let steady: Vec<&Round> = measurement.steady().collect();
    let rounds = count(steady.len(), "round");
    let number =
        |is_counted: fn(&Round) -> bool| steady.iter().filter(|round| is_counted(round)).count();
    let stopped = number(|round| round.machine.stopped);
    let withheld = number(|round| round.disturbed() && !round.machine.stopped);
    let mut sentences = Vec::new();

    if withheld > 0 {
        sentences.push(format!(
            "the machine disturbed {withheld} of {rounds} (steal or throttling); they are included"
        ));
    }
    if stopped > 0 {
        sentences.push(format!(
            "the program was stopped and continued during {stopped} of {rounds} (Ctrl-Z, SIGSTOP), whose times hold \
             the pause; they are included"
        ));
    }
    sentences.extend(quota(run, measurement).or_else(|| burst(run, measurement)));
    if measurement.leaves_a_round_out() {
        sentences.push(
            "the last round has no partner with the opposite order of arms, so figures leave it out"
                .to_owned(),
        );
    }

    sentences
}

/// That a quota made several passes a round necessary, where it did.
fn quota(run: &Run, measurement: &Measurement) -> Option<String> {
    let mut times = measurement.rounds.iter().flat_map(|round| &round.times);
    times.find(|time| time.passes.is_some())?;
    let most_workers = measurement.arms.iter().map(|arm| arm.workers).max()?;

    let quota = run.environment.cpu.quota.map_or_else(String::new, |cpus| {
        format!(" of {} CPUs", two_decimals(cpus))
    });
    Some(format!(
        "the CPU quota{quota} is below the {}, so in each round every arm did its work again and again for at least \
         five of the quota's periods; times are those of one pass",
        count(most_workers, "worker")
    ))
}

/// That rounds are so short that a quota may not have been met, where they are and work cannot be
/// done again and again: that of commands and of other languages' functions.
fn burst(run: &Run, measurement: &Measurement) -> Option<String> {
    let quota = run.environment.cpu.quota?;
    let limited = measurement
        .pairs()
        .filter(|pair| pair.arm().workers as f64 > quota && !pair.placement().elsewhere);
    let times = limited.filter_map(|pair| Some((pair, measurement.figures(pair.index)?.median_s)));
    let (shortest, median_s) = times.min_by(|(_, a), (_, b)| a.total_cmp(b))?;

    (median_s < FIVE_PERIODS_S).then(|| {
        format!(
            "the CPU quota of {} CPUs is below the {}, and {} takes {}, less than five of the quota's usual periods: what \
             looks like a gain may be a burst that the quota does not let go on; give it more work",
            two_decimals(quota),
            count(shortest.arm().workers, "worker"),
            shortest.arm().label(),
            Seconds(median_s)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn crowd(run: &mut Run, index: usize, cores: f64) {
        for round in &mut run.measurements[index].rounds {
            round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
        }
    }

    #[test]
    fn a_busy_machine_is_named_for_all_or_for_those_it_was_busy_for() {
        let mut run = fixture::run();
        assert_eq!(other_programs(&run), None);

        crowd(&mut run, 1, 1.3);
        assert_eq!(
            other_programs(&run).unwrap(),
            "pi pool 2: other programs used 1.3 of the 2 CPUs while it ran: the verdict says what you get beside \
             them, not what the machine can do"
        );

        crowd(&mut run, 0, 0.9);
        assert!(other_programs(&run).unwrap().starts_with(
            "fib pool 2, pi pool 2: other programs used 0.9 to 1.3 of the 2 CPUs while they ran:"
        ));

        crowd(&mut run, 2, 1.0);
        assert!(
            other_programs(&run)
                .unwrap()
                .starts_with("other programs used 0.9 to 1.3 of the 2 CPUs while this ran:")
        );
    }

    #[test]
    fn programs_that_come_with_a_command_may_be_its_servers() {
        let mut run = fixture::run();
        for index in 0..3 {
            crowd(&mut run, index, 1.3);
            run.measurements[index].workload = OF_PROGRAMS[0].to_owned();
        }
        run.environment.cpu.other_programs = None;
        let says_server = |run: &Run| other_programs(run).unwrap().contains("a server");
        assert!(!says_server(&run), "nobody looked before");

        let others = |cores| Some(OtherPrograms { cores, cpus: 2 });
        run.environment.cpu.other_programs = others(0.05);
        assert!(says_server(&run));
        run.environment.cpu.other_programs = others(1.3);
        assert!(!says_server(&run), "they were there before");

        let mut fib_run = fixture::run();
        crowd(&mut fib_run, 0, 1.3);
        fib_run.environment.cpu.other_programs = others(0.05);
        assert!(!says_server(&fib_run), "fib talks to nobody");
    }

    #[test]
    fn pauses_and_quotas_and_rounds_left_out_are_named() {
        let mut run = fixture::run();
        let measurement = &mut run.measurements[0];
        measurement.rounds[3].machine.stopped = true;
        measurement.rounds[4].machine.steal = Some(0.5);
        measurement.rounds[5].times[1].passes = Some(9);
        measurement.rounds.pop();
        run.environment.cpu.quota = Some(0.5);

        let sentences = disturbances(&run, &run.measurements[0]);
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
    fn a_gain_that_a_quota_may_not_let_go_on_is_named() {
        let mut run = fixture::run();
        for round in &mut run.measurements[1].rounds {
            round.times[1].wall_s = 0.02;
        }
        let sentences = |run: &Run| disturbances(run, &run.measurements[1]);
        assert_eq!(sentences(&run), [""; 0]);

        run.environment.cpu.quota = Some(1.5);
        let warned = sentences(&run);
        assert!(
            warned[0].contains("below the 2 workers, and pool 2 takes 20.0 ms"),
            "{warned:?}"
        );

        run.environment.cpu.quota = Some(2.0);
        assert_eq!(sentences(&run), [""; 0]);
    }
}
