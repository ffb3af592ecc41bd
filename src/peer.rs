//! A child process that speaks JSON lines: it answers a line with lines. It may be any program that
//! a user can name, so everything that can go wrong is an error here: it does not start, does not
//! answer, or ends.
//!
//! The child gets a process group of its own. When the conversation ends, what is left of the group
//! is killed, and what the child has started outside of it. Its standard error is read all the
//! time, also while nobody waits for it.

mod failure;
mod group;
mod parent;
mod streams;
mod wait;
mod words;

use std::io;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use self::group::Group;
use self::streams::{Reading, Streams};
use self::words::Words;

pub use self::failure::{Ended, Failure};
pub use self::parent::Parent;
pub use self::wait::Wait;

/// How often to see whether a child has ended.
const END_INTERVAL: Duration = Duration::from_millis(2);
/// How long the last words of an ended child may take to arrive. They are there already, unless a
/// process that it has left behind holds the pipe open.
const WORDS_LIMIT: Duration = Duration::from_secs(1);

/// The child process. Dropping it ends it and everything that it has started.
#[derive(Debug)]
pub struct Peer {
    streams: Streams,
    words: Words,
    group: Arc<Group>,
    grace: Duration,
}

/// Ends a child from another thread than the one that waits for its answer.
#[derive(Clone, Debug)]
pub struct Killer(Arc<Group>);

impl Killer {
    /// Asks the child to end, and what it has started only through it.
    pub fn terminate(&self) {
        self.0.terminate();
    }

    /// Kills the child and everything that it has started.
    pub fn kill(&self) {
        self.0.kill();
    }
}

impl Peer {
    /// Starts `command`, which may take `grace` to end once its input has.
    pub fn start(command: &mut Command, grace: Duration) -> io::Result<Self> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());

        // Ctrl-C is for this process to deal with: it ends its children itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);

        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());

        // From here on the child is killed, whatever fails.
        let group = Arc::new(Group::new(child));

        let conversation = || {
            let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
                return Err(io::Error::other("it has no pipes"));
            };
            Ok((Streams::new(stdin, stdout)?, Words::read(stderr)?))
        };

        match conversation() {
            Ok((streams, words)) => Ok(Self {
                streams,
                words,
                group,
                grace,
            }),
            Err(error) => {
                group.finish();
                Err(error)
            }
        }
    }

    /// Sends `message` as a line, and returns its length in bytes.
    pub fn send(&mut self, message: &impl Serialize, wait: Wait<'_>) -> Result<usize, Failure> {
        let mut line =
            serde_json::to_vec(message).map_err(|error| Failure::Unwritable(error.to_string()))?;
        line.push(b'\n');

        self.send_bytes(&line, wait)?;
        Ok(line.len())
    }

    /// Sends `line` as it is, with its end.
    pub fn send_bytes(&mut self, line: &[u8], wait: Wait<'_>) -> Result<(), Failure> {
        let mut sent = 0;
        while sent < line.len() {
            match self.streams.write(&line[sent..], wait.step()?) {
                Some(bytes) => sent += bytes,
                None => return Err(self.ended()),
            }
        }

        Ok(())
    }

    /// Waits for its next line, which is returned without its end.
    pub fn line(&mut self, wait: Wait<'_>) -> Result<String, Failure> {
        loop {
            // A line that is there already counts, also when the deadline has passed meanwhile.
            let limit = wait.step();

            match self.streams.read(limit.clone().unwrap_or_default()) {
                Reading::Line(line) => return Ok(line),
                Reading::Nothing => drop(limit?),
                Reading::Endless => return Err(Failure::Endless),
                Reading::End => return Err(self.ended()),
            }
        }
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.group.id()
    }

    /// Whether it still runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        !self.group.has_ended()
    }

    /// A handle that kills it from another thread.
    #[must_use]
    pub fn killer(&self) -> Killer {
        Killer(Arc::clone(&self.group))
    }

    /// The last lines that it wrote to its standard error, as far as they are kept.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.words.lines()
    }

    /// Closes its input, which asks it to end, and does not wait for that.
    pub fn close(&mut self) {
        self.group.note_descendants();
        self.streams.close_input();
    }

    /// Asks it to end, and after its grace kills what is left of it and of what it has started.
    /// Returns how it ended.
    pub fn end(&mut self) -> String {
        self.end_within(self.grace)
    }

    /// Kills it and everything that it has started at once.
    pub fn kill(&mut self) {
        self.end_within(Duration::ZERO);
    }

    fn end_within(&mut self, grace: Duration) -> String {
        self.close();

        // Reading goes on, or a child that still writes would wait for a reader.
        let deadline = Instant::now() + grace;
        let may_end = || !self.group.has_ended() && !self.group.is_stopped();
        while may_end() && Instant::now() < deadline {
            self.streams.discard(END_INTERVAL);
        }

        self.group.finish()
    }

    /// The failure of a child that closed its output or its input: how it ended, with its last
    /// words.
    fn ended(&mut self) -> Failure {
        let status = self.end();
        self.words.wait(WORDS_LIMIT);

        Failure::Ended(Ended {
            status,
            last_words: self.words.last(),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::descendants;
    use crate::stop::{Interrupted, Stop};

    const MINUTE: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Peer {
        let started = Peer::start(Command::new("sh").args(["-c", script]), MINUTE);
        started.unwrap_or_else(|error| panic!("{error}"))
    }

    fn line(peer: &mut Peer) -> Result<String, Failure> {
        peer.line(Wait::at_most(MINUTE, None))
    }

    #[test]
    fn lines_go_back_and_forth_also_long_ones() {
        let mut peer = shell("exec cat");

        // Longer than any pipe holds: it answers while it is still being asked.
        for length in [1, 100, 3_000_000] {
            let text = "x".repeat(length);
            let sent = peer.send(&json!(text), Wait::at_most(MINUTE, None));
            assert_eq!(sent, Ok(length + 3), "with quotes and the line end");
            assert_eq!(line(&mut peer).unwrap().len(), length + 2);
        }

        assert!(peer.end().contains("exit status: 0"));
    }

    #[test]
    fn a_child_that_complains_at_length_still_answers_and_its_last_words_are_kept() {
        let mut peer =
            shell("head -c 1000000 /dev/zero >&2; echo 1; echo >&2; echo 'no more' >&2; exit 3");

        assert_eq!(line(&mut peer).unwrap(), "1");

        let Failure::Ended(ended) = line(&mut peer).unwrap_err() else {
            panic!("it has ended")
        };
        assert_eq!(
            ended.to_string(),
            "it ended with exit status: 3, saying \"no more\""
        );
    }

    #[test]
    fn a_child_can_complain_while_nobody_waits_for_it() {
        // More than a pipe holds: it ends only if somebody reads.
        let peer = shell("exec head -c 1000000 /dev/zero >&2");
        until(|| !peer.runs());
    }

    #[test]
    fn a_deadline_and_the_stop_flag_end_a_wait_and_the_child_goes_on() {
        let mut peer = shell("exec cat");
        let past = Wait {
            deadline: Some(Instant::now()),
            stop: None,
        };
        assert_eq!(peer.line(past), Err(Failure::TimedOut));

        let stop = Stop::new();
        stop.raise(2);
        assert_eq!(
            peer.line(Wait {
                deadline: None,
                stop: Some(&stop)
            }),
            Err(Failure::Interrupted(Interrupted))
        );

        peer.send(&1, Wait::default()).unwrap();
        assert_eq!(line(&mut peer).unwrap(), "1");
    }

    #[test]
    fn a_child_that_does_not_read_is_given_up_while_it_is_sent_to() {
        let mut peer = shell("kill -STOP $$");
        let sent = peer.send(
            &json!("x".repeat(1 << 20)),
            Wait::at_most(Duration::from_millis(10), None),
        );
        assert_eq!(sent, Err(Failure::TimedOut));

        // A stopped process is deaf to the end of its input.
        peer.kill();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_suspended_child_has_no_grace() {
        let peer = Peer::start(
            Command::new("sh").args(["-c", "kill -STOP $$"]),
            100 * MINUTE,
        );
        let mut peer = peer.unwrap();
        until(|| descendants::is_stopped(peer.id()));

        assert!(peer.end().contains("signal: 9"));
    }

    #[test]
    fn its_whole_process_group_ends_with_it() {
        // The grandchild holds the pipes open and is not waited for by the child.
        let mut peer = shell("sleep 1000 & echo $!");
        let grandchild: i32 = line(&mut peer).unwrap().parse().unwrap();
        drop(peer);

        // It is killed by now, and the system takes a moment for that.
        until(|| !runs(grandchild));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_left_its_process_group_ends_with_it() {
        let mut peer = shell("setsid sleep 1000 & echo $!; wait");
        let grandchild: i32 = line(&mut peer).unwrap().parse().unwrap();
        peer.kill();

        until(|| !runs(grandchild));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_has_a_guard_is_left_to_it() {
        let mark = format!("{} of a test", std::process::id());
        let script = "setsid sh -c 'echo $$; exec sleep 1000' &";
        let mut peer = shell(&format!("PARBENCH_GUARD='{mark}' {script} {script} wait"));
        let ids = [(); 2].map(|()| line(&mut peer).unwrap().parse().unwrap());
        peer.kill();

        until(|| ids.iter().any(|&id| !runs(id)));
        let guarded = descendants::with_variable(descendants::GUARDED, &mark);
        assert_eq!(guarded.count(), 1);

        let guarded = descendants::with_variable(descendants::GUARDED, &mark);
        descendants::ask_to_end(guarded);
        until(|| ids.iter().all(|&id| !runs(id)));
    }

    fn runs(id: i32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    fn until(holds: impl Fn() -> bool) {
        let looks = (0..10_000_000)
            .take_while(|_| !holds())
            .inspect(|_| std::thread::yield_now())
            .count();
        assert!(looks < 10_000_000, "it never came");
    }
}
