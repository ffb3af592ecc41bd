//! The running program as a file that can be started or read again, also after the file that it was
//! started from has been replaced or deleted: every further process has to be the same build.

use std::io;
use std::path::PathBuf;
use std::process::Command;

/// Where the running program can be read and started, by this process and by those that it starts.
///
/// On Linux this is a link that the kernel keeps to the very file that is running, even when its
/// name is gone. Elsewhere it is the name.
pub fn path() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        // Not `/proc/self`: a child has to find the file of this process, not its own.
        let link = PathBuf::from(format!("/proc/{}/exe", std::process::id()));

        // Without a /proc, or with the /proc of another PID namespace, the name has to do.
        if link.exists()
            && std::fs::read_link(&link).ok() == std::fs::read_link("/proc/self/exe").ok()
        {
            return Ok(link);
        }
    }

    std::env::current_exe()
}

/// A command that starts the running program.
pub fn command() -> io::Result<Command> {
    Ok(under_own_name(Command::new(path()?)))
}

/// Lists of processes show this name, not the link's.
#[cfg(unix)]
fn under_own_name(mut command: Command) -> Command {
    if let Some(name) = std::env::args_os().next() {
        std::os::unix::process::CommandExt::arg0(&mut command, name);
    }
    command
}

/// Elsewhere the name is that of the file.
#[cfg(not(unix))]
fn under_own_name(command: Command) -> Command {
    command
}

/// Gives this process its own name in lists of processes. Started through the link, it would be
/// called `exe`.
pub fn restore_name() {
    let name = std::env::args_os().next().map(PathBuf::from);
    if let Some(name) = name.as_deref().and_then(std::path::Path::file_name)
        && cfg!(target_os = "linux")
    {
        // The name is a convenience: a system that refuses it causes no error.
        std::fs::write("/proc/self/comm", name.as_encoded_bytes()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_file_that_runs() {
        let running = std::fs::read(std::env::current_exe().unwrap()).unwrap();

        assert!(std::fs::read(path().unwrap()).unwrap() == running);
    }

    #[test]
    fn it_can_be_started_by_a_child_too() {
        // The shell runs another file than this process; `--list` makes a test binary print its
        // tests.
        let program = path().unwrap();
        let output = if cfg!(unix) {
            Command::new("sh")
                .args(["-c", "\"$0\" --list"])
                .arg(program)
                .output()
        } else {
            Command::new(program).arg("--list").output()
        };

        let names = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(
            names.contains("it_can_be_started_by_a_child_too"),
            "{names}"
        );
    }
}
