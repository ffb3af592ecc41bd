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

#[cfg(test)]
mod tests {
    use super::*;

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
}
