//! Text from outside (names of files, messages of other programs, stored runs) made fit to be
//! shown. Such text is stored unchanged; code that writes it for people or for other programs makes
//! it printable first, so that no name can move a cursor, change a colour or pretend to be another
//! line.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// Whether `character` does something instead of being seen: controls, ends of lines and
/// paragraphs, marks that reverse the order of reading, and characters that XML cannot write.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
        )
}

/// `text` on one line, with every unprintable character as an escape such as `\n` or `\u{1b}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unprintable) {
        Cow::Owned(escaped(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// The name of `path`; bytes that are not UTF-8 become escapes such as `\xff`.
#[must_use]
pub fn path(path: &Path) -> String {
    let mut name = String::new();

    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(&printable(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(name, "\\x{byte:02x}");
        }
    }

    name
}

/// What the first of `bytes` say of a text's encoding where it is not plain UTF-8, behind its name.
#[must_use]
pub fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    // Four bytes are looked at first: the mark of UTF-32 begins with that of UTF-16.
    match bytes {
        [0xff, 0xfe, 0, 0, ..]
        | [0, 0, 0xfe, 0xff, ..]
        | [1..=0xff, 0, 0, 0, ..]
        | [0, 0, 0, 1..=0xff, ..] => Some("is UTF-32 text"),
        [0xef, 0xbb, 0xbf, ..] => Some("begins with a byte order mark (BOM)"),
        [0xff, 0xfe, ..]
        | [0xfe, 0xff, ..]
        | [1..=0xff, 0, 1..=0xff, ..]
        | [0, 1..=0xff, 0, ..] => Some("is UTF-16 text, as PowerShell's `>` writes it"),
        _ => None,
    }
}

/// `word` as a shell would have to read it to get the same, printable.
#[must_use]
pub fn shell_word(word: &Path) -> String {
    let text = path(word);

    shlex::try_quote(&text).map_or_else(|_| text.clone(), Cow::into_owned)
}

/// A message of another program as one line: its lines joined, each of them printable.
#[must_use]
pub fn line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());

    lines.map(printable).collect::<Vec<_>>().join("; ")
}

/// JSON `text` that means the same, with every unprintable character inside its strings as
/// `\u001b`.
///
/// Outside of strings, the only such characters in JSON are line ends and tabs, which stay.
#[must_use]
pub fn json(text: String) -> String {
    let needs_escape =
        |character: char| is_unprintable(character) && !matches!(character, '\n' | '\t' | '\r');
    if !text.contains(needs_escape) {
        return text;
    }

    let mut escaped = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if needs_escape(character) {
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }

    escaped
}

/// `text` with every unprintable character as an escape.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);

    for character in text.chars() {
        if is_unprintable(character) {
            // As in a Rust literal, where a character that reverses the order of reading has no
            // short form.
            match character {
                '\n' | '\r' | '\t' => escaped.extend(character.escape_default()),
                other => escaped.extend(other.escape_unicode()),
            }
        } else {
            escaped.push(character);
        }
    }

    escaped
}

/// `message` of a parser without the names of Rust's types, which mean nothing to those who edit a
/// file.
#[must_use]
pub fn without_types(message: &str) -> String {
    const TYPES: [(&str, &str); 4] = [
        ("expected f64", "expected a number"),
        ("expected u64", "expected a whole number"),
        ("expected u32", "expected a whole number"),
        ("expected usize", "expected a whole number"),
    ];
    let plain = TYPES
        .iter()
        .fold(message.to_owned(), |plain, (name, words)| {
            plain.replace(name, words)
        });

    match plain.split_once("expected struct ") {
        Some((before, named)) => {
            let name = named.split(' ').next().unwrap_or_default();
            format!("{before}expected an object{}", &named[name.len()..])
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_known_by_their_first_bytes() {
        let what = |bytes: &[u8]| other_encoding(bytes).unwrap_or("is UTF-8").to_owned();
        let wide = |width: usize, is_big: bool| {
            let letters = "{\"a\": 1}".bytes().flat_map(|letter| {
                let mut wide = vec![0; width];
                wide[if is_big { width - 1 } else { 0 }] = letter;
                wide
            });
            letters.collect::<Vec<u8>>()
        };

        for is_big in [true, false] {
            assert!(what(&wide(2, is_big)).starts_with("is UTF-16"));
            assert_eq!(what(&wide(4, is_big)), "is UTF-32 text");
        }
        for (mark, name) in [
            (
                &b"\xff\xfe{\0"[..],
                "is UTF-16 text, as PowerShell's `>` writes it",
            ),
            (
                b"\xfe\xff\0{",
                "is UTF-16 text, as PowerShell's `>` writes it",
            ),
            (b"\xff\xfe\0\0{\0\0\0", "is UTF-32 text"),
            (b"\0\0\xfe\xff\0\0\0{", "is UTF-32 text"),
            (b"\xef\xbb\xbf{}", "begins with a byte order mark (BOM)"),
            (b"{}", "is UTF-8"),
            (b"", "is UTF-8"),
            (b"\0\0\0\0", "is UTF-8"),
        ] {
            assert_eq!(what(mark), name, "{mark:?}");
        }
    }

    #[test]
    fn a_word_is_shown_as_it_could_be_typed() {
        let shell_text = |word: &str| shell_word(Path::new(word));

        assert_eq!(
            (shell_text("-j"), shell_text("a b")),
            ("-j".to_owned(), "'a b'".to_owned())
        );
        assert_eq!(
            (shell_text("x'y"), shell_text("")),
            ("\"x'y\"".to_owned(), "''".to_owned())
        );
        assert!(!shell_text("\u{1b}[31m").contains(is_unprintable));
    }

    #[test]
    fn unprintable_characters_become_escapes_and_all_else_stays() {
        assert_eq!(
            printable("a\tb\r\n\u{1b}[31m\u{7f}\u{9b}\0"),
            "a\\tb\\r\\n\\u{1b}[31m\\u{7f}\\u{9b}\\u{0}"
        );
        assert_eq!(
            printable("left \u{202e}right\u{2069}\u{2028}"),
            "left \\u{202e}right\\u{2069}\\u{2028}"
        );

        let harmless = "Bjørn's \"photo\" (1) \\ 🦀 日本 é.jpg";
        assert!(matches!(printable(harmless), Cow::Borrowed(text) if text == harmless));
        assert_eq!(
            printable(&printable("a\nb")),
            "a\\nb",
            "printable text stays unchanged"
        );
    }

    #[test]
    #[cfg(unix)]
    fn bytes_that_are_not_utf_8_become_escapes() {
        use std::os::unix::ffi::OsStrExt;

        let name = std::ffi::OsStr::from_bytes(b"caf\xe9/\x1bx\xff");
        assert_eq!(path(Path::new(name)), "caf\\xe9/\\u{1b}x\\xff");
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let nasty: String = (0..=0x9f)
            .filter_map(char::from_u32)
            .chain(['\u{202e}', '\u{ffff}', '🦀'])
            .collect();
        let text = serde_json::to_string_pretty(&[&nasty]).unwrap();

        let text = json(text);
        assert!(
            !text.contains(|c: char| is_unprintable(c) && c != '\n'),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<[String; 1]>(&text).unwrap(), [nasty]);
    }

    #[test]
    fn a_message_of_several_lines_is_one_line() {
        assert_eq!(line("\n first\n\n  second\u{7}\n"), "first; second\\u{7}");
    }

    #[test]
    fn a_parser_is_quoted_without_names_of_types() {
        for (message, plain) in [
            (
                "invalid type: null, expected f64",
                "invalid type: null, expected a number",
            ),
            (
                "invalid value: integer `-5`, expected usize at column 9",
                "invalid value: integer `-5`, expected a whole number at column 9",
            ),
            (
                "invalid type: null, expected struct Record at column 4",
                "invalid type: null, expected an object at column 4",
            ),
            (
                "invalid type: map, expected struct Machine",
                "invalid type: map, expected an object",
            ),
            ("missing field `arms`", "missing field `arms`"),
        ] {
            assert_eq!(without_types(message), plain);
        }
    }
}
