//! A program of its own around workloads: the whole command line, with tables, charts, stored runs
//! and checks, and the worker processes that other engines start from the same binary.
//!
//! ```no_run
//! # use parbench::workload::{Context, Error, Workload};
//! # use parbench::{results::Work, stop::Stop};
//! # #[derive(clap::Args, serde::Serialize, serde::Deserialize)]
//! # struct Params {}
//! # struct Mine;
//! # impl Workload for Mine {
//! #     const NAME: &'static str = "mine";
//! #     const ABOUT: &'static str = "Mine";
//! #     type Params = Params;
//! #     type Partial = ();
//! #     type Answer = ();
//! #     fn prepare(_: Params, _: &Context<'_>) -> Result<Self, Error> { Ok(Self) }
//! #     fn tasks(&self) -> usize { 1 }
//! #     fn work(&self) -> Work { Work { amount: 1, unit: "tasks".to_owned() } }
//! #     fn task(&self, _: usize, _: &Stop) -> Result<(), Error> { Ok(()) }
//! #     fn combine(&self, _: Vec<()>) -> Result<(), Error> { Ok(()) }
//! #     fn describe(&self, _: usize, _: &()) -> String { String::new() }
//! # }
//! fn main() -> std::process::ExitCode {
//!     parbench::Program::new().workload::<Mine>().main()
//! }
//! ```

use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::{self, Parts};
use crate::engine;
use crate::foreign;
use crate::report::Exporter;
use crate::workload::{self, BUSY, Registry, Workload};

/// A program that is being put together.
#[derive(Clone)]
pub struct Program {
    parts: Parts,
}

impl Program {
    /// A program with the engines and formats that come with parbench, and without workloads.
    #[must_use]
    pub fn new() -> Self {
        Self {
            parts: Parts {
                workloads: Registry::new([]),
                ..Parts::built_in()
            },
        }
    }

    /// Adds the workloads that come with parbench.
    #[must_use]
    pub fn built_in_workloads(mut self) -> Self {
        let built_in = workload::built_in();
        for workload in built_in.iter().filter(|workload| workload.name() != BUSY) {
            self.parts.workloads.add(Arc::clone(workload));
        }
        self.definition(foreign::program())
    }

    /// Adds the workload `W`: a subcommand, and a part of `all`, `check` and `noise` if it belongs
    /// there. It takes the place of one of the same name.
    #[must_use]
    pub fn workload<W: Workload>(self) -> Self {
        self.definition(workload::definition::<W>())
    }

    /// Adds a workload that may be known only now.
    #[must_use]
    pub fn definition(mut self, workload: Arc<dyn workload::Definition>) -> Self {
        self.parts.workloads.add(workload);
        self
    }

    /// Adds an engine, which `--engine` can then name. It takes the place of one of the same name.
    #[must_use]
    pub fn engine(mut self, engine: Arc<dyn engine::Definition>) -> Self {
        self.parts.engines.add(engine);
        self
    }

    /// Adds a format for `--export`. It takes the place of one of the same name.
    #[must_use]
    pub fn exporter(mut self, exporter: &'static Exporter) -> Self {
        add(&mut self.parts.exporters, exporter);
        self
    }

    /// Adds a format for `--chart`. It takes the place of one of the same name.
    #[must_use]
    pub fn chart(mut self, chart: &'static Exporter) -> Self {
        add(&mut self.parts.charts, chart);
        self
    }

    /// Runs the program on the process's arguments. It knows one more workload, which shows what a
    /// task costs on an engine.
    #[must_use]
    pub fn main(mut self) -> ExitCode {
        self.parts.workloads.push(workload::busy());

        cli::main(&self.parts)
    }
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds `format`, in place of one of the same name.
fn add(formats: &mut Vec<&'static Exporter>, format: &'static Exporter) {
    match formats.iter_mut().find(|known| known.name == format.name) {
        Some(known) => *known = format,
        None => formats.push(format),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::EXPORTERS;

    static MINE: Exporter = Exporter {
        name: "mine",
        extension: "mine",
        about: "A format of this test.",
        write: |_, _| Ok(()),
        write_several: None,
    };
    static OTHER_CSV: Exporter = Exporter {
        name: "csv",
        ..MINE
    };

    #[test]
    fn a_new_program_has_engines_and_formats_and_no_workloads() {
        let parts = Program::new().parts;
        assert_eq!(parts.workloads.names(), [""; 0]);
        assert_eq!(parts.engines.names(), engine::built_in().names());
        assert_eq!(parts.exporters.len(), EXPORTERS.len());

        let workloads = Program::new().built_in_workloads().parts.workloads;
        assert_eq!(
            workloads.names(),
            ["fib", "pi", "image", "cmd", "python", "program"]
        );
    }

    #[test]
    fn a_format_is_added_or_takes_the_place_of_its_namesake() {
        let parts = Program::new().exporter(&MINE).exporter(&OTHER_CSV).parts;
        assert_eq!(parts.exporters.len(), EXPORTERS.len() + 1);

        let csv = parts.exporters.iter().find(|format| format.name == "csv");
        assert_eq!(csv.unwrap().extension, "mine");
    }
}
