//! Whole numbers as people type them: `10_000_000`, `200k`, `1.5M`, `2e9`. Exact, without floating
//! point.

/// The number that `text` means; `None` when it is not a whole number below 2^64.
pub(super) fn whole_number(text: &str) -> Option<u64> {
    let plain = text.replace('_', "");
    let (number, exponent) = split_exponent(&plain)?;

    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_decimal = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || number.ends_with('.') || !is_decimal(whole) || !is_decimal(fraction) {
        return None;
    }

    // 1.5M is 15 with five zeros appended: one of the six stands for the decimal that is gone.
    let fraction = fraction.trim_end_matches('0');
    let zeros = exponent.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits: u64 = format!("{whole}{fraction}").parse().ok()?;
    if digits == 0 {
        return Some(0);
    }

    digits.checked_mul(10_u64.checked_pow(zeros)?)
}

/// `text` without its suffix, and the power of ten that the suffix stands for.
fn split_exponent(text: &str) -> Option<(&str, u32)> {
    if let Some((number, exponent)) = text.split_once(['e', 'E']) {
        let digits = exponent.strip_prefix('+').unwrap_or(exponent);
        let is_plain = digits.starts_with(|first: char| first.is_ascii_digit());

        return Some((number, digits.parse().ok().filter(|_| is_plain)?));
    }

    // Not `m`, which means a thousandth or minutes.
    let suffixes = [('k', 3), ('K', 3), ('M', 6), ('G', 9), ('T', 12)];
    let split = suffixes
        .iter()
        .find_map(|&(suffix, exponent)| Some((text.strip_suffix(suffix)?, exponent)));

    Some(split.unwrap_or((text, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_exact() {
        for (text, number) in [
            ("0", 0),
            ("007", 7),
            ("200k", 200_000),
            ("200K", 200_000),
            ("5M", 5_000_000),
            ("1.5M", 1_500_000),
            ("2G", 2_000_000_000),
            ("1T", 1_000_000_000_000),
            ("1e6", 1_000_000),
            ("1E+6", 1_000_000),
            ("1.25e2", 125),
            ("10.0", 10),
            ("0e99", 0),
            ("10_000_000", 10_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(whole_number(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_whole_number_is_none() {
        for text in [
            "",
            "k",
            "e6",
            ".5M",
            "1.",
            "1.5",
            "1.25e1",
            "-1",
            "+1",
            "1e-2",
            "1e",
            "1e6k",
            "1m",
            "1 k",
            "0x10",
            "NaN",
            "1e20",
            "18446744073709551616",
            "99999999999T",
            "1e99999999999",
            "\u{661}",
        ] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}
