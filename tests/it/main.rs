//! The integration tests: one binary that runs the real program, as a user does.

// A helper that cannot go on fails its test, as an assertion does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod baseline;
mod check;
mod circles;
mod cluster;
mod cmd;
mod doctor;
mod errors;
mod harness;
mod help;
mod image;
mod installed;
mod interrupt;
mod isa;
mod measuring;
mod new;
mod noise;
mod output;
mod outside;
mod overhead;
mod own_workload;
mod peers;
mod process;
mod processes;
mod program;
mod public_cases;
mod published;
mod python;
mod quick;
mod ray;
mod ray_cmd;
mod ray_faults;
mod ray_nodes;
mod ray_program;
mod ray_python;
mod ray_stand_in;
mod ray_start;
mod scaling;
mod templates;
mod tidy;
mod venv;
mod wheel;
mod worker;
mod workloads;
