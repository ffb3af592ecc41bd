//! Several names in a sentence.

/// `fib`, `fib and pi`, `fib, pi and image`; empty for no name.
pub(in crate::report) fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();

    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_follows_and() {
        assert_eq!(listed(&[""; 0]), "");
        assert_eq!(listed(&["fib"]), "fib");
        assert_eq!(listed(&["fib", "pi"]), "fib and pi");
        assert_eq!(listed(&["fib", "pi", "image"]), "fib, pi and image");
    }
}
