//! Everything that shows a run: the terminal's table, the formats to export to, the charts. Each is a pure
//! function of [`Run`] or its environment: no clocks, no files, no machine, and no way to ask for another sample.
//!
//! A new format is one new file with an [`Exporter`], and two adjacent lines here: its `mod` and its entry in
//! [`EXPORTERS`].

mod bmf;
mod change;
pub mod chart;
mod csv;
mod findings;
#[cfg(test)]
mod fixture;
mod gab_speedup;
mod gab_time;
mod grade;
mod hyperfine;
mod interference;
mod json;
mod judgement;
mod junit;
mod machine;
mod markdown;
mod noise;
mod overhead;
mod reasons;
mod table;
mod text;
mod words;

use std::io::{self, Write};

use crate::results::{Noise, Overhead, Run};

pub use json::pretty;
pub use judgement::{judgements, whole};
pub use machine::machine;
pub use markdown::document as markdown;
pub use noise::noise;
pub use overhead::overhead;
pub use reasons::{Sentence, sensitivity, sentences};
pub use table::{problems, table};
pub use text::lines as wrapped_lines;

/// One way to write a run, or something else that was found out.
pub struct Exporter<T: 'static = Run> {
    /// Its name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// One sentence for `--help` and `parbench list`.
    pub about: &'static str,
    /// Writes it, whole.
    pub write: fn(&T, &mut dyn Write) -> io::Result<()>,
}

/// The stored run, which can be loaded again.
pub static STORED: Exporter = json::EXPORTER;

/// Every format for figures.
///
/// A file's extension alone means the first format that has it: `FILE.json` is the stored run.
pub static EXPORTERS: &[Exporter] = &[
    json::EXPORTER,
    csv::EXPORTER,
    markdown::EXPORTER,
    hyperfine::EXPORTER,
    bmf::EXPORTER,
    gab_time::EXPORTER,
    gab_speedup::EXPORTER,
    junit::EXPORTER,
];

/// Every format for charts.
pub static CHARTS: &[Exporter] = &[chart::SVG, chart::PNG];

/// Every format for what tasks cost.
pub static OVERHEAD_EXPORTERS: &[Exporter<Overhead>] = &[json::OVERHEAD];

/// Every format for how often the check is wrong.
pub static NOISE_EXPORTERS: &[Exporter<Noise>] = &[json::NOISE];

/// Every format for its curve.
pub static OVERHEAD_CHARTS: &[Exporter<Overhead>] = &[chart::OVERHEAD_SVG, chart::OVERHEAD_PNG];

/// The one of `formats` that is called `name`.
#[must_use]
pub fn find(formats: &'static [Exporter], name: &str) -> Option<&'static Exporter> {
    formats.iter().find(|format| format.name == name)
}

/// The first of `formats` whose files end in `extension`, however that is capitalised.
#[must_use]
pub fn by_extension(formats: &'static [Exporter], extension: &str) -> Option<&'static Exporter> {
    formats
        .iter()
        .find(|format| format.extension.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_writes_every_run() {
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
        assert_eq!(find(EXPORTERS, "csv").unwrap().extension, "csv");
        assert_eq!(by_extension(CHARTS, "PNG").unwrap().name, "png");
        assert_eq!(by_extension(EXPORTERS, "json").unwrap().name, "json");
        assert_eq!(by_extension(EXPORTERS, "xml").unwrap().name, "junit");
        assert!(find(EXPORTERS, "png").is_none() && by_extension(EXPORTERS, "").is_none());
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
