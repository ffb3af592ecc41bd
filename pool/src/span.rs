//! What ran where and when: one span per task, kept until they are taken.
//!
//! Workers write to separate shards, so that they rarely meet, and no more spans are kept than the
//! pool's limit. This file must not decide when a span begins or ends.

use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{Arc, CachePadded, Mutex, lock};

/// When and where one task ran. Times count from the pool's start;
/// [`Handle::epoch`](super::Handle::epoch) is that moment on the system's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The task's name.
    pub name: String,
    /// The task's place in the batch that it was submitted with, from 0; 0 for a task that was
    /// submitted alone.
    pub index: usize,
    /// The number of the worker that the task started on. It is below the number of workers, except
    /// that a task which starts just after a waiting one has woken may show a higher one for a
    /// while. What a worker runs while one of its tasks waits carries the same number, so spans of
    /// one worker may overlap.
    pub worker: usize,
    /// When the task was submitted: the same moment for all tasks of a batch, so that
    /// `started - queued` counts from the start of the batch.
    pub queued: Duration,
    /// When its code began.
    pub started: Duration,
    /// When its code ended, by returning or by panicking.
    pub finished: Duration,
}

/// Spans that were taken out of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spans {
    /// One per finished task, by their start.
    pub kept: Vec<Span>,
    /// How many more tasks finished since spans were last taken, for which there was no room.
    pub dropped: u64,
}

/// A task's name: only those that are read are written out.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    Numbered(u64),
    Custom(Arc<str>),
}

impl Name {
    /// The name of the task that stands `index` places after this one in its batch.
    pub(crate) fn plus(&self, index: usize) -> Self {
        match self {
            Self::Numbered(first) => Self::Numbered(first + index as u64),
            Self::Custom(name) => Self::Custom(Arc::clone(name)),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbered(number) => write!(f, "task {number}"),
            Self::Custom(name) => f.write_str(name),
        }
    }
}

/// What a span holds beside its name; the times are nanoseconds since the pool's start.
#[derive(Clone, Copy)]
pub(crate) struct Execution {
    pub(crate) index: usize,
    pub(crate) worker: usize,
    pub(crate) queued: u64,
    pub(crate) started: u64,
    pub(crate) finished: u64,
}

/// Keeps the spans of one pool, and the clock that they are measured with.
pub(crate) struct Log {
    epoch: Instant,
    shards: Box<[CachePadded<Mutex<Shard>>]>,
    /// How many more spans there is room for, beyond the room that shards have taken.
    room: AtomicUsize,
    /// How much room a shard takes at once, so that workers rarely meet at the count.
    share: usize,
    limit: usize,
}

/// The spans of the workers with one number, or with few.
#[derive(Default)]
struct Shard {
    records: Vec<Record>,
    /// The custom names, each of them once for a row of tasks that share it.
    names: Vec<Arc<str>>,
    room: usize,
    dropped: u64,
}

/// A span as it is stored: small, because there may be a million.
struct Record {
    label: Label,
    execution: Execution,
}

/// A name as it is stored: the index of a custom one among the names of the shard.
enum Label {
    Numbered(u64),
    Custom(usize),
}

impl Log {
    /// An empty log, whose clock starts now.
    pub(crate) fn new(workers: usize, limit: usize) -> Self {
        let shards = (0..workers).map(|_| CachePadded::default()).collect();
        // An eighth of the room at most may lie with shards that do not use it.
        let share = (limit / workers / 8).clamp(1, 64);
        Self {
            epoch: Instant::now(),
            shards,
            room: AtomicUsize::new(limit),
            share,
            limit,
        }
    }

    /// The moment from which times count.
    pub(crate) fn epoch(&self) -> Instant {
        self.epoch
    }

    /// The nanoseconds since the epoch, which overflow after 584 years.
    pub(crate) fn now(&self) -> u64 {
        let passed = self.epoch.elapsed();
        passed.as_secs() * 1_000_000_000 + u64::from(passed.subsec_nanos())
    }

    pub(crate) fn add(&self, name: &Name, execution: Execution) {
        if self.limit == 0 {
            return;
        }

        let mut shard = lock(&self.shards[execution.worker % self.shards.len()].0);
        if shard.room == 0 {
            shard.room = self.take_room();
        }
        if shard.room > 0 {
            shard.room -= 1;
            shard.keep(name, execution);
        } else {
            shard.dropped += 1;
        }
    }

    /// Takes room for a share of spans, or what is left.
    fn take_room(&self) -> usize {
        let share = |room: usize| Some(room.saturating_sub(self.share));
        let before = self
            .room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, share);
        before.map_or(0, |room| room.min(self.share))
    }

    pub(crate) fn take(&self) -> Spans {
        let mut spans = Spans::default();
        for CachePadded(shard) in &self.shards {
            let Shard {
                records,
                names,
                room,
                dropped,
            } = mem::take(&mut *lock(shard));

            self.room.fetch_add(records.len() + room, Ordering::Relaxed);
            let kept = records.into_iter().map(|record| record.span(&names));
            spans.kept.extend(kept);
            spans.dropped += dropped;
        }

        spans.kept.sort_by_key(|span| (span.started, span.queued));
        spans
    }
}

impl Shard {
    fn keep(&mut self, name: &Name, execution: Execution) {
        let label = match name {
            Name::Numbered(number) => Label::Numbered(*number),
            Name::Custom(name) => {
                // To count one more owner for every task would have all workers write to one place.
                if !self
                    .names
                    .last()
                    .is_some_and(|last| Arc::ptr_eq(last, name))
                {
                    self.names.push(Arc::clone(name));
                }
                Label::Custom(self.names.len() - 1)
            }
        };

        self.records.push(Record { label, execution });
    }
}

impl Record {
    fn span(self, names: &[Arc<str>]) -> Span {
        let name = match self.label {
            Label::Numbered(number) => Name::Numbered(number).to_string(),
            Label::Custom(index) => names[index].to_string(),
        };
        let Execution {
            index,
            worker,
            queued,
            started,
            finished,
        } = self.execution;

        Span {
            name,
            index,
            worker,
            queued: Duration::from_nanos(queued),
            started: Duration::from_nanos(started),
            finished: Duration::from_nanos(finished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(log: &Log, name: &Name, number: u64) {
        let execution = Execution {
            index: 0,
            worker: usize::try_from(number % 3).unwrap(),
            queued: number,
            started: number,
            finished: number,
        };
        log.add(name, execution);
    }

    fn add_numbered(log: &Log, numbers: impl IntoIterator<Item = u64>) {
        numbers
            .into_iter()
            .for_each(|number| add(log, &Name::Numbered(number), number));
    }

    fn names(spans: Spans) -> Vec<String> {
        spans.kept.into_iter().map(|span| span.name).collect()
    }

    #[test]
    fn spans_come_out_by_start_and_only_once() {
        let log = Log::new(2, 10);
        add_numbered(&log, [3, 1, 2]);

        assert_eq!(names(log.take()), ["task 1", "task 2", "task 3"]);
        assert_eq!(log.take(), Spans::default());
    }

    #[test]
    fn each_span_has_the_name_of_its_task() {
        let log = Log::new(2, 100);
        let custom = ["a", "a", "b", "a"].map(|name| Name::Custom(name.into()));
        for round in 0..2_u64 {
            for (number, name) in (4 * round..).zip(&custom) {
                add(&log, name, 2 * number);
                add(&log, &Name::Numbered(number), 2 * number + 1);
            }
        }
        let expected = ["a", "task 0", "a", "task 1", "b", "task 2", "a", "task 3"];
        let again = ["a", "task 4", "a", "task 5", "b", "task 6", "a", "task 7"];

        assert_eq!(names(log.take()), [expected, again].concat());

        add(&log, &custom[2], 0);

        assert_eq!(names(log.take()), ["b"]);
    }

    #[test]
    fn no_more_than_the_limit_is_kept_and_the_rest_is_counted() {
        let log = Log::new(2, 2);
        add_numbered(&log, 0..5);
        let spans = log.take();

        assert_eq!((spans.kept.len(), spans.dropped), (2, 3));

        add_numbered(&log, [9]);
        let spans = log.take();

        assert_eq!((spans.kept.len(), spans.dropped), (1, 0));
    }

    #[test]
    fn room_that_was_taken_in_shares_comes_back() {
        let log = Log::new(3, 1000);
        for _ in 0..3 {
            add_numbered(&log, 0..1200);
            let spans = log.take();

            assert_eq!(spans.kept.len() as u64 + spans.dropped, 1200);
            assert!(
                (875..=1000).contains(&spans.kept.len()),
                "{}",
                spans.kept.len()
            );
        }
    }
}
