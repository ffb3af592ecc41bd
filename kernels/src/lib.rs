//! The hot loops of parbench: adding big numbers, keeping rows of limbs, random points in lanes.
//! Nothing else in the workspace has `unsafe`, and each use here gives its reason. A kernel knows
//! nothing of tasks and parameters: numbers in, numbers out.
//!
//! ```
//! use parbench_kernels::isa::Isa;
//! use parbench_kernels::points::{LANES, Points};
//!
//! let steps = 1_000;
//! let inside = Points::new([1, 2, 3, 4]).count(steps, Isa::detect());
//! assert!(inside < steps * LANES as u64);
//! ```
//!
//! The modules stand leaf to root: a module imports only modules listed above it.

// What a `#[target_feature]` function calls must be inlined into it, or it is compiled without the
// feature.
#![allow(clippy::inline_always)]

pub mod isa;

pub mod block;

pub mod addition;

pub mod arena;

pub mod rows;

pub mod fibonacci;

pub mod residue;

pub mod xoshiro;

pub mod points;

pub mod before_main;
