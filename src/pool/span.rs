//! What ran where and when: one span per task, kept until somebody asks for them.
//!
//! Workers write to separate shards, so that they rarely meet, and no more spans are kept than the pool's
//! limit. This file must not decide when a span begins or ends.

use super::sync::{Mutex, lock};
use std::{
    fmt, mem,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

/// When and where one task ran. Times count from the pool's start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The task's name.
    pub name: String,
    /// The number of the slot that the task started on. It is below the number of workers, except that a
    /// task which starts just after a waiting one has woken may show a higher one for a while. What a worker
    /// runs while one of its tasks waits carries the same number, so spans of one worker may overlap.
    pub worker: usize,
    /// When the task was submitted.
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

/// A task's name: only those that are shown are written out.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Numbered(u64),
    Given(Box<str>),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbered(number) => write!(f, "task {number}"),
            Self::Given(name) => f.write_str(name),
        }
    }
}

/// A span as it is stored: small, because there may be a million. Times are in nanoseconds.
pub(super) struct Record {
    pub(super) name: Name,
    pub(super) worker: usize,
    pub(super) queued: u64,
    pub(super) started: u64,
    pub(super) finished: u64,
}

/// Keeps the spans of one pool.
pub(super) struct Log {
    shards: Box<[Shard]>,
    kept: AtomicUsize,
    limit: usize,
    dropped: AtomicU64,
}

/// Alone on its cache lines, so that workers do not slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Vec<Record>>);

impl Log {
    pub(super) fn new(workers: usize, limit: usize) -> Self {
        let shards = (0..workers).map(|_| Shard::default()).collect();
        Self { shards, kept: AtomicUsize::new(0), limit, dropped: AtomicU64::new(0) }
    }

    pub(super) fn add(&self, record: Record) {
        if self.limit == 0 {
            return;
        }
        if self.kept.fetch_add(1, Ordering::Relaxed) < self.limit {
            lock(&self.shards[record.worker % self.shards.len()].0).push(record);
        } else {
            self.kept.fetch_sub(1, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn take(&self) -> Spans {
        let mut kept: Vec<Span> = Vec::new();
        for Shard(records) in &self.shards {
            let records = mem::take(&mut *lock(records));
            self.kept.fetch_sub(records.len(), Ordering::Relaxed);
            kept.extend(records.into_iter().map(Span::from));
        }
        kept.sort_by_key(|span| (span.started, span.queued));
        Spans { kept, dropped: self.dropped.swap(0, Ordering::Relaxed) }
    }
}

impl From<Record> for Span {
    fn from(Record { name, worker, queued, started, finished }: Record) -> Self {
        let [queued, started, finished] = [queued, started, finished].map(Duration::from_nanos);
        Self { name: name.to_string(), worker, queued, started, finished }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64) -> Record {
        Record {
            name: Name::Numbered(number),
            worker: usize::try_from(number % 3).unwrap(),
            queued: number,
            started: number,
            finished: number,
        }
    }

    #[test]
    fn spans_come_out_by_start_and_only_once() {
        let log = Log::new(2, 10);
        for number in [3, 1, 2] {
            log.add(record(number));
        }
        let names: Vec<_> = log.take().kept.into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["task 1", "task 2", "task 3"]);
        assert_eq!(log.take(), Spans::default());
    }

    #[test]
    fn no_more_than_the_limit_is_kept_and_the_rest_is_counted() {
        let log = Log::new(2, 2);
        for number in 0..5 {
            log.add(record(number));
        }
        let spans = log.take();
        assert_eq!((spans.kept.len(), spans.dropped), (2, 3));
        log.add(record(9));
        let spans = log.take();
        assert_eq!((spans.kept.len(), spans.dropped), (1, 0));
    }
}
