//! The binary: a program with the workloads that come with parbench.

use std::process::ExitCode;

use parbench::Program;

fn main() -> ExitCode {
    Program::new().built_in_workloads().main()
}
