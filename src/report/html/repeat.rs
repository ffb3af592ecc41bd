//! How to measure the same again: the embedded run holds the whole plan, and `check` repeats it.

use maud::html;

use super::embedded::FILE_NAME;
use super::section::Section;
use crate::results::{Arm, ClusterKind, Measurement, Run};

/// The workloads whose plan is somebody's own command, which is only run where that is allowed.
const OF_COMMANDS: [&str; 3] = ["cmd", "program", "python"];

/// The section; `None` where nothing was measured.
pub(super) fn section(run: &Run) -> Option<Section> {
    if run.measurements.is_empty() {
        return None;
    }

    let section = Section::new("repeat", "Repeat it");
    if run.quick.is_some() {
        let why = "This is a first answer only. Leave out --quick for a run that can be repeated and compared.";
        return Some(section.with_paragraph(why));
    }

    let is_command = |measurement: &Measurement| {
        let workload = measurement.workload.as_str();
        OF_COMMANDS.contains(&workload)
    };
    let has_command = run.measurements.iter().any(is_command);
    let allow = if has_command { " --allow-commands" } else { "" };
    let is_on_cluster =
        |arm: &Arm| matches!(arm.placement.cluster, Some(ClusterKind::Joined { .. }));
    let mut arms = run
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.arms);
    let join = if arms.any(is_on_cluster) {
        " --ray-address auto"
    } else {
        ""
    };
    let command = format!("parbench check --baseline {FILE_NAME}{allow}{join}");

    let what = "The run below holds all parameters, arms and rules of its measurement. Save it, and this \
                measures the same again on your machine and says whether it got worse:";
    let section = section
        .with_paragraph(what)
        .with(html! { pre tabindex="0" { code { (command) } } });
    Some(section)
}
