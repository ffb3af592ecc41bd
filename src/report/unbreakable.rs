//! Which words of a sentence stand on one line: a number and its unit, an interval, a name and its
//! number.

/// What follows a name with its number, and no number of things: `pool 2 is`.
const BEHIND_A_NAME: [&str; 5] = ["is", "are", "and", "may", "reserves"];

/// The parts of `line` that are never broken over two lines.
pub(super) fn unbreakable(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut parts: Vec<String> = Vec::new();

    for (place, word) in words.iter().enumerate() {
        match parts.last_mut() {
            Some(last) if belongs_to_previous(&words, place) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => parts.push((*word).to_owned()),
        }
    }

    parts
}

fn belongs_to_previous(words: &[&str], place: usize) -> bool {
    let Some(before) = place.checked_sub(1) else {
        return false;
    };
    let (previous, word) = (words[before], words[place]);

    if previous.ends_with(']') {
        is_number(previous) && word.starts_with('%')
    } else {
        begins_interval(previous)
            || is_of_a_name(words, place)
            || is_number(previous) && !is_of_a_name(words, before)
    }
}

/// Whether `word` is a number alone, with a sign or brackets: `104`, `+1.5`, `±45`, `0.97]`.
fn is_number(word: &str) -> bool {
    let digits = word
        .trim_start_matches(['[', '(', '+', '-', '±', '~', '>'])
        .trim_end_matches(']');

    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Whether the word at `place` is the number of the name before it, and not of what follows:
/// `pool 2,`, or `pool 2 [0.91, 1.11]`.
fn is_of_a_name(words: &[&str], place: usize) -> bool {
    let Some(name) = place.checked_sub(1).map(|before| words[before]) else {
        return false;
    };
    let digits = words[place].trim_end_matches([',', ';', ':', '?']);
    let is_name = name
        .trim_start_matches('(')
        .chars()
        .all(|c| c.is_alphabetic() || c == '-');
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());

    let ends_here = digits.len() < words[place].len();
    let stands_alone = words
        .get(place + 1)
        .is_none_or(|next| next.starts_with(['[', '(']) || BEHIND_A_NAME.contains(next));
    is_name && is_whole && (ends_here || stands_alone)
}

/// Whether an interval begins with `word`: `[0.97,`.
fn begins_interval(word: &str) -> bool {
    word.starts_with('[') && word.strip_suffix(',').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_with_its_unit() {
        assert_eq!(
            unbreakable("between [-1.2, +3] % of 5 workers)"),
            ["between", "[-1.2, +3] %", "of", "5 workers)"]
        );
        assert_eq!(
            unbreakable("adds 6 % [3, 10] for"),
            ["adds", "6 %", "[3, 10]", "for"]
        );
    }

    #[test]
    fn a_name_goes_with_its_number() {
        assert_eq!(
            unbreakable("fib pool 2, pi pool 12: slow"),
            ["fib", "pool 2,", "pi", "pool 12:", "slow"]
        );
        assert_eq!(
            unbreakable("as process 2 [0.91, 1.11], vs-pool 4 is not"),
            ["as", "process 2", "[0.91, 1.11],", "vs-pool 4", "is", "not"]
        );
        assert_eq!(
            unbreakable("2.18 s on pool 2 (one round) as on process 2"),
            [
                "2.18 s",
                "on",
                "pool 2",
                "(one",
                "round)",
                "as",
                "on",
                "process 2"
            ]
        );
    }
}
