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
    /// When the work itself began.
    fn start(&self) -> Instant {
        let start = self.answered.checked_sub(self.took);

        start.map_or(self.sent, |start| start.max(self.sent))
    }

    /// The span of the work itself, in seconds since `began`: it ends when the answer has come, and
    /// begins as long before as the worker says that it took.
    pub(super) fn span(&self, began: Instant) -> Span {
        let since = |moment: Instant| moment.saturating_duration_since(began);

        Span {
            task: self.task,
            worker: self.worker,
            node: None,
            start_s: seconds(since(self.start())),
            end_s: seconds(since(self.answered)),
        }
    }
}

/// Sets the times of one worker's `pieces`, in their order, apart. An answer may be read only after
/// the worker has done its next task: what it took is known, so the piece ends no later than the
/// next one begins.
pub(super) fn set_apart(pieces: &mut [Piece]) {
    let mut next_start = None;
    for piece in pieces.iter_mut().rev() {
        let timing = &mut piece.timing;
        if let Some(next_start) = next_start {
            timing.answered = timing.answered.min(next_start).max(timing.sent);
        }
        next_start = Some(timing.start());
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
    #[test]
    fn work_of_one_worker_does_not_overlap_where_answers_are_read_late() {
        let began = Instant::now();
        let after = |micros| began + Duration::from_micros(micros);
        // Two tasks of 40 us each, sent together, whose answers are read together.
        let piece = |task, sent, answered| Piece {
            answer: Answer::Failed {
                id: None,
                error: String::new(),
            },
            timing: Timing {
                task,
                worker: 0,
                sent: after(sent),
                answered: after(answered),
                took: Duration::from_micros(40),
            },
        };
        let mut pieces = [piece(0, 0, 100), piece(1, 5, 110), piece(2, 105, 160)];
        set_apart(&mut pieces);

        let spans = pieces.map(|piece| {
            let span = piece.timing.span(began);
            ((span.start_s * 1e6).round(), (span.end_s * 1e6).round())
        });
        assert_eq!(spans, [(30.0, 70.0), (70.0, 110.0), (120.0, 160.0)]);
    }
}
