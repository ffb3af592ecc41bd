//! Text from outside on its way into a page. maud escapes what HTML would take for markup; here is
//! the rest.

use std::borrow::Cow;

use crate::printable::printable;
use crate::report::tone::Tone;

/// `text` without characters that do something instead of being seen.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    printable(text)
}

/// `text` as a sentence of its own, with a full stop.
pub(super) fn sentence(text: &str) -> String {
    format!("{}.", shown(text))
}

/// The class of what is to be taken in this tone. It only repeats what words say.
pub(super) fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
        Tone::Neutral => "neutral",
        Tone::Faint => "faint",
    }
}
