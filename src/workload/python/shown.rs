//! What a run of a function executes, for people who are asked whether they want that.

use super::params::Params;
use crate::printable;
use crate::results::StoredPath;

impl Params {
    /// The interpreters, the function, and what else Python takes up: `python3 work.py:double
    /// --items range(4)`.
    pub(super) fn command(&self) -> String {
        let path = |path: &StoredPath| printable::path(path.as_path());
        let pythons: Vec<String> = self.pythons.iter().map(path).collect();
        let text = |flag: &str, text: Option<&String>| {
            let text = text.map(|text| printable::printable(text));
            text.map(|text| format!("{flag} {text}"))
        };
        let file = self.items_file.as_ref();

        let words = [
            Some(pythons.join(",")),
            Some(path(&self.function)),
            // Python evaluates it.
            text("--items", self.items.as_ref()),
            file.map(|file| format!("--items-file {}", path(file))),
            text("--args", self.args.as_ref()),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
