//! The task pool.
