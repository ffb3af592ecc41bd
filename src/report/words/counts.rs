//! Numbers of workers in a sentence.

use super::listed::listed;

/// Each of `numbers`, which stand ascending: `2, 4 and 8`; three and more in a row as `2 to 12`.
pub(super) fn counts(numbers: &[usize]) -> String {
    let rows = numbers.chunk_by(|left, right| left + 1 == *right);
    let texts: Vec<String> = rows
        .flat_map(|row| match row {
            [first, .., last] if row.len() > 2 => vec![format!("{first} to {last}")],
            _ => row.iter().map(ToString::to_string).collect(),
        })
        .collect();

    listed(&texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_are_named_by_their_ends() {
        assert_eq!(counts(&[]), "");
        assert_eq!(counts(&[4]), "4");
        assert_eq!(counts(&[1, 2]), "1 and 2");
        assert_eq!(counts(&[2, 4, 8]), "2, 4 and 8");
        assert_eq!(counts(&[2, 3, 4, 5]), "2 to 5");
        assert_eq!(counts(&[1, 3, 4, 5, 8, 9]), "1, 3 to 5, 8 and 9");
    }
}
