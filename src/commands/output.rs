//! Where charts and exports go: tried before anything is measured, so that a bad path fails at
//! once, and replaced by rename at the end, so that no file is ever half a run.

mod target;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;

use self::target::Place;
use super::streams::{Destination, Streams};
use crate::printable;
use crate::report::{Exporter, NamedRun, pretty};
use crate::results::Run;
use crate::stop::Stop;
use crate::whole_file::{remove_abandoned, temporary_in};

pub use self::target::{Target, is_misspelt};

/// Refuses targets that would replace `path`, a baseline that is being compared with.
pub fn spare(targets: &[Target], path: &Path, what: &str) -> Result<()> {
    let places = targets.iter().map(|target| &target.place);

    spare_places(places, path, what)
}

/// The same for `written`, which is no target but a file.
pub fn spare_file(written: &Path, path: &Path, what: &str) -> Result<()> {
    let place = Place::File(written.to_owned());

    spare_places([&place].into_iter(), path, what)
}

fn spare_places<'a>(
    mut places: impl Iterator<Item = &'a Place>,
    path: &Path,
    what: &str,
) -> Result<()> {
    let spared = Place::File(path.to_owned()).resolved();

    match places.find(|place| place.resolved() == spared) {
        Some(place) => bail!("{} is {what}; export to another file", place.name()),
        None => Ok(()),
    }
}

/// Where the text about results goes beside `targets`: this is the only place that knows when
/// stdout is taken.
#[must_use]
pub fn destination_beside(targets: &[Target]) -> Destination {
    let is_taken = targets.iter().any(|target| target.place == Place::Stdout);

    if is_taken {
        Destination::Stderr
    } else {
        Destination::Stdout
    }
}

/// Tries stdout where `targets` or text about results go there, before anything is measured.
pub fn try_stdout(targets: &[Target], has_text: bool, streams: &mut Streams<'_>) -> Result<()> {
    let is_shown = has_text && streams.destination == Destination::Stdout;

    if is_shown || targets.iter().any(Target::is_stdout) {
        // No bytes at all tell whether there is a stdout.
        let _nothing = streams.stdout.write(&[])?;
    }
    Ok(())
}

/// Every target of one command, opened.
pub struct Outputs(Vec<Output>);

struct Output {
    exporter: &'static Exporter,
    /// As it was typed.
    name: String,
    sink: Sink,
}

enum Sink {
    Stdout,
    /// A file that appears under its name when it is complete, with these permissions if it had
    /// any.
    Replace(PathBuf, Option<fs::Permissions>),
    /// A device or a pipe, which cannot be replaced.
    Direct(File),
}

impl Outputs {
    /// Opens all `targets`, or none.
    pub fn open(targets: &[Target]) -> Result<Self> {
        let places: Vec<Place> = targets
            .iter()
            .map(|target| target.place.resolved())
            .collect();

        for (index, place) in places.iter().enumerate() {
            if places[..index].contains(place) {
                bail!(
                    "two outputs go to {}; give each its own",
                    targets[index].place.name()
                );
            }
        }

        let opened = targets.iter().map(|target| {
            Ok(Output {
                exporter: target.exporter,
                name: target.name(),
                sink: target.place.open()?,
            })
        });
        Ok(Self(opened.collect::<Result<_>>()?))
    }

    /// The same for a command that signals stop: it may be a pipe that nobody reads.
    pub fn open_unless_stopped(targets: &[Target], stop: &Stop) -> Result<Self> {
        stop.at_once(|| Self::open(targets))?
    }

    /// Leaves every target as it was, and says so: nobody must take an earlier file for this run's.
    pub fn leave(self, streams: &mut Streams<'_>) -> io::Result<()> {
        for Output { name, .. } in self.0 {
            streams.warn(&format!("nothing was written to {name}"))?;
        }

        Ok(())
    }

    /// Writes `run` to every target in the target's format. One that fails does not keep the others
    /// from being written.
    pub fn write(self, run: &Run, stdout: &mut dyn Write) -> Result<()> {
        self.write_each(stdout, |exporter, to| (exporter.write)(run, to))
    }

    /// The names of the targets whose format holds one run.
    pub fn holding_one(&self) -> impl Iterator<Item = &str> {
        let outputs = self.0.iter();
        let of_one = outputs.filter(|output| output.exporter.write_several.is_none());

        of_one.map(|output| output.name.as_str())
    }

    /// Writes `runs`, which were compared with one another run, to every target: all of them where
    /// the target's format holds several, the last one otherwise.
    pub fn write_several(self, runs: &[NamedRun<'_>], stdout: &mut dyn Write) -> Result<()> {
        self.write_each(stdout, |exporter, to| {
            match (exporter.write_several, runs.last()) {
                (Some(write), _) if runs.len() > 1 => write(runs, to),
                (_, Some(last)) => (exporter.write)(last.run, to),
                (_, None) => Ok(()),
            }
        })
    }

    /// Writes `value` to every target as JSON, which is the one format that all of them have.
    pub fn write_json(self, value: &impl Serialize, stdout: &mut dyn Write) -> Result<()> {
        self.write_each(stdout, |_, to| pretty(value, to))
    }

    /// Writes to every target what `write` makes of the name of its format.
    pub fn write_as(
        self,
        stdout: &mut dyn Write,
        write: impl Fn(&str, &mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        self.write_each(stdout, |exporter, to| write(exporter.name, to))
    }

    fn write_each(
        self,
        stdout: &mut dyn Write,
        write: impl Fn(&Exporter, &mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let mut first_error = Ok(());

        for output in self.0 {
            let exporter = output.exporter;
            let written = output
                .sink
                .write(&output.name, stdout, |to| write(exporter, to));
            first_error = first_error.and(written);
        }
        first_error
    }
}

impl Place {
    fn open(&self) -> Result<Sink> {
        let Self::File(path) = self.resolved() else {
            return Ok(Sink::Stdout);
        };
        let cannot = || format!("cannot write {}", self.name());

        let permissions = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                bail!("{}: it is a folder; name a file in it", cannot())
            }
            Ok(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new()
                    .write(true)
                    .open(&path)
                    .with_context(cannot)?;
                return Ok(Sink::Direct(file));
            }
            Ok(metadata) => {
                // Replacing needs no permission on the file itself; a user who may not write it
                // must not replace it.
                OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .with_context(cannot)?;
                Some(metadata.permissions())
            }
            // What is wrong with the folder is said below.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                None
            }
            Err(error) => return Err(error).with_context(cannot),
        };

        let folder = folder_of(&path);
        if !folder.is_dir() {
            bail!(
                "{}: there is no folder {}",
                cannot(),
                printable::path(folder)
            );
        }

        // A process that was killed while it wrote may have left its unfinished file. That it
        // cannot be removed is no reason not to measure.
        let _ = remove_abandoned(folder);
        // Made now only to see that it can be, so that a run that is killed leaves nothing behind.
        temporary_in(folder).map_err(|error| {
            // Without the name of the temporary file, which means nothing to the user.
            let text = error.to_string();
            let cause = text.split(" at path ").next().unwrap_or_default();
            anyhow!("{}: {cause}", cannot())
        })?;
        Ok(Sink::Replace(path, permissions))
    }
}

/// The folder that a file is in, or is to be in.
fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

impl Sink {
    fn write(
        self,
        name: &str,
        stdout: &mut dyn Write,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let cannot = || format!("cannot write {name}");

        match self {
            Self::Stdout => Ok(write(stdout)?),
            Self::Direct(file) => {
                let mut buffered = io::BufWriter::new(file);
                write(&mut buffered).with_context(cannot)?;
                buffered.flush().with_context(cannot)
            }
            Self::Replace(path, permissions) => {
                let mut file = temporary_in(folder_of(&path)).with_context(cannot)?;
                let mut buffered = io::BufWriter::new(file.as_file_mut());
                write(&mut buffered).with_context(cannot)?;
                buffered.flush().with_context(cannot)?;
                drop(buffered);

                if let Some(permissions) = permissions {
                    file.as_file()
                        .set_permissions(permissions)
                        .with_context(cannot)?;
                }
                file.persist(&path)
                    .map_err(|error| error.error)
                    .with_context(cannot)?;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::report::EXPORTERS;

    fn target(text: &OsStr) -> Target {
        let exporters: Vec<_> = EXPORTERS.iter().collect();
        Target::parse(text, &exporters).unwrap()
    }

    #[test]
    fn a_bad_place_fails_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let open = |text: String| {
            Outputs::open(&[target(text.as_ref())])
                .err()
                .map(|error| format!("{error:#}"))
        };
        let missing = open(format!("{}/no/run.json", folder.path().display())).unwrap();
        assert!(
            missing.starts_with("cannot write ") && missing.contains(": there is no folder "),
            "{missing}"
        );
        let is_folder = open(format!("json:{}", folder.path().display())).unwrap();
        assert!(
            is_folder.ends_with("it is a folder; name a file in it"),
            "{is_folder}"
        );
        assert_eq!(open(format!("{}/run.json", folder.path().display())), None);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "an opened output leaves nothing"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_replaced_file_keeps_its_permissions_and_its_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (
            folder.path().join("run.json"),
            folder.path().join("link.json"),
        );
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        let both = Outputs::open(&[target(file.as_os_str()), target(link.as_os_str())])
            .err()
            .unwrap()
            .to_string();
        assert!(both.starts_with("two outputs go to "), "{both}");
        let run = crate::commands::measured::empty_run(crate::results::Sampling {
            warmup: 1,
            rounds: crate::results::Rounds::Exactly(1),
            order_seed: 0,
        });
        Outputs::open(&[target(link.as_os_str())])
            .unwrap()
            .write(&run, &mut Vec::new())
            .unwrap();
        assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_no_file_yet_stays_and_a_circle_of_links_is_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("runs")).unwrap();
        symlink("runs/second.json", path("first.json")).unwrap();
        symlink("../new.json", path("runs/second.json")).unwrap();

        let to_first = target(path("first.json").as_os_str());
        let both = Outputs::open(&[to_first.clone(), target(path("new.json").as_os_str())]);
        let refused = both.err().unwrap().to_string();
        assert!(refused.starts_with("two outputs go to "), "{refused}");

        let outputs = Outputs::open(&[to_first]).unwrap();
        outputs.write_json(&1, &mut Vec::new()).unwrap();
        assert_eq!(fs::read_to_string(path("new.json")).unwrap(), "1\n");
        assert!(
            fs::symlink_metadata(path("first.json"))
                .unwrap()
                .is_symlink()
        );

        symlink("b.json", path("a.json")).unwrap();
        symlink("a.json", path("b.json")).unwrap();
        let circle = Outputs::open(&[target(path("a.json").as_os_str())]);
        assert!(circle.is_err());
    }

    #[test]
    fn two_outputs_to_one_place_are_refused() {
        let stdout = || target("json:-".as_ref());
        let error = Outputs::open(&[stdout(), stdout()])
            .err()
            .unwrap()
            .to_string();
        assert_eq!(error, "two outputs go to stdout; give each its own");
    }
}
