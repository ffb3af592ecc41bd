//! A piece of work that a worker process has done, and when.

use std::time::{Duration, Instant};

use crate::results::Span;
use crate::units::seconds;
use crate::worker::Answer;

/// A piece of work that was done.
pub(super) struct Piece {
    pub(super) answer: Answer,
    pub(super) timing: Timing,
}

/// When a piece of work was done, and where.
#[derive(Clone, Copy)]
pub(super) struct Timing {
    pub(super) task: usize,
    /// The place of the worker that did it.
    pub(super) worker: usize,
    /// When the request was sent.
    pub(super) sent: Instant,
    /// When its answer had come.
    pub(super) answered: Instant,
    /// The time that the work itself took, by the worker's clock.
    pub(super) took: Duration,
}

impl Timing {
    /// The span of the work itself, in seconds since `began`: it ends when the answer has come, and
    /// begins as long before as the worker says that it took.
    pub(super) fn span(&self, began: Instant) -> Span {
        let since = |moment: Instant| moment.saturating_duration_since(began);
        let end = since(self.answered);
        let start = end.saturating_sub(self.took).max(since(self.sent));

        Span {
            task: self.task,
            worker: self.worker,
            node: None,
            start_s: seconds(start),
            end_s: seconds(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(sent: u64, answered: u64, took: Duration) -> (f64, f64) {
        let began = Instant::now();
        let after = |millis| began + Duration::from_millis(millis);
        let timing = Timing {
            task: 3,
            worker: 1,
            sent: after(sent),
            answered: after(answered),
            took,
        };

        let span = timing.span(began);
        assert_eq!((span.task, span.worker), (3, 1));
        (span.start_s, span.end_s)
    }

    #[test]
    fn a_span_is_the_work_itself_and_lies_between_request_and_answer() {
        assert_eq!(span(100, 500, Duration::from_millis(250)), (0.25, 0.5));
        // The worker's clock is not this program's.
        assert_eq!(span(100, 500, Duration::from_secs(9)), (0.1, 0.5));
    }
}
