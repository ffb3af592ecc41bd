//! What the operating system reports of this machine, a file per subject. What the figures mean is
//! decided elsewhere.

pub mod cgroup;
pub mod settings;
#[cfg(test)]
pub(crate) mod tests;
pub mod topology;
pub mod tree;
pub mod virtualisation;

mod counters;
mod cpu_times;
mod cpus;
mod family_time;
mod load;
mod memory;
mod names;
mod other_programs;
mod process_time;
mod processor_time;

pub use counters::{Counters, counters};
pub use cpu_times::{CpuTimes, cpu_times, peak_memory};
pub use cpus::{plan_for, planned_cpus, usable_cpus, usable_cpus_in};
pub use load::load_average;
pub use memory::{Installed, Memory, installed, memory, memory_in};
pub use names::{SystemNames, cpu_model, system_names};
pub use other_programs::OtherPrograms;
pub use process_time::{ProcessCpu, process_cpu};
pub use processor_time::{ProcessorTime, processor_time};
