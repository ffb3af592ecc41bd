//! The plan that a stored run was measured by.

use std::num::NonZeroUsize;

use super::{Arm, Case, Plan};
use crate::engine::{self, Address, Cluster};
use crate::failure::{Change, Failure, Setting};
use crate::results::{self, ClusterKind, Measurement, Run};
use crate::units::Bytes;
use crate::workload;

/// What a program knows, where a stored run names workloads and engines.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Its workloads.
    pub workloads: &'a workload::Registry,
    /// Its engines.
    pub engines: &'a engine::Registry,
}

impl Plan {
    /// The plan that `run`, called `name`, was measured by: the same parameters, arms and sampling,
    /// with this much memory and this cluster.
    pub fn of(
        run: &Run,
        name: &str,
        known: Known<'_>,
        memory: Bytes,
        cluster: Cluster,
    ) -> Result<Self, Failure> {
        same_kind_of_cluster(run, name, &cluster)?;

        let cases = run
            .measurements
            .iter()
            .map(|measurement| case_of(measurement, name, known));
        Ok(Self {
            cases: cases.collect::<Result<_, _>>()?,
            sampling: run.sampling,
            memory,
            worth: run.worth(),
            slowdown: 1.0,
            store_spans: false,
            cluster,
            left_out: Vec::new(),
        })
    }
}

fn case_of(
    measurement: &Measurement,
    run: &str,
    Known { workloads, engines }: Known<'_>,
) -> Result<Case, Failure> {
    let unknown = |what: &str, value: &str, known: Vec<&str>| {
        let known = known.join(", ");
        Failure::new(format!(
            "{run} holds the {what} {value:?}, which this parbench does not know: it knows {known}"
        ))
    };

    let name = &measurement.workload;
    let workload = workloads
        .find(name)
        .ok_or_else(|| unknown("workload", name, workloads.names()))?;
    let engines = engines.of(workload.as_ref());
    let arm = |arm: &results::Arm| -> Result<Arm, Failure> {
        let engine = engines
            .find(&arm.engine)
            .ok_or_else(|| unknown("engine", &arm.engine, engines.names()))?;
        let at_least_one = |number| NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN);
        Arm::fitting(
            engine,
            at_least_one(arm.workers),
            at_least_one(arm.scale),
            workload.as_ref(),
            &measurement.params,
        )
        .map_err(|reason| Failure::new(format!("{run} cannot be measured again: {reason}")))
    };

    let arms = measurement
        .arms
        .iter()
        .map(arm)
        .collect::<Result<_, Failure>>()?;

    Ok(Case {
        workload,
        params: measurement.params.clone(),
        arms,
        reference: measurement.reference,
        takes_fastest_loop: false,
    })
}

/// Refuses to measure on another kind of cluster than the run's.
fn same_kind_of_cluster(run: &Run, name: &str, cluster: &Cluster) -> Result<(), Failure> {
    let arms = run
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.arms);
    let kinds = arms.filter_map(|arm| arm.placement.cluster.as_ref());

    for kind in kinds {
        match (kind, &cluster.address) {
            (ClusterKind::Joined { .. }, Address::Local) => {
                let message = format!("{name} was measured on {kind}");
                return Err(Failure::new(message).or(Setting::RayAddress, Change::Another));
            }
            (ClusterKind::Local, address @ (Address::Auto | Address::Running { .. })) => {
                let message = format!("{name} was measured on a local Ray, and not on {address}");
                let local = Change::To(Address::Local.to_string());
                return Err(Failure::new(message).or(Setting::RayAddress, local));
            }
            (ClusterKind::Joined { .. }, _) | (ClusterKind::Local, Address::Local) => {}
        }
    }
    Ok(())
}
