//! The conversation as the child sees it: whether anybody is left who wants its answers.

/// The process that started this one, and the reader of its standard output.
#[derive(Debug)]
pub struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// The parent that this process has now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Whether the parent has ended, or nobody has the other end of standard output any more.
    ///
    /// Always `false` where the system is no Unix: there only writing shows it.
    #[cfg(unix)]
    #[must_use]
    pub fn is_gone(&self) -> bool {
        // The system hands the children of an ended process to another one.
        std::os::unix::process::parent_id() != self.id || has_no_reader(&std::io::stdout())
    }

    /// Whether the parent has ended, or nobody has the other end of standard output any more.
    ///
    /// Always `false` where the system is no Unix: there only writing shows it.
    #[cfg(not(unix))]
    #[must_use]
    pub fn is_gone(&self) -> bool {
        false
    }
}

/// Whether `output` is a pipe or a socket whose other end is closed, or a terminal that has hung
/// up.
#[cfg(unix)]
fn has_no_reader(output: &impl std::os::fd::AsFd) -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    // Errors and hang-ups are reported without being asked for.
    let mut pipes = [PollFd::new(output.as_fd(), PollFlags::empty())];
    let answers = poll(&mut pipes, PollTimeout::ZERO).unwrap_or(0);

    answers > 0 && pipes[0].any().unwrap_or(true)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_has_a_reader_until_its_other_end_is_closed() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert!(!has_no_reader(&writer));
        drop(reader);
        assert!(has_no_reader(&writer));
    }

    #[test]
    fn the_parent_of_this_process_lives() {
        assert_eq!(Parent::now().id, std::os::unix::process::parent_id());
        assert!(Parent { id: u32::MAX }.is_gone());
    }
}
