//! Ordinal numbers in English.

/// `a second`, `an 8th`.
pub(super) fn one_more(number: usize) -> String {
    let ordinal = ordinal(number);
    let is_spoken_with_a_vowel = matches!(number, 11 | 18) || ordinal.starts_with('8');
    let article = if is_spoken_with_a_vowel { "an" } else { "a" };

    format!("{article} {ordinal}")
}

/// `second`, `third`, `24th`.
pub(in crate::report) fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };

    match number {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        4 => "fourth".to_owned(),
        5 => "fifth".to_owned(),
        number => format!("{number}{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_have_their_article() {
        let words = [2, 7, 8, 11, 17, 18, 81].map(one_more);

        assert_eq!(
            words,
            [
                "a second", "a 7th", "an 8th", "an 11th", "a 17th", "an 18th", "an 81st"
            ]
        );
    }

    #[test]
    fn ordinals_are_english() {
        let words = [2, 3, 4, 6, 11, 12, 21, 22, 23, 103, 113].map(ordinal);

        assert_eq!(
            words,
            [
                "second", "third", "fourth", "6th", "11th", "12th", "21st", "22nd", "23rd",
                "103rd", "113th"
            ]
        );
    }
}
