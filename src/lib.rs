//! `parbench` measures whether spreading work over cores pays: three workloads, each run as a plain
//! serial loop and then as tasks on a built-in pool, with proof that both computed the same thing.
//!
//! The modules stand leaf to root: a module imports only modules listed above it, and a test
//! (`tests/it/tidy.rs`) holds them to it.

#![forbid(unsafe_code)]

pub mod printable;

pub use parbench_units as units;

mod digest;

pub mod stats;

pub mod stop;

pub mod failure;

pub mod event;

pub mod machine;

pub mod own_executable;

pub mod threads;

mod last_words;

pub mod descendants;

pub mod peer;

pub mod subprocess;

pub mod python_program;

pub mod whole_file;

pub mod results;

pub mod analysis;

pub mod run_file;

pub mod environment;

pub mod compare;

pub mod history;

pub mod workload;

pub mod worker;

pub mod foreign;

pub mod engine;

pub mod plan;

pub mod measure;

pub mod turns;

pub mod report;

pub mod commands;

pub mod cli;

pub mod program;

pub use program::Program;
