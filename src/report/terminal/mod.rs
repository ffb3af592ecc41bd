//! Text for a terminal of 80 columns: the table of a run, what comparing it found, what failed, the
//! machine, and how often the check is wrong.

mod judgement;
mod layout;
mod machine;
mod noise;
mod problems;
mod table;
mod task_cost;
pub(super) mod text;

pub use judgement::judgements;
pub use machine::machine;
pub use noise::noise;
pub use problems::problems;
pub use table::table;
pub use text::lines;
