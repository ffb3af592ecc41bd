//! Where charts and exports go: tried before anything is measured, so that a bad path fails at once, and
//! replaced by rename at the end, so that no file is ever half a run.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::report::Exporter;
use crate::results::Run;
use crate::whole_file::temporary_in;
use anyhow::{Context, Result, anyhow, bail};

/// A format and the place it is written to.
#[derive(Clone)]
pub struct Target<T: 'static = Run> {
    exporter: &'static Exporter<T>,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Stdout,
    File(PathBuf),
}

impl<T> fmt::Debug for Target<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:?}", self.exporter.name, self.place)
    }
}

impl<T> Target<T> {
    /// Reads `FILE`, whose extension names one of `formats`, or `FORMAT:FILE`; the file `-` is stdout.
    pub fn parse(text: &str, formats: &'static [Exporter<T>]) -> Result<Self, String> {
        let named = |name: &str| formats.iter().find(|format| format.name == name);
        let explicit = text.split_once(':').and_then(|(name, rest)| Some((named(name)?, rest)));
        let extension = Path::new(text).extension().and_then(|extension| extension.to_str());
        let implied = || {
            let extension = extension?;
            Some((formats.iter().find(|format| format.extension.eq_ignore_ascii_case(extension))?, text))
        };
        let Some((exporter, file)) = explicit.or_else(implied) else {
            let known = formats.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
            let example = formats.first().map_or("", |format| format.name);
            return Err(format!(
                "no known format; known are {known}: end the file's name in one of them or write {example}:FILE"
            ));
        };
        match file {
            "" => Err(format!("the file's name is missing after {}:", exporter.name)),
            "-" => Ok(Self { exporter, place: Place::Stdout }),
            _ => Ok(Self { exporter, place: Place::File(PathBuf::from(file)) }),
        }
    }

    /// Whether it goes to stdout.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        self.place == Place::Stdout
    }
}

/// Refuses targets that would replace `path`, a baseline that is being compared with.
pub fn spare(targets: &[Target], path: &Path) -> Result<()> {
    let spared = Place::File(path.to_owned()).resolved();
    match targets.iter().find(|target| target.place.resolved() == spared) {
        Some(target) => bail!("{} is the baseline; export to another file", target.place.name()),
        None => Ok(()),
    }
}

/// Every target of one command, opened.
pub struct Outputs<T: 'static = Run>(Vec<(&'static Exporter<T>, Sink)>);

enum Sink {
    Stdout,
    /// A file that appears under its name when it is complete, with these permissions if it had any.
    Replace(PathBuf, Option<fs::Permissions>),
    /// A device or a pipe, which cannot be replaced.
    Direct(File, PathBuf),
}

impl<T> Outputs<T> {
    /// Opens all `targets`, or none.
    pub fn open(targets: &[Target<T>]) -> Result<Self> {
        let places: Vec<Place> = targets.iter().map(|target| target.place.resolved()).collect();
        for (index, place) in places.iter().enumerate() {
            if places[..index].contains(place) {
                bail!("two outputs go to {}; give each its own", targets[index].place.name());
            }
        }
        let opened = targets.iter().map(|target| Ok((target.exporter, target.place.open()?)));
        Ok(Self(opened.collect::<Result<_>>()?))
    }

    /// Writes `what` to every target. One that fails does not keep the others from being written.
    pub fn write(self, what: &T, stdout: &mut dyn Write) -> Result<()> {
        let mut first_error = Ok(());
        for (exporter, sink) in self.0 {
            let written = sink.write(exporter, what, stdout);
            first_error = first_error.and(written);
        }
        first_error
    }
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::Stdout => "stdout".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The same place by its absolute name, so that two names of one file are seen to be one. A link stays
    /// a link: what it points to is meant.
    fn resolved(&self) -> Self {
        let Self::File(path) = self else { return Self::Stdout };
        let in_folder = || Some(fs::canonicalize(folder_of(path)).ok()?.join(path.file_name()?));
        Self::File(fs::canonicalize(path).ok().or_else(in_folder).unwrap_or_else(|| path.clone()))
    }

    fn open(&self) -> Result<Sink> {
        let Self::File(path) = self.resolved() else { return Ok(Sink::Stdout) };
        let cannot = || format!("cannot write {}", self.name());
        let permissions = match fs::metadata(&path) {
            Ok(found) if found.is_dir() => bail!("{}: it is a folder; name a file in it", cannot()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(&path).with_context(cannot)?;
                return Ok(Sink::Direct(file, path));
            }
            Ok(found) => {
                // Replacing needs no permission on the file itself; who may not write it must not replace it.
                OpenOptions::new().append(true).open(&path).with_context(cannot)?;
                Some(found.permissions())
            }
            Err(_) => None,
        };
        let folder = folder_of(&path);
        if !folder.is_dir() {
            bail!("{}: there is no folder {}", cannot(), folder.display());
        }
        // Made now only to see that it can be, so that a run that is killed leaves nothing behind. Only the
        // kind of an error: its full text names the temporary file, which means nothing to the user.
        temporary_in(folder).map_err(|error| anyhow!("{}: {}", cannot(), error.kind()))?;
        Ok(Sink::Replace(path, permissions))
    }
}

/// The folder that a file is in, or is to be in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Sink {
    fn write<T>(self, exporter: &Exporter<T>, what: &T, stdout: &mut dyn Write) -> Result<()> {
        match self {
            Self::Stdout => Ok((exporter.write)(what, stdout)?),
            Self::Direct(file, path) => {
                let cannot = || format!("cannot write {}", path.display());
                let mut buffered = io::BufWriter::new(file);
                (exporter.write)(what, &mut buffered).with_context(cannot)?;
                buffered.flush().with_context(cannot)
            }
            Self::Replace(path, permissions) => {
                let cannot = || format!("cannot write {}", path.display());
                let mut file = temporary_in(folder_of(&path)).with_context(cannot)?;
                let mut buffered = io::BufWriter::new(file.as_file_mut());
                (exporter.write)(what, &mut buffered).with_context(cannot)?;
                buffered.flush().with_context(cannot)?;
                drop(buffered);
                if let Some(permissions) = permissions {
                    file.as_file().set_permissions(permissions).with_context(cannot)?;
                }
                file.persist(&path).map_err(|error| error.error).with_context(cannot)?;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CHARTS, EXPORTERS};

    fn parsed(text: &str) -> Result<(&'static str, Place), String> {
        Target::parse(text, EXPORTERS).map(|target| (target.exporter.name, target.place))
    }

    #[test]
    fn a_target_names_its_format_by_extension_or_prefix() {
        let file = |name: &str| Place::File(PathBuf::from(name));
        assert_eq!(parsed("run.json").unwrap(), ("json", file("run.json")));
        assert_eq!(parsed("dir.d/RUN.CSV").unwrap(), ("csv", file("dir.d/RUN.CSV")));
        assert_eq!(parsed("md:notes.txt").unwrap(), ("md", file("notes.txt")));
        assert_eq!(parsed("json:-").unwrap(), ("json", Place::Stdout));
        assert_eq!(parsed("a:b.json").unwrap(), ("json", file("a:b.json")));
        for wrong in ["run.yaml", "yaml:run", "run", "-", ""] {
            let error = parsed(wrong).unwrap_err();
            assert!(error.starts_with("no known format; known are json, csv, md"), "{wrong}: {error}");
        }
        assert_eq!(parsed("json:").unwrap_err(), "the file's name is missing after json:");
        assert!(Target::parse("out.json", CHARTS).unwrap_err().contains("known are svg, png"));
    }

    #[test]
    fn a_bad_place_fails_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let open = |text: String| {
            let target = Target::parse(&text, EXPORTERS).unwrap();
            Outputs::open(&[target]).err().map(|error| format!("{error:#}"))
        };
        let missing = open(format!("{}/no/run.json", folder.path().display())).unwrap();
        assert!(
            missing.starts_with("cannot write ") && missing.contains(": there is no folder "),
            "{missing}"
        );
        let is_folder = open(format!("json:{}", folder.path().display())).unwrap();
        assert!(is_folder.ends_with("it is a folder; name a file in it"), "{is_folder}");
        assert_eq!(open(format!("{}/run.json", folder.path().display())), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "an opened output leaves nothing");
    }

    #[test]
    #[cfg(unix)]
    fn a_replaced_file_keeps_its_permissions_and_its_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("run.json"), folder.path().join("link.json"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        let target = |path: &Path| Target::parse(&path.display().to_string(), EXPORTERS).unwrap();
        let both = Outputs::open(&[target(&file), target(&link)]).err().unwrap().to_string();
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
        Outputs::open(&[target(&link)]).unwrap().write(&run, &mut Vec::new()).unwrap();
        assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn two_outputs_to_one_place_are_refused() {
        let target = || Target::parse("json:-", EXPORTERS).unwrap();
        let error = Outputs::open(&[target(), target()]).err().unwrap().to_string();
        assert_eq!(error, "two outputs go to stdout; give each its own");
    }
}
