//! Everything that shows a run: text for a terminal, formats to export to, charts. Each is a pure
//! function of a run or of its environment: no clocks, no files, no machine, and no way to ask for
//! another sample.
//!
//! `words` and `findings` hold what is said, `figures` what stands in tables; `terminal`, `export`,
//! `html` and `chart` lay it out. A new format is one new file in `export`, and two adjacent lines
//! in `export/mod.rs`.

mod chart;
mod cost_figures;
mod export;
mod exporter;
mod figures;
mod findings;
#[cfg(test)]
mod fixture;
mod html;
mod terminal;
mod tone;
mod trace;
mod unbreakable;
mod words;

pub use chart::CHARTS;
pub use chart::history_chart;
pub use export::{EXPORTERS, STORED, history_markdown, markdown, pretty};
pub use exporter::{Exporter, NamedRun, WriteSeveral};
pub use findings::{Finding, Kind, Subject, comparison_findings, findings};
pub use html::history_page;
pub use terminal::{
    Layout, history_levels_text, history_noise, history_verdict, judgements, lines, machine, noise,
    problems, rounds, table,
};
pub use tone::Tone;
pub use trace::{TraceRounds, lacks_spans, left_out_of_trace, trace_format};
pub use words::comparison::sensitivity;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_format_has_a_name_of_its_own_and_writes_every_run() {
        let mut names = HashSet::new();
        for format in EXPORTERS.iter().chain(CHARTS) {
            assert!(
                names.insert(format.name),
                "`{}` is registered twice",
                format.name
            );
            assert!(format.about.ends_with('.'), "{}", format.name);

            for run in fixture::every_run() {
                let mut bytes = Vec::new();
                (format.write)(&run, &mut bytes).unwrap();
                assert!(!bytes.is_empty(), "{}", format.name);
            }
        }
    }

    #[test]
    fn a_full_disk_is_an_error_not_a_silent_stump() {
        let run = fixture::run();
        for format in EXPORTERS.iter().chain(CHARTS) {
            let mut room = [0_u8; 10];
            assert!(
                (format.write)(&run, &mut room.as_mut_slice()).is_err(),
                "{}",
                format.name
            );
        }
    }
}
