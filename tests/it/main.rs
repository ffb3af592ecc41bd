//! The integration tests: one binary that runs the real program, as a user does.

// A helper that cannot go on fails its test, as an assertion does.
#![allow(clippy::unwrap_used, clippy::expect_used)]
// Most of what tests share is for those that need Linux.
#![cfg_attr(not(target_os = "linux"), allow(unused))]

mod action;
mod action_comment;
mod api_stand_in;
mod baseline;
mod browser;
mod check;
mod circles;
mod cluster;
mod cmd;
mod cmd_processes;
mod config;
mod debian;
mod doctor;
mod errors;
mod harness;
mod help;
mod history;
mod html;
mod image;
mod image_memory;
mod installed;
mod interrupt;
mod isa;
mod measuring;
mod neighbours;
mod new;
mod noise;
mod output;
mod outside;
mod overhead;
mod own_workload;
mod package;
mod package_ends;
mod peers;
mod process;
mod processes;
mod program;
mod public_cases;
mod published;
mod python;
mod python_next;
mod python_tasks;
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
mod trace;
mod tutorial;
mod venv;
mod wheel;
mod worker;
mod workloads;
