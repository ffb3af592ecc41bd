//! In what a machine became slower, and by how much.

use super::change::share;
use crate::results::{Condition, SlowDown};

/// `streaming through its memory by up to 94 %`, one after the other.
pub(super) fn named(slow_downs: &[SlowDown]) -> String {
    let mut parts: Vec<(&str, f64)> = Vec::new();
    for SlowDown { condition, factor } in slow_downs {
        let name = match condition {
            Condition::Arithmetic => "the arithmetic of a core",
            Condition::Cores => "the cores that it grants",
            Condition::Crowding => "what other programs leave of its CPUs",
            Condition::Memory => "its memory beyond the caches of a core",
            Condition::Update | Condition::Write => "streaming through its memory",
            Condition::Handoff => "the way from one thread to another",
        };
        match parts.last_mut().filter(|(last, _)| *last == name) {
            Some((_, largest)) => *largest = largest.max(*factor),
            None => parts.push((name, *factor)),
        }
    }

    let parts: Vec<String> = parts
        .iter()
        .map(|(name, factor)| format!("{name} by up to {}", share(factor - 1.0)))
        .collect();
    parts.join(", ")
}
