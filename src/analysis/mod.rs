//! What follows from the rounds of a run: speed-ups, curves, laws, causes, recommended counts. Pure
//! functions of the stored model, with the thresholds of what is said of them.

mod best_engine;
mod break_even;
mod cause;
mod curve;
mod estimate;
mod fitted;
mod function_cause;
#[cfg(test)]
pub(crate) mod ladders;
mod own_cause;
mod recommendation;
#[cfg(test)]
pub(crate) mod scaled;
mod series;
mod stored;
mod summary;
mod task_cost;
mod task_variants;
mod threshold;

pub use best_engine::{Beside, BestEngine};
pub use break_even::BreakEven;
pub use cause::{Cause, Shortfall};
pub use curve::CurvePoint;
pub use estimate::Estimate;
pub use fitted::{Coefficient, FittedLaw};
pub use own_cause::MOSTLY_WAITING;
pub use recommendation::{Cost, Recommendation, Step};
pub use series::{ScalePoint, Series};
pub use summary::{ArmFigures, Loss, SPEEDUP_CONFIDENCE, Summary, Verdict};
pub use task_cost::TaskCost;
pub use task_variants::Versus;
pub use threshold::{Threshold, Withheld};
