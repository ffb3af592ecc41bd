//! How to measure the same again: the command line that measured it, and `check`, which repeats the
//! plan that the embedded run holds.

use std::path::Path;

use maud::html;

use super::embedded::FILE_NAME;
use super::section::Section;
use crate::printable::shell_word;
use crate::results::{Arm, ClusterKind, Measurement, OF_PROGRAMS, Run};

/// The section; `None` where nothing was measured.
pub(super) fn section(run: &Run) -> Option<Section> {
    if run.measurements.is_empty() {
        return None;
    }

    let mut section = Section::new("repeat", "Repeat it");
    if !run.command.is_empty() {
        let words = run.command.iter().map(|word| shell_word(word.as_path()));
        let typed: Vec<String> = words.collect();
        let what = "It was measured by this command line, with the settings of its folder (parbench.toml) and variables, if any:";
        section = with_command(section, what, &typed.join(" "));
    }
    if run.quick.is_some() {
        let why = "This is a first answer only. Leave out --quick for a run that can be compared.";
        return Some(section.with_paragraph(why));
    }

    let what = "The run below holds all parameters, arms and rules of its measurement. Save it, and this \
                measures the same again on your machine and says whether it got worse:";
    Some(with_command(section, what, &check(run)))
}

/// `section` with a command below a sentence.
fn with_command(section: Section, sentence: &str, command: &str) -> Section {
    section
        .with_paragraph(sentence)
        .with(html! { pre tabindex="0" { code { (command) } } })
}

/// The command that measures the plan of `run` again and judges it.
fn check(run: &Run) -> String {
    let is_command = |measurement: &Measurement| {
        let workload = measurement.workload.as_str();
        OF_PROGRAMS.contains(&workload)
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

    let program = shell_word(Path::new(run.program().as_ref()));
    format!("{program} check --baseline {FILE_NAME}{allow}{join}")
}
