//! Single trace events. Times are whole nanoseconds here, so that slices that touch one another do
//! not overlap, and microseconds with three decimals in the file.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// A number of nanoseconds since the trace begins.
pub(super) type Ns = u64;

/// One event. `ph` says of which kind: X a slice, M a name, C a counter, b and e the ends of an
/// asynchronous slice, i a moment, s, t and f the beginning, a step and the end of a flow.
#[derive(Debug, Serialize)]
pub(super) struct Event {
    pub(super) name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) cat: &'static str,
    pub(super) ph: char,
    pub(super) ts: Microseconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dur: Option<Microseconds>,
    pub(super) pid: u32,
    pub(super) tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    /// How far an instant reaches: `t` for its thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s: Option<char>,
    /// Where a flow binds: `e` to the slice around it, not to the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bp: Option<char>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) args: Value,
}

impl Event {
    fn new(ph: char, name: &str, track: Track, ts: Ns) -> Self {
        Self {
            name: name.to_owned(),
            cat: "",
            ph,
            ts: Microseconds(ts),
            dur: None,
            pid: track.pid,
            tid: track.tid,
            id: None,
            s: None,
            bp: None,
            args: Value::Null,
        }
    }
}

/// Nanoseconds that are written as microseconds with three decimals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Microseconds(pub(super) Ns);

impl Serialize for Microseconds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0 as f64 / 1e3)
    }
}

/// A part of the trace's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) begin: Ns,
    /// Not before it begins.
    pub(super) end: Ns,
}

/// `seconds` as whole nanoseconds; what is no time above 0 is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates"
)]
pub(super) fn ns(seconds: f64) -> Ns {
    (seconds * 1e9).round() as Ns
}

/// A process or thread of the trace, by numbers that stand once in it: readers that know threads by
/// their number alone find the right one, too.
#[derive(Clone, Copy)]
pub(super) struct Track {
    pub(super) pid: u32,
    pub(super) tid: u32,
}

/// Events in the making, and the numbers that are given out for them.
#[derive(Default)]
pub(super) struct Events {
    list: Vec<Event>,
    processes: u32,
    threads: u32,
    /// Of asynchronous slices and flows.
    ids: u64,
}

impl Events {
    /// A new process called `name`. A thread of it has to be the next one that is made.
    pub(super) fn process(&mut self, name: &str) -> u32 {
        self.processes += 1;
        let pid = self.processes;
        let first = Track {
            pid,
            tid: self.threads + 1,
        };

        self.metadata("process_name", first, json!({"name": name}));
        self.metadata("process_sort_index", first, json!({"sort_index": pid}));
        pid
    }

    /// A new thread called `name` of the process `pid`, at the place `sort_index` in it.
    pub(super) fn thread(&mut self, pid: u32, name: &str, sort_index: usize) -> Track {
        self.threads += 1;
        let track = Track {
            pid,
            tid: self.threads,
        };

        self.metadata("thread_name", track, json!({"name": name}));
        self.metadata(
            "thread_sort_index",
            track,
            json!({"sort_index": sort_index}),
        );
        track
    }

    fn metadata(&mut self, name: &str, track: Track, args: Value) {
        let event = Event::new('M', name, track, 0);
        self.list.push(Event { args, ..event });
    }

    /// Adds a slice on `track`, of the category `cat`; `args` are what is shown when it is clicked.
    pub(super) fn slice(
        &mut self,
        track: Track,
        cat: &'static str,
        name: &str,
        time: Interval,
        args: Value,
    ) {
        let event = Event::new('X', name, track, time.begin);
        self.list.push(Event {
            cat,
            dur: Some(Microseconds(time.end - time.begin)),
            args,
            ..event
        });
    }

    /// Adds a slice of the category `cat` that may overlap others of it.
    pub(super) fn asynchronous(
        &mut self,
        track: Track,
        cat: &'static str,
        name: &str,
        time: Interval,
    ) {
        self.ids += 1;

        for (ph, ts) in [('b', time.begin), ('e', time.end)] {
            let event = Event::new(ph, name, track, ts);
            self.list.push(Event {
                cat,
                id: Some(self.ids),
                ..event
            });
        }
    }

    /// Adds a moment on `track`.
    pub(super) fn instant(&mut self, track: Track, name: &str, ts: Ns, args: Value) {
        let event = Event::new('i', name, track, ts);
        self.list.push(Event {
            s: Some('t'),
            args,
            ..event
        });
    }

    /// Adds arrows of the category `cat` from the slice around the first of `points` to the one
    /// around the second, and on to the one around the third.
    pub(super) fn flow(&mut self, cat: &'static str, name: &str, points: [(Track, Ns); 3]) {
        self.ids += 1;

        for (ph, (track, ts)) in ['s', 't', 'f'].into_iter().zip(points) {
            let event = Event::new(ph, name, track, ts);
            self.list.push(Event {
                cat,
                id: Some(self.ids),
                bp: Some('e'),
                ..event
            });
        }
    }

    /// Adds what the series of a counter are from `ts` on.
    pub(super) fn counter(&mut self, track: Track, name: &str, ts: Ns, args: Value) {
        let event = Event::new('C', name, track, ts);
        self.list.push(Event { args, ..event });
    }

    pub(super) fn finish(self) -> Vec<Event> {
        self.list
    }
}
