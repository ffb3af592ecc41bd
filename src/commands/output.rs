//! Where charts and exports go: tried before anything is measured, so that a bad path fails at once, and
//! replaced by rename at the end, so that no file is ever half a run.

mod target;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use self::target::Place;
use super::run::Streams;
use crate::printable;
use crate::report::Exporter;
use crate::results::Run;
use crate::whole_file::{remove_abandoned, temporary_in};

pub use self::target::{Target, is_misspelt};

/// Refuses targets that would replace `path`, a baseline that is being compared with.
pub fn spare(targets: &[Target], path: &Path) -> Result<()> {
    let spared = Place::File(path.to_owned()).resolved();
    match targets
        .iter()
        .find(|target| target.place.resolved() == spared)
    {
        Some(target) => bail!(
            "{} is the baseline; export to another file",
            target.place.name()
        ),
        None => Ok(()),
    }
}

/// Every target of one command, opened.
pub struct Outputs<T: 'static = Run>(Vec<Output<T>>);

struct Output<T: 'static> {
    exporter: &'static Exporter<T>,
    /// As it was typed.
    name: String,
    sink: Sink,
}

enum Sink {
    Stdout,
    /// A file that appears under its name when it is complete, with these permissions if it had any.
    Replace(PathBuf, Option<fs::Permissions>),
    /// A device or a pipe, which cannot be replaced.
    Direct(File),
}

impl<T> Outputs<T> {
    /// Opens all `targets`, or none.
    pub fn open(targets: &[Target<T>]) -> Result<Self> {
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

    /// Leaves every target as it was, and says so: nobody must take an earlier file for this run's.
    pub fn leave(self, streams: &mut Streams<'_>) -> io::Result<()> {
        for Output { name, .. } in self.0 {
            streams.warn(&format!("nothing was written to {name}"))?;
        }

        Ok(())
    }

    /// Writes `what` to every target. One that fails does not keep the others from being written.
    pub fn write(self, what: &T, stdout: &mut dyn Write) -> Result<()> {
        let mut first_error = Ok(());
        for Output {
            exporter,
            name,
            sink,
        } in self.0
        {
            let written = sink.write(&name, exporter, what, stdout);
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
            Ok(found) if found.is_dir() => bail!("{}: it is a folder; name a file in it", cannot()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new()
                    .write(true)
                    .open(&path)
                    .with_context(cannot)?;
                return Ok(Sink::Direct(file));
            }
            Ok(found) => {
                // Replacing needs no permission on the file itself; who may not write it must not replace it.
                OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .with_context(cannot)?;
                Some(found.permissions())
            }
            Err(_) => None,
        };
        let folder = folder_of(&path);
        if !folder.is_dir() {
            bail!(
                "{}: there is no folder {}",
                cannot(),
                printable::path(folder)
            );
        }
        // A process that was killed while it wrote may have left its unfinished file. That it cannot be removed
        // is no reason not to measure.
        let _ = remove_abandoned(folder);
        // Made now only to see that it can be, so that a run that is killed leaves nothing behind. Only the
        // kind of an error: its full text names the temporary file, which means nothing to the user.
        temporary_in(folder).map_err(|error| anyhow!("{}: {}", cannot(), error.kind()))?;
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
    fn write<T>(
        self,
        name: &str,
        exporter: &Exporter<T>,
        what: &T,
        stdout: &mut dyn Write,
    ) -> Result<()> {
        let cannot = || format!("cannot write {name}");

        match self {
            Self::Stdout => Ok((exporter.write)(what, stdout)?),
            Self::Direct(file) => {
                let mut buffered = io::BufWriter::new(file);
                (exporter.write)(what, &mut buffered).with_context(cannot)?;
                buffered.flush().with_context(cannot)
            }
            Self::Replace(path, permissions) => {
                let mut file = temporary_in(folder_of(&path)).with_context(cannot)?;
                let mut buffered = io::BufWriter::new(file.as_file_mut());
                (exporter.write)(what, &mut buffered).with_context(cannot)?;
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
    use super::*;
    use crate::report::EXPORTERS;

    #[test]
    fn a_bad_place_fails_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let open = |text: String| {
            let target = Target::parse(text.as_ref(), EXPORTERS).unwrap();
            Outputs::open(&[target])
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
        let target = |path: &Path| Target::parse(path.as_os_str(), EXPORTERS).unwrap();
        let both = Outputs::open(&[target(&file), target(&link)])
            .err()
            .unwrap()
            .to_string();
        assert!(both.starts_with("two outputs go to "), "{both}");
        let run = Run {
            schema_version: 1,
            parbench_version: String::new(),
            started_at: String::new(),
            interrupted: false,
            environment: crate::results::Environment::probe(),
            sampling: crate::results::Sampling {
                warmup: 1,
                rounds: crate::results::Rounds::Exactly(1),
                order_seed: 0,
            },
            measurements: Vec::new(),
            comparison: None,
            problems: Vec::new(),
        };
        Outputs::open(&[target(&link)])
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
    fn two_outputs_to_one_place_are_refused() {
        let target = || Target::parse("json:-".as_ref(), EXPORTERS).unwrap();
        let error = Outputs::open(&[target(), target()])
            .err()
            .unwrap()
            .to_string();
        assert_eq!(error, "two outputs go to stdout; give each its own");
    }
}
