//! Which threads may run: the count of worker slots, and the rules by which a runner starts,
//! leaves, blocks and goes on.
//!
//! One word counts them all, so that every change is one atomic step. This file must not know
//! tasks, queues or threads; it is also compiled into `tests/loom.rs`, which tests it.
//!
//! # Why no task is left lying
//!
//! A submitter pushes a task and then looks for a free slot ([`Slots::offer`]); a runner gives its
//! slot up and then looks for a task ([`Slots::leave`], [`Slots::block`] with [`Slots::replace`]).
//! Each writes one place, passes a sequentially consistent fence, and reads the place the other
//! writes; so at least one of the two sees the other. If the submitter finds no slot, then at that
//! moment at least one runner is active, and whichever change later makes a start legal again is
//! followed by a look at the queue.
//!
//! A runner that finds the queue empty keeps its slot for a moment as *the seeker*; submitters that
//! see one do not start another runner. When it ends ([`Slots::stop_seeking`]) it looks at the
//! queue behind the same fence, and starts runners for what it does not run itself, so relying on
//! it loses nothing.

use crate::sync::{AtomicU64, Ordering, fence};

// Three counts of 21 bits, and one bit for the seeker, of which there is one at most. No count can
// run into the next one: all of them are parts of `threads`, and no runner starts that would make
// those more than a field holds.
const ACTIVE: u64 = 1;
const INSIDE: u64 = 1 << 21;
const OUTSIDE: u64 = 1 << 42;
const SEEKING: u64 = 1 << 63;
const FIELD: u64 = INSIDE - 1;

/// What a task that gave up its slot is blocked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Tasks of its own pool.
    Inside,
    /// Something that this pool cannot bring about, such as a task of another pool.
    Outside,
}

impl Wait {
    fn unit(self) -> u64 {
        match self {
            Self::Inside => INSIDE,
            Self::Outside => OUTSIDE,
        }
    }
}

/// The word at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot(u64);

impl Snapshot {
    fn active(self) -> u64 {
        self.0 & FIELD
    }

    fn seeking(self) -> u64 {
        self.0 / SEEKING
    }

    fn waiting_inside(self) -> u64 {
        (self.0 / INSIDE) & FIELD
    }

    fn waiting_outside(self) -> u64 {
        (self.0 / OUTSIDE) & FIELD
    }

    /// How many slots are taken.
    fn taken(self) -> u64 {
        self.active() + self.seeking()
    }

    /// How many threads runners occupy, blocked or not.
    pub(crate) fn threads(self) -> u64 {
        self.taken() + self.waiting_inside() + self.waiting_outside()
    }

    /// Nobody runs, and all who wait do so for tasks of this pool: only another task can help them.
    pub(crate) fn is_stuck(self) -> bool {
        self.taken() == 0 && self.waiting_outside() == 0 && self.waiting_inside() > 0
    }
}

/// The slots of one pool, on cache lines of their own: every runner looks at them after every task.
#[repr(align(128))]
pub(crate) struct Slots {
    word: AtomicU64,
    workers: u64,
    /// How many of the slots may be used, at least 1.
    limit: AtomicU64,
    most_threads: u64,
}

impl Slots {
    /// `workers` slots, whose runners and blocked tasks occupy at most `most_threads` threads, with
    /// one exception: when everybody is blocked, one more may always start, up to the two million
    /// that a field can count, which is more than any system gives a process.
    pub(crate) fn new(workers: u64, most_threads: u64) -> Self {
        Self {
            word: AtomicU64::new(0),
            workers,
            limit: AtomicU64::new(workers),
            most_threads: most_threads.min(FIELD),
        }
    }

    pub(crate) fn now(&self) -> Snapshot {
        Snapshot(self.word.load(Ordering::SeqCst))
    }

    /// How many slots may be used.
    pub(crate) fn limit(&self) -> u64 {
        self.limit.load(Ordering::SeqCst)
    }

    /// Has runners use at most `limit` of the slots. True if that is fewer than before: once the
    /// caller has seen no more than that many taken, it stays so (see
    /// [`retire_at_start`](Self::retire_at_start)).
    pub(crate) fn set_limit(&self, limit: u64) -> bool {
        let limit = limit.clamp(1, self.workers);
        let before = self.limit.swap(limit, Ordering::SeqCst);
        fence(Ordering::SeqCst);

        limit < before
    }

    fn may_start(&self, now: Snapshot) -> bool {
        let most = if now.taken() == 0 {
            FIELD
        } else {
            self.most_threads
        };

        now.taken() < self.limit() && now.threads() < most
    }

    /// Changes the word by adding `delta` while `may` allows it, and returns the new word.
    fn change(&self, delta: u64, may: impl Fn(Snapshot) -> bool) -> Option<Snapshot> {
        // With the word comes the limit that was set before it.
        let mut now = self.word.load(Ordering::Acquire);
        while may(Snapshot(now)) {
            let next = now.wrapping_add(delta);
            match self
                .word
                .compare_exchange_weak(now, next, Ordering::SeqCst, Ordering::Acquire)
            {
                Ok(_) => return Some(Snapshot(next)),
                Err(changed) => now = changed,
            }
        }
        None
    }

    /// Takes a slot for a task that has just been pushed, unless a runner seeks one; the caller has
    /// to start a runner.
    pub(crate) fn offer(&self) -> Option<Snapshot> {
        fence(Ordering::SeqCst);
        self.change(ACTIVE, |now| now.seeking() == 0 && self.may_start(now))
    }

    /// Takes a slot for a runner that the caller has to start, if there are tasks for it.
    pub(crate) fn replace(&self, has_tasks: impl Fn() -> bool) -> Option<Snapshot> {
        if has_tasks() {
            self.change(ACTIVE, |now| self.may_start(now))
        } else {
            None
        }
    }

    /// Makes the caller, which found the queue empty, the one runner that looks out for the next
    /// task. False if there is one already.
    pub(crate) fn start_seeking(&self) -> bool {
        self.change(SEEKING.wrapping_sub(ACTIVE), |now| now.seeking() == 0)
            .is_some()
    }

    /// Ends what [`start_seeking`](Self::start_seeking) began. Submitters have relied on the caller
    /// meanwhile, so it must look at the queue: run a task, and have others
    /// [`replace`](Self::replace) it for the rest.
    pub(crate) fn stop_seeking(&self) {
        self.word.fetch_sub(SEEKING - ACTIVE, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Gives the caller's slot up because the queue was empty, and looks once more whether it still
    /// is. None if there was a task after all, for which the caller has its slot again.
    pub(crate) fn leave(&self, has_tasks: impl Fn() -> bool) -> Option<Snapshot> {
        let before = self.word.fetch_sub(ACTIVE, Ordering::SeqCst);
        fence(Ordering::SeqCst);

        if self.replace(has_tasks).is_some() {
            None
        } else {
            Some(Snapshot(before - ACTIVE))
        }
    }

    /// Gives a slot up that was taken for a runner which could not be started.
    pub(crate) fn abandon(&self) -> Snapshot {
        let before = self.word.fetch_sub(ACTIVE, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        Snapshot(before - ACTIVE)
    }

    /// Whether more slots are taken than may be used: woken tasks took theirs back, or the limit
    /// fell.
    pub(crate) fn has_surplus(&self) -> bool {
        self.now().taken() > self.limit()
    }

    /// Gives the caller's slot up if there is a surplus. No look at the queue is needed: as many
    /// runners as may run remain.
    pub(crate) fn retire(&self) -> bool {
        self.change(ACTIVE.wrapping_neg(), |now| now.taken() > self.limit())
            .is_some()
    }

    /// Gives the slot of a runner that has just been started up if there is a surplus.
    ///
    /// Its starter may have read the limit before it fell, and taken the slot after the pool was
    /// seen to respect it. Both write one place, pass a fence and read the other's place; so the
    /// caller of [`set_limit`](Self::set_limit) sees the slot taken, or the runner sees the new
    /// limit here.
    pub(crate) fn retire_at_start(&self) -> bool {
        fence(Ordering::SeqCst);
        self.retire()
    }

    /// Gives the caller's slot up because its task is blocked. The caller must see to it that
    /// somebody else goes on, by [`replace`](Self::replace).
    pub(crate) fn block(&self, wait: Wait) {
        self.word.fetch_add(wait.unit() - ACTIVE, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Gives a blocked task a slot again, at once, even if that is one too many for a while.
    pub(crate) fn unblock(&self, wait: Wait) {
        self.word.fetch_sub(wait.unit() - ACTIVE, Ordering::SeqCst);
    }
}
