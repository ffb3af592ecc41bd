//! The colours of charts, each with a shade for light pages and one for dark ones.

/// A colour by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    /// What an SVG calls it.
    pub(super) class: &'static str,
    pub(super) light: Rgb,
    pub(super) dark: Rgb,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) [u8; 3]);

pub(super) const PAGE: Paint = paint("page", [255, 255, 255], [20, 24, 29]);
pub(super) const INK: Paint = paint("ink", [34, 34, 34], [232, 234, 237]);
pub(super) const QUIET: Paint = paint("quiet", [91, 95, 99], [165, 171, 178]);
pub(super) const GRID: Paint = paint("grid", [226, 228, 230], [45, 51, 58]);
/// What is an axis or a mark on it.
pub(super) const RULE: Paint = paint("rule", [140, 144, 148], [118, 125, 133]);
pub(super) const WARNING: Paint = paint("warning", [168, 52, 0], [255, 138, 76]);
/// The changes that are tolerated, and behind them the noise of a run.
pub(super) const TOLERATED: Paint = paint("tolerated", [214, 229, 220], [38, 62, 52]);
pub(super) const NOISE: Paint = paint("noise", [236, 240, 238], [29, 39, 37]);
pub(super) const REFERENCE: Paint = paint("reference", [128, 132, 137], [134, 141, 149]);

/// Okabe and Ito's, which differ for every common kind of colour-blindness. Their blue is too dark
/// for dark pages and makes room for their sky blue.
pub(super) const BLUE: Paint = paint("blue", [0, 114, 178], [86, 180, 233]);
pub(super) const ORANGE: Paint = paint("orange", [230, 159, 0], [230, 159, 0]);
pub(super) const GREEN: Paint = paint("green", [0, 158, 115], [0, 178, 130]);
pub(super) const PURPLE: Paint = paint("purple", [204, 121, 167], [204, 121, 167]);
pub(super) const VERMILION: Paint = paint("vermilion", [213, 94, 0], [230, 110, 20]);

pub(super) const ENGINES: [Paint; 5] = [BLUE, ORANGE, GREEN, PURPLE, VERMILION];

/// Every colour.
pub(super) const ALL: [Paint; 14] = [
    PAGE, INK, QUIET, GRID, RULE, WARNING, TOLERATED, NOISE, REFERENCE, BLUE, ORANGE, GREEN,
    PURPLE, VERMILION,
];

const fn paint(class: &'static str, light: [u8; 3], dark: [u8; 3]) -> Paint {
    Paint {
        class,
        light: Rgb(light),
        dark: Rgb(dark),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Web Content Accessibility Guidelines ask for a contrast of 4.5 for text, and of 3 for
    /// what has to be seen.
    #[test]
    fn everything_can_be_told_from_the_page() {
        let luminance = |Rgb(channels): Rgb| {
            let linear = channels.map(|channel| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.040_45 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let contrast = |first: Rgb, second: Rgb| {
            let (first, second) = (luminance(first) + 0.05, luminance(second) + 0.05);
            first.max(second) / first.min(second)
        };

        for text in [INK, QUIET, WARNING] {
            assert!(contrast(text.light, PAGE.light) > 4.5, "{text:?}");
            assert!(contrast(text.dark, PAGE.dark) > 4.5, "{text:?}");
        }
        // Okabe and Ito's orange is as light as 2.2 on white: what has it has an outline or a name.
        for mark in ENGINES.into_iter().chain([RULE, REFERENCE]) {
            assert!(contrast(mark.light, PAGE.light) > 2.2, "{mark:?}");
            assert!(contrast(mark.dark, PAGE.dark) > 3.0, "{mark:?}");
        }
    }
}
