//! Words with placeholders, as GNU parallel has them, and what they become for a task. Everything
//! else in braces is kept, and what stands in for a placeholder is never looked at again.

use std::ffi::{OsStr, OsString};

use super::bytes::{bytes_of, os_string};

/// Placeholders for an input, longest first, so that none is taken for the beginning of another.
const OF_INPUTS: [(&str, Part); 4] = [
    ("{/.}", Part::Stem),
    ("{//}", Part::Folder),
    ("{.}", Part::WithoutExtension),
    ("{/}", Part::Name),
];
/// Those for the task itself.
const OF_TASK: [(&str, Piece); 3] = [
    ("{#}", Piece::Number),
    ("{%}", Piece::Slot),
    ("{workers}", Piece::Workers),
];

/// What of an input stands in for a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `{}`: all of it.
    Whole,
    /// `{.}`: without its extension.
    WithoutExtension,
    /// `{/}`: without its folder.
    Name,
    /// `{//}`: its folder, or `.`.
    Folder,
    /// `{/.}`: without its folder and its extension.
    Stem,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Vec<u8>),
    Input(Part),
    /// `{#}`: the number of the task, from 1.
    Number,
    /// `{%}`: the number of its slot, from 1: no two tasks at once have the same.
    Slot,
    /// `{workers}`: how many workers the program may start.
    Workers,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

/// What placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    /// The inputs of the task.
    pub(super) inputs: &'a [OsString],
    /// The number of the task, from 1.
    pub(super) number: usize,
    /// The number of its slot, from 1.
    pub(super) slot: usize,
    /// How many workers its program may start.
    pub(super) workers: usize,
}

impl Template {
    /// The template of `word`, in which `whole` is called for all of an input: `{}` unless it was
    /// given another name.
    pub(super) fn new(word: &OsStr, whole: &str) -> Self {
        Self::with(word, |text| placeholder(text, whole))
    }

    fn with(word: &OsStr, placeholder: impl Fn(&[u8]) -> Option<(usize, Piece)>) -> Self {
        let mut rest = &bytes_of(word)[..];
        let (mut pieces, mut literal) = (Vec::new(), Vec::<u8>::new());

        while let Some(&first) = rest.first() {
            // A shell's `${#}` and `${workers}` are its own.
            let is_of_shell = literal.last() == Some(&b'$');
            let marker =
                placeholder(rest).filter(|(_, piece)| !(is_of_shell && piece.is_of_task()));
            if let Some((length, piece)) = marker {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(piece);
                rest = &rest[length..];
            } else {
                literal.push(first);
                rest = &rest[1..];
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }

    /// `word`, in which only the numbers of the task and of its slot are looked for: an input never
    /// becomes a part of a shell's program.
    pub(super) fn of_task(word: &OsStr) -> Self {
        Self::with(word, placeholder_of_task)
    }

    /// `word` as it is.
    pub(super) fn literal(word: &str) -> Self {
        Self(vec![Piece::Literal(word.as_bytes().to_vec())])
    }

    /// A word that is all of an input.
    pub(super) fn input() -> Self {
        Self(vec![Piece::Input(Part::Whole)])
    }

    /// Whether an input stands in it.
    pub(super) fn takes_inputs(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Input(_)))
    }

    /// Whether the number of the task or of its slot stands in it.
    pub(super) fn takes_numbers(&self) -> bool {
        let is_number = |piece: &Piece| matches!(piece, Piece::Number | Piece::Slot);

        self.0.iter().any(is_number)
    }

    /// Whether the number of the task's slot stands in it.
    pub(super) fn takes_slots(&self) -> bool {
        self.0.contains(&Piece::Slot)
    }

    /// The first placeholder for an input, as it is written where all of an input is `whole`.
    pub(super) fn input_placeholder<'a>(&self, whole: &'a str) -> Option<&'a str> {
        let part = self.0.iter().find_map(|piece| match piece {
            Piece::Input(part) => Some(part),
            _ => None,
        })?;
        let written = OF_INPUTS.iter().find(|(_, other)| other == part);

        Some(written.map_or(whole, |(text, _)| text))
    }

    /// Whether a number of workers stands in it.
    pub(super) fn takes_workers(&self) -> bool {
        self.0.contains(&Piece::Workers)
    }

    /// Whether nothing stands in it.
    pub(super) fn is_literal(&self) -> bool {
        self.0
            .iter()
            .all(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// The word for a task; where an input stands in it, one word for each input.
    pub(super) fn words(&self, values: Values<'_>) -> Vec<OsString> {
        if self.takes_inputs() {
            let inputs = values.inputs.iter();
            inputs.map(|input| self.word(input, values)).collect()
        } else {
            vec![self.word(OsStr::new(""), values)]
        }
    }

    fn word(&self, input: &OsStr, values: Values<'_>) -> OsString {
        let mut word = Vec::new();

        for piece in &self.0 {
            match piece {
                Piece::Literal(bytes) => word.extend_from_slice(bytes),
                Piece::Input(part) => word.extend_from_slice(part.of(&bytes_of(input))),
                Piece::Number => word.extend_from_slice(values.number.to_string().as_bytes()),
                Piece::Slot => word.extend_from_slice(values.slot.to_string().as_bytes()),
                Piece::Workers => word.extend_from_slice(values.workers.to_string().as_bytes()),
            }
        }
        os_string(word)
    }
}

/// The placeholder at the beginning of `text`, and how long it is.
fn placeholder(text: &[u8], whole: &str) -> Option<(usize, Piece)> {
    if !whole.is_empty() && text.starts_with(whole.as_bytes()) {
        return Some((whole.len(), Piece::Input(Part::Whole)));
    }

    OF_INPUTS
        .iter()
        .find(|(name, _)| text.starts_with(name.as_bytes()))
        .map(|&(name, part)| (name.len(), Piece::Input(part)))
        .or_else(|| placeholder_of_task(text))
}

/// The same of those that stand for no input.
fn placeholder_of_task(text: &[u8]) -> Option<(usize, Piece)> {
    OF_TASK
        .iter()
        .find(|(name, _)| text.starts_with(name.as_bytes()))
        .map(|(name, piece)| (name.len(), piece.clone()))
}

impl Piece {
    /// Whether it stands for no part of an input.
    fn is_of_task(&self) -> bool {
        matches!(self, Self::Number | Self::Slot | Self::Workers)
    }
}

impl Part {
    fn of(self, input: &[u8]) -> &[u8] {
        let name_at = input
            .iter()
            .rposition(|&byte| byte == b'/')
            .map_or(0, |at| at + 1);
        let name = &input[name_at..];
        // A dot at the beginning hides a file; it has no extension for that.
        let dot_at = name
            .iter()
            .rposition(|&byte| byte == b'.')
            .filter(|&at| at > 0);
        let end = dot_at.map_or(input.len(), |at| name_at + at);

        match self {
            Self::Whole => input,
            Self::WithoutExtension => &input[..end],
            Self::Name => name,
            Self::Stem => &input[name_at..end],
            Self::Folder => match name_at {
                0 => b".",
                1 => b"/",
                _ => &input[..name_at - 1],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(word: &str, inputs: &[&str]) -> Vec<String> {
        let inputs: Vec<OsString> = inputs.iter().map(OsString::from).collect();
        let values = Values {
            inputs: &inputs,
            number: 7,
            slot: 2,
            workers: 3,
        };
        let words = Template::new(OsStr::new(word), "{}").words(values);
        words
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect()
    }

    #[test]
    fn placeholders_are_those_of_gnu_parallel() {
        // From the table of replacement strings in GNU parallel's tutorial.
        for (word, expected) in [
            ("{}", "sum/A.B.txt"),
            ("{.}", "sum/A.B"),
            ("{/}", "A.B.txt"),
            ("{//}", "sum"),
            ("{/.}", "A.B"),
            ("{#}", "7"),
            ("{%}", "2"),
            ("-T{workers}", "-T3"),
            ("out-{#}/{/.}.png", "out-7/A.B.png"),
        ] {
            assert_eq!(words(word, &["sum/A.B.txt"]), [expected], "{word}");
        }
    }

    #[test]
    fn other_braces_are_kept_and_inputs_are_not_looked_into() {
        assert_eq!(words("{print $1}", &["x"]), ["{print $1}"]);
        assert_eq!(words("a{{}}", &["x"]), ["a{x}"]);
        assert_eq!(words("{}", &["{#} {.}"]), ["{#} {.}"]);
        assert_eq!(words("", &["x"]), [""]);
    }

    #[test]
    fn names_without_folders_or_extensions_are_what_they_are() {
        assert_eq!(words("{//}", &["a"]), ["."]);
        assert_eq!(words("{//}", &["/a"]), ["/"]);
        assert_eq!(words("{.}", &["a.b/c"]), ["a.b/c"]);
        assert_eq!(words("{/.}", &["x/.bashrc"]), [".bashrc"]);
        assert_eq!(words("{/}", &["x/"]), [""]);
    }

    #[test]
    fn several_inputs_become_several_words() {
        assert_eq!(words("{}", &["a", "b"]), ["a", "b"]);
        assert_eq!(words("-i{.}", &["a.c", "b.c"]), ["-ia", "-ib"]);
        assert_eq!(words("{#}", &["a", "b"]), ["7"]);
    }

    #[test]
    fn all_of_an_input_may_have_another_name() {
        let values = Values {
            inputs: &[OsString::from("x.c")],
            number: 1,
            slot: 1,
            workers: 3,
        };
        let template = Template::new(OsStr::new("{} FILE {.}"), "FILE");
        assert_eq!(template.words(values), ["{} x.c x"]);
    }

    #[test]
    fn an_input_is_no_part_of_a_program_of_a_shell() {
        let values = Values {
            inputs: &[OsString::from("$(rm x)")],
            number: 3,
            slot: 1,
            workers: 3,
        };
        let template = Template::of_task(OsStr::new("echo {} {.} {#} {%}"));
        assert_eq!(template.words(values), ["echo {} {.} 3 1"]);
    }

    #[test]
    fn what_a_shell_has_in_braces_is_its_own() {
        for kept in ["${#}", "${#name} ${%}", "echo ${workers}"] {
            assert_eq!(words(kept, &["x"]), [kept]);
            let template = Template::of_task(OsStr::new(kept));
            assert!(template.is_literal() && !template.takes_workers(), "{kept}");
        }
        assert_eq!(words("$ {#}", &["x"]), ["$ 7"]);
        assert_eq!(words("${}", &["x"]), ["$x"]);
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_kept() {
        use std::os::unix::ffi::OsStringExt;

        let input = OsString::from_vec(b"caf\xe9.txt".to_vec());
        let values = Values {
            inputs: std::slice::from_ref(&input),
            number: 1,
            slot: 1,
            workers: 3,
        };
        let words = Template::new(OsStr::new("{.}"), "{}").words(values);
        assert_eq!(words, [OsString::from_vec(b"caf\xe9".to_vec())]);
    }
}
