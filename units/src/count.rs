//! A number of things as sentences hold it: `2 workers`.

/// `1 worker`, `2 workers`; for a `thing` whose plural ends in `s`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
