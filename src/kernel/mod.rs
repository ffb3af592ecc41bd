//! The hot loops: adding big numbers, keeping rows of limbs, random points in lanes. This is the
//! only place where `unsafe` is allowed, each use with its reason. A kernel knows nothing of tasks
//! and parameters: numbers in, numbers out.

// What a `#[target_feature]` function calls must be inlined into it, or it is compiled without the
// feature.
#![allow(clippy::inline_always)]

pub mod addition;
pub mod arena;
pub mod block;
pub mod fibonacci;
pub mod isa;
pub mod points;
pub mod residue;
pub mod rows;
pub mod xoshiro;
