//! Text for a terminal, laid out for its width: the table of a run, its rounds, what comparing it
//! found, what failed, the machine, and how often the check is wrong.

mod arrangement;
mod grid;
mod history;
mod history_noise;
mod judgement;
mod list;
mod machine;
mod noise;
mod notes;
mod options;
mod paint;
mod problems;
mod rounds;
mod table;
mod task_cost;
mod text;

pub use history::{history_levels_text, history_verdict};
pub use history_noise::history_noise;
pub use judgement::judgements;
pub use machine::machine;
pub use noise::noise;
pub use options::Layout;
pub use problems::problems;
pub use rounds::rounds;
pub use table::table;
pub use text::lines;
