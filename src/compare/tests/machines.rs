//! What the machines of two runs make of a comparison: noise, drift, other programs, other
//! processors, other clusters.

use super::*;

#[test]
fn noise_is_a_reason_not_to_accuse_and_none_to_acquit() {
    let old = steady(1.0, 0.5);
    // Half of the rounds are half as long again: the halves of the sample differ by 50 %.
    let mut drifting = steady(1.3, 0.65);
    for round in drifting.measurements[0].rounds.iter_mut().skip(6) {
        round.times[0].wall_s *= 1.5;
    }

    let comparison = compared(&old, &drifting, Pairing::Apart).unwrap();
    let serial = &comparison.judgements[0];
    assert!(
        serial.noise > 0.4 && serial.threshold == serial.noise,
        "{serial:?}"
    );
    assert_eq!(serial.outcome, Outcome::Inconclusive);

    // The machine itself became slower: its calibration says so.
    let mut slower = steady(1.3, 0.65);
    for round in &mut slower.measurements[0].rounds {
        round.calibration.arithmetic_s *= 1.3;
    }

    assert_eq!(
        outcomes(&old, &slower, Pairing::Apart)[0],
        Outcome::Inconclusive
    );

    // It grants half a core less: no engine can be as fast as before.
    let mut narrower = steady(1.0, 0.66);
    for round in &mut narrower.measurements[0].rounds {
        round.calibration.granted[0].cores = 1.5;
    }

    let [serial, distributed, speedup, _] = outcomes(&old, &narrower, Pairing::Apart)[..] else {
        panic!()
    };

    assert_eq!(
        (serial, distributed, speedup),
        (Outcome::Ok, Outcome::Inconclusive, Outcome::Inconclusive)
    );
}

#[test]
fn a_slower_memory_explains_slower_tasks() {
    use Outcome::{Inconclusive, Ok, Regressed};
    let with_memory = |mut run: Run, alone: f64, both: f64| {
        for (place, round) in run.measurements[0].rounds.iter_mut().enumerate() {
            let off = 1.0 + 0.005 * (place % 3) as f64;
            let stream = |workers, factor: f64| Stream {
                workers,
                update_s: 0.003 * off,
                write_s: 0.004 * off * factor,
            };
            round.calibration.streams = vec![stream(1, alone), stream(2, both)];
        }
        run
    };
    let outcomes_with = |new: Run, alone, both| {
        let old = with_memory(steady(1.0, 0.5), 1.0, 1.0);
        let new = with_memory(new, alone, both);
        outcomes(&old, &new, Pairing::Apart)[..3].to_vec()
    };

    // The memory of two threads is slower by half: that may be all, and the loop is alone with it.
    assert_eq!(
        outcomes_with(steady(1.0, 0.7), 1.0, 1.5),
        [Ok, Inconclusive, Inconclusive]
    );
    assert_eq!(
        outcomes_with(steady(1.3, 0.5), 1.4, 1.0),
        [Inconclusive, Ok, Ok]
    );

    // As fast as before, or faster: it explains nothing.
    let slower = [Ok, Regressed, Regressed];
    assert_eq!(outcomes_with(steady(1.0, 0.7), 1.0, 1.0), slower);
    assert_eq!(outcomes_with(steady(1.0, 0.7), 1.0, 0.5), slower);
}

#[test]
fn a_machine_that_other_programs_use_is_slower_and_the_program_is_not() {
    use Outcome::{Inconclusive, Ok, Regressed};
    let busy = |mut run: Run, cores: f64| {
        for round in &mut run.measurements[0].rounds {
            round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
        }
        run
    };

    let outcomes = |old: &Run, new: &Run| outcomes(old, new, Pairing::Apart)[..3].to_vec();
    let (quiet, slower) = (busy(steady(1.0, 0.5), 0.0), steady(1.0, 0.65));

    // Half a CPU is missing: two threads take a third longer for that alone, and the loop does not.
    let busier_outcomes = outcomes(&quiet, &busy(slower.clone(), 0.5));
    assert_eq!(busier_outcomes, [Ok, Inconclusive, Inconclusive]);

    // As busy as the machine of the baseline: it explains nothing.
    let as_busy_outcomes = outcomes(&busy(steady(1.0, 0.5), 0.5), &busy(slower.clone(), 0.5));
    assert_eq!(as_busy_outcomes, [Ok, Regressed, Regressed]);

    // Quieter than it, or unknown: nor does that.
    assert_eq!(
        outcomes(&quiet, &busy(slower.clone(), 0.0)),
        [Ok, Regressed, Regressed]
    );
    assert_eq!(outcomes(&quiet, &slower), [Ok, Regressed, Regressed]);
}

#[test]
fn drift_that_both_share_cancels_when_they_take_turns() {
    let grown = |run: &mut Run| {
        for (number, round) in run.measurements[0].rounds.iter_mut().enumerate() {
            let off = 1.0 + number as f64 * 0.1;
            round.times[0].wall_s *= off;
            round.times[1].wall_s *= off;
        }
    };

    let (mut old, mut new) = (steady(1.0, 0.5), steady(1.2, 0.6));
    grown(&mut old);
    grown(&mut new);
    let judgement = &compared(&old, &new, Pairing::Interleaved)
        .unwrap()
        .judgements[0];
    assert!(
        (judgement.change - 1.2).abs() < 1e-9 && judgement.noise < 1e-9,
        "{judgement:?}"
    );
    assert!(compared(&old, &new, Pairing::Apart).unwrap().judgements[0].noise > 0.4);
}

#[test]
fn the_machine_decides_what_is_compared() {
    let (old, new) = (steady(1.0, 0.5), steady(1.3, 0.65));
    let mut kernel = old.clone();
    kernel.environment.kernel = "0.1".to_owned();
    let comparison = compared(&kernel, &new, Pairing::Apart).unwrap();
    assert_eq!(comparison.machine, MachineMatch::SameModel);
    assert_eq!(
        comparison.judgements[0].threshold, 0.2,
        "twice the tolerance"
    );
    assert_eq!(
        comparison.judgements[0].outcome,
        Outcome::Regressed,
        "30 % is more than that"
    );

    // In units of the calibration kernel, a slower machine is no slower program.
    let mut slower = new.clone();
    for round in &mut slower.measurements[0].rounds {
        round.calibration.arithmetic_s *= 1.3;
    }

    assert_eq!(outcomes(&kernel, &slower, Pairing::Apart)[0], Outcome::Ok);
    let mut kernels = old.clone();
    kernels.environment.cpu.isa = "another".to_owned();
    let comparison = compared(&kernels, &new, Pairing::Apart).unwrap();
    assert_eq!(
        comparison.machine,
        MachineMatch::OtherInstructions,
        "it is the same processor"
    );
    assert_eq!(comparison.judgements.len(), 1);

    let mut model = old.clone();
    model.environment.cpu_model = "Another".to_owned();
    let comparison = compared(&model, &new, Pairing::Apart).unwrap();
    assert_eq!(comparison.machine, MachineMatch::Different);
    assert_eq!(comparison.judgements.len(), 1);
    assert_eq!(comparison.judgements[0].metric, Metric::Speedup);
    assert!(comparison.machine_differences[0].starts_with("CPU model: Another, now "));
}

#[test]
fn another_cluster_is_another_machine_and_a_ray_of_its_own_is_refused() {
    let on = |cluster: Option<ClusterKind>, model: &str| {
        let mut run = steady(1.0, 0.5);
        let arm = &mut run.measurements[0].arms[1];
        arm.engine = "ray".to_owned();
        arm.placement.cluster = cluster;
        arm.placement.nodes = vec![Node {
            number: 0,
            name: "alpha".to_owned(),
            slots: 2,
            tasks: 9,
            model: Some(model.to_owned()),
        }];
        run
    };

    let joined = |nodes: usize| {
        Some(ClusterKind::Joined {
            nodes,
            cpus: 4 * nodes,
        })
    };

    let judged = |old: &Run, new: &Run| compared(old, new, Pairing::Apart).unwrap();

    assert_eq!(
        judged(&on(joined(3), "A"), &on(joined(3), "A")).machine,
        MachineMatch::Same
    );

    // Runs of releases that stored no cluster can still be compared.
    assert_eq!(
        judged(&on(None, "A"), &on(joined(3), "A")).machine,
        MachineMatch::Same
    );
    let grown = judged(&on(joined(3), "A"), &on(joined(4), "A"));
    assert_eq!(grown.machine, MachineMatch::Different);
    assert_eq!(
        grown.machine_differences,
        [
            "cluster of ray: a cluster of 3 nodes with 12 CPUs, now a cluster of 4 nodes with 16 CPUs"
        ]
    );
    let models = judged(&on(joined(3), "A"), &on(joined(3), "B"));
    assert_eq!(models.machine_differences, ["CPU models of ray: A, now B"]);

    let refused = compared(
        &on(joined(3), "A"),
        &on(Some(ClusterKind::Local), "A"),
        Pairing::Apart,
    );
    let text = refused.unwrap_err().to_string();
    for word in [
        "OLD",
        "3 nodes with 12 CPUs",
        "a local Ray",
        "on the same cluster",
    ] {
        assert!(text.contains(word), "{text}");
    }
}
