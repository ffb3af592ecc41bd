//! When single tasks ran and workers were lost, and what follows from that: how busy the workers
//! were, and how unevenly.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The time that one task ran, in seconds since its arm began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The task's index.
    pub task: usize,
    /// The worker that ran it, counted from 0.
    pub worker: usize,
    /// The node that ran it, where that was a cluster's: its number among the arm's nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// When it began.
    pub start_s: f64,
    /// When it ended.
    pub end_s: f64,
}

/// A worker that was lost while its arm ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LostWorker {
    /// When that was noticed, in seconds since the arm's pass began.
    pub at_s: f64,
    /// The worker, counted from 0.
    pub worker: usize,
    /// Why.
    pub why: String,
}

/// Time that the workers spent in tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    /// All workers together, in seconds.
    pub total_s: f64,
    /// The busiest worker, in seconds.
    pub busiest_s: f64,
    /// The longest task, in seconds; 0 in older runs.
    #[serde(default)]
    pub longest_s: f64,
}

impl Busy {
    /// The time that the workers of `spans` spent in tasks; `None` without any span.
    #[must_use]
    pub fn of(spans: &[Span]) -> Option<Self> {
        let mut workers: HashMap<usize, f64> = HashMap::new();
        let mut longest_s = 0.0_f64;
        for span in spans {
            let seconds = (span.end_s - span.start_s).max(0.0);
            *workers.entry(span.worker).or_default() += seconds;
            longest_s = longest_s.max(seconds);
        }

        Some(Self {
            total_s: workers.values().sum(),
            busiest_s: workers.values().copied().max_by(f64::total_cmp)?,
            longest_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_time_adds_up_by_worker() {
        let span = |task, worker, start_s, end_s| Span {
            task,
            worker,
            node: None,
            start_s,
            end_s,
        };
        let spans = [
            span(0, 0, 0.0, 1.0),
            span(1, 1, 0.0, 0.5),
            span(2, 1, 0.75, 1.0),
        ];

        let busy = Busy {
            total_s: 1.75,
            busiest_s: 1.0,
            longest_s: 1.0,
        };
        assert_eq!(Busy::of(&spans), Some(busy));
        assert_eq!(Busy::of(&[]), None);
    }
}
