//! The binary: hands over to the library's command line and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    parbench::cli::main()
}
