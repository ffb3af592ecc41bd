//! What `--export` and `--chart` ask for: a format and the place that it is written to.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder_of;
use crate::printable;
use crate::report::Exporter;

/// As many links in a row as Linux follows.
const MOST_LINKS: usize = 40;

/// A format and the place it is written to.
#[derive(Clone)]
pub struct Target {
    pub(super) exporter: &'static Exporter,
    pub(super) place: Place,
}

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Stdout,
    File(PathBuf),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:?}", self.exporter.name, self.place)
    }
}

impl Target {
    /// Reads `FILE`, whose extension names one of `formats`, or `FORMAT:FILE`; the file `-` is
    /// stdout.
    ///
    /// A word before a colon must be a format: `jnit:check.xml` is a misspelt one. A file of such a
    /// name is written `./jnit:check.xml`.
    pub fn parse(text: &OsStr, formats: &[&'static Exporter]) -> Result<Self, String> {
        if let Some((prefix, file)) = prefixed(text) {
            let exporter = formats.iter().find(|format| format.name == prefix);
            let exporter = exporter.ok_or_else(|| unknown_format(&prefix, text, formats))?;

            return Self::of(exporter, &file);
        }
        if text == "-" {
            let examples: Vec<String> = formats
                .iter()
                .map(|format| format!("{}:-", format.name))
                .collect();

            return Err(format!(
                "stdout needs a format: write {}",
                examples.join(" or ")
            ));
        }

        let extension = Path::new(text)
            .extension()
            .and_then(OsStr::to_str)
            .unwrap_or_default();
        match formats
            .iter()
            .find(|format| format.extension.eq_ignore_ascii_case(extension))
        {
            Some(exporter) => Self::of(exporter, text),
            None => Err(no_format(formats)),
        }
    }

    /// `exporter`'s format, into the file at `path`.
    #[must_use]
    pub fn file(exporter: &'static Exporter, path: &Path) -> Self {
        Self {
            exporter,
            place: Place::File(path.to_owned()),
        }
    }

    /// The same as `parse` for a file that holds `exporter`'s format whatever its extension.
    pub fn parse_any_file(text: &OsStr, exporter: &'static Exporter) -> Result<Self, String> {
        match prefixed(text) {
            Some(_) => Self::parse(text, &[exporter]),
            None => Self::of(exporter, text),
        }
    }

    /// `exporter`'s format, in the same place.
    #[must_use]
    pub fn of_format(self, exporter: &'static Exporter) -> Self {
        Self { exporter, ..self }
    }

    /// Whether it is stdout.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        self.place == Place::Stdout
    }

    /// The place as messages name it.
    #[must_use]
    pub fn name(&self) -> String {
        self.place.name()
    }

    fn of(exporter: &'static Exporter, file: &OsStr) -> Result<Self, String> {
        let place = match file.as_encoded_bytes() {
            b"" => {
                return Err(format!(
                    "the file's name is missing after {}:",
                    exporter.name
                ));
            }
            b"-" => Place::Stdout,
            _ => Place::File(PathBuf::from(file)),
        };

        Ok(Self { exporter, place })
    }
}

impl Place {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdout => "stdout".to_owned(),
            Self::File(path) => printable::path(path),
        }
    }

    /// The same place by its absolute name, so that two names of one file are seen to be one. A
    /// link stays a link: what it points to is meant.
    pub(super) fn resolved(&self) -> Self {
        let Self::File(path) = self else {
            return Self::Stdout;
        };

        Self::File(match fs::canonicalize(path) {
            Ok(resolved) => resolved,
            Err(_) => new_file(&end_of_links(path)),
        })
    }
}

/// What the links at `path` lead to, although nothing is there yet. Of a circle of links, one of them.
fn end_of_links(path: &Path) -> PathBuf {
    let mut end = path.to_owned();

    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&end) else { break };
        end = folder_of(&end).join(next);
    }
    end
}

/// The absolute name of a file that is not there yet, if its folder is.
fn new_file(path: &Path) -> PathBuf {
    let folder = fs::canonicalize(folder_of(path)).ok();
    let named = folder.zip(path.file_name());

    named.map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
}

/// The word before the first colon and what stands behind it, if `text` begins with a word and a
/// colon.
fn prefixed(text: &OsStr) -> Option<(String, std::ffi::OsString)> {
    let bytes = text.as_encoded_bytes();
    let colon = bytes.iter().position(|&byte| byte == b':')?;
    let prefix = std::str::from_utf8(&bytes[..colon]).ok()?;
    let is_word = !prefix.is_empty()
        && prefix
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    // `C:\run.json` is a path there.
    let is_drive = cfg!(windows) && prefix.len() == 1;

    (is_word && !is_drive).then(|| (prefix.to_owned(), behind(text, colon + 1)))
}

/// `text` from byte `start` on, where a character begins.
#[cfg(unix)]
fn behind(text: &OsStr, start: usize) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStrExt;

    OsStr::from_bytes(&text.as_bytes()[start..]).to_owned()
}

/// `text` from byte `start` on, where a character begins.
#[cfg(not(unix))]
fn behind(text: &OsStr, start: usize) -> std::ffi::OsString {
    text.to_string_lossy()[start..].into()
}

fn no_format(formats: &[&Exporter]) -> String {
    let example = formats.first().map_or("", |format| format.name);

    format!(
        "no known format; known are {}: end the file's name in {} or write {example}:FILE",
        names(formats),
        extensions(formats)
    )
}

fn unknown_format(prefix: &str, text: &OsStr, formats: &[&Exporter]) -> String {
    let near = formats
        .iter()
        .find(|format| is_misspelt(prefix, format.name));
    let hint = near.map_or_else(
        || format!("known are {}", names(formats)),
        |format| format!("did you mean {}?", format.name),
    );
    let file = printable::path(Path::new(text));

    format!("unknown format '{prefix}': {hint}; a file of this name is written ./{file}")
}

fn names(formats: &[&Exporter]) -> String {
    formats
        .iter()
        .map(|format| format.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Each extension once: `.json, .csv or .md`.
fn extensions(formats: &[&Exporter]) -> String {
    let mut extensions: Vec<String> = Vec::new();
    for format in formats {
        let extension = format!(".{}", format.extension);
        if !extensions.contains(&extension) {
            extensions.push(extension);
        }
    }

    match extensions.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => extensions.concat(),
    }
}

/// Whether `typed` is `name` but for a slip or two.
#[must_use]
pub fn is_misspelt(typed: &str, name: &str) -> bool {
    let slips = strsim::damerau_levenshtein(&typed.to_lowercase(), name);

    slips <= (name.chars().count() / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CHARTS, EXPORTERS, STORED};

    fn target(text: &OsStr) -> Result<Target, String> {
        let exporters: Vec<_> = EXPORTERS.iter().collect();
        Target::parse(text, &exporters)
    }

    fn parsed(text: &str) -> Result<(&'static str, Place), String> {
        target(OsStr::new(text)).map(|target| (target.exporter.name, target.place))
    }

    fn file(name: &str) -> Place {
        Place::File(PathBuf::from(name))
    }

    #[test]
    fn a_target_names_its_format_by_extension_or_prefix() {
        assert_eq!(parsed("run.json").unwrap(), ("json", file("run.json")));
        assert_eq!(
            parsed("dir.d/RUN.CSV").unwrap(),
            ("csv", file("dir.d/RUN.CSV"))
        );
        assert_eq!(parsed("check.xml").unwrap(), ("junit", file("check.xml")));
        assert_eq!(parsed("md:notes.txt").unwrap(), ("md", file("notes.txt")));
        assert_eq!(parsed("md:a:b.txt").unwrap(), ("md", file("a:b.txt")));
        assert_eq!(parsed("json:-").unwrap(), ("json", Place::Stdout));
        assert_eq!(parsed("./a:b.json").unwrap(), ("json", file("./a:b.json")));
        assert_eq!(
            parsed("dir/a:b.json").unwrap(),
            ("json", file("dir/a:b.json"))
        );
    }

    #[test]
    fn what_names_no_format_lists_the_known_ones() {
        for wrong in ["run.yaml", "run", "", "xml", ".json"] {
            let error = parsed(wrong).unwrap_err();
            assert!(
                error.starts_with("no known format; known are json, csv, md"),
                "{wrong}: {error}"
            );
            assert!(
                error.contains("end the file's name in .json, .csv, .md, .html or .xml"),
                "{error}"
            );
        }
        assert_eq!(
            parsed("json:").unwrap_err(),
            "the file's name is missing after json:"
        );
        assert!(
            parsed("-")
                .unwrap_err()
                .starts_with("stdout needs a format: write json:- or csv:-")
        );
        let charts: Vec<_> = CHARTS.iter().collect();
        let chart = Target::parse(OsStr::new("out.json"), &charts).unwrap_err();
        assert!(chart.contains("known are svg, png"), "{chart}");

        let noise = Target::parse(OsStr::new("n.csv"), &[&STORED]).unwrap_err();
        assert_eq!(
            noise,
            "no known format; known are json: end the file's name in .json or write json:FILE"
        );
    }

    #[test]
    fn a_file_of_one_format_may_have_any_extension_and_no_unknown_prefix() {
        let parsed = |text: &str| {
            let target = Target::parse_any_file(OsStr::new(text), &STORED)?;
            Ok::<Place, String>(target.place)
        };

        assert_eq!(parsed("t.trace").unwrap(), file("t.trace"));
        assert_eq!(parsed("json:t").unwrap(), file("t"));
        assert_eq!(parsed("./jsn:t").unwrap(), file("./jsn:t"));
        assert_eq!(parsed("-").unwrap(), Place::Stdout);
        assert!(parsed("jsn:t").unwrap_err().contains("did you mean json?"));
        assert!(parsed("").unwrap_err().contains("name is missing"));
    }

    #[test]
    fn a_misspelt_format_is_no_file() {
        let error = parsed("jnit:check.xml").unwrap_err();
        assert_eq!(
            error,
            "unknown format 'jnit': did you mean junit?; a file of this name is written ./jnit:check.xml"
        );
        assert!(
            parsed("hyperfin:typo.json")
                .unwrap_err()
                .contains("did you mean hyperfine?")
        );
        assert!(parsed("JSON:x").unwrap_err().contains("did you mean json?"));
        assert!(
            parsed("foo:out.xml")
                .unwrap_err()
                .contains("known are json, csv, md, html, hyperfine")
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_name_that_is_not_utf_8_is_a_name() {
        use std::os::unix::ffi::OsStrExt;
        let target = |bytes: &[u8]| target(OsStr::from_bytes(bytes)).unwrap();
        let name = OsStr::from_bytes(b"caf\xe9.json");
        assert_eq!(
            target(b"caf\xe9.json").place,
            Place::File(PathBuf::from(name))
        );
        assert_eq!(
            target(b"md:caf\xe9.json").place,
            Place::File(PathBuf::from(name))
        );
        assert_eq!(target(b"md:caf\xe9.json").exporter.name, "md");
        assert_eq!(target(b"caf\xe9:x.json").exporter.name, "json");
    }
}
