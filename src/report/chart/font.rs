//! The embedded font: how wide a text is, where it is cut to fit, and its pixels. It knows nothing
//! of charts.

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};

use super::ChartError;
use crate::report::unbreakable::unbreakable;

static BYTES: &[u8] = include_bytes!("../../../assets/OpenSans-Regular-Latin.ttf");

/// The font, parsed.
pub(super) struct Font {
    font: FontRef<'static>,
    /// Pixels of `ab_glyph`'s scale, which counts from ascent to descent, per pixel of em.
    scale_per_em: f32,
}

impl Font {
    /// The font that the program carries.
    pub(super) fn embedded() -> Result<Self, ChartError> {
        let font = FontRef::try_from_slice(BYTES).map_err(|_| ChartError::Font)?;
        let scale_per_em = font.height_unscaled() / font.units_per_em().ok_or(ChartError::Font)?;

        Ok(Self { font, scale_per_em })
    }

    /// The width of `text` at an em of `size`.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        let mut end = 0.0;
        self.walk(text, size, |_, _, after| end = after);

        f64::from(end)
    }

    /// Whether there is a shape for every letter of `text`.
    pub(super) fn has_all_of(&self, text: &str) -> bool {
        text.chars().all(|letter| self.font.glyph_id(letter).0 != 0)
    }

    /// Calls `dot` for each pixel that `text` covers, with its place from the baseline's left end
    /// and the share of it that is covered.
    pub(super) fn ink(&self, text: &str, size: f64, mut dot: impl FnMut(i32, i32, f32)) {
        let scale = self.scale(size);
        self.walk(text, size, |glyph, at, _| {
            let Some(outline) = self
                .font
                .outline_glyph(glyph.with_scale_and_position(scale, point(at, 0.0)))
            else {
                return;
            };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                dot(
                    whole(corner.x) + signed(x),
                    whole(corner.y) + signed(y),
                    cover,
                );
            });
        });
    }

    /// Calls `visit` for each glyph with where it begins and where the next one would.
    fn walk(&self, text: &str, size: f64, mut visit: impl FnMut(ab_glyph::GlyphId, f32, f32)) {
        let font = self.font.as_scaled(self.scale(size));
        let mut at = 0.0;
        let mut before = None;

        for glyph in text.chars().map(|character| font.glyph_id(character)) {
            at += before.map_or(0.0, |before| font.kern(before, glyph));
            let after = at + font.h_advance(glyph);
            visit(glyph, at, after);
            at = after;
            before = Some(glyph);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a letter's size is some tens of pixels"
    )]
    fn scale(&self, size: f64) -> PxScale {
        PxScale::from(size as f32 * self.scale_per_em)
    }
}

/// How much room texts need.
#[derive(Clone, Copy)]
pub(super) struct Ruler<'a> {
    font: &'a Font,
}

impl<'a> Ruler<'a> {
    /// Where Open Sans is missing, viewers take another font: `DejaVu` Sans is this much wider.
    const ALLOWANCE: f64 = 1.15;

    pub(super) fn new(font: &'a Font) -> Self {
        Self { font }
    }

    /// How wide `text` is, at the most.
    pub(super) fn width(self, text: &str, size: f64) -> f64 {
        // A letter that the font does not have may be as wide as it is high.
        let unknown = text
            .chars()
            .filter(|letter| self.font.font.glyph_id(*letter).0 == 0);

        self.font.width(text, size) * Self::ALLOWANCE + unknown.count() as f64 * size
    }

    /// The widest of `texts`.
    pub(super) fn widest(self, texts: impl Iterator<Item = impl AsRef<str>>, size: f64) -> f64 {
        texts
            .map(|text| self.width(text.as_ref(), size))
            .fold(0.0, f64::max)
    }

    /// `text`, cut so that it is at most `room` wide.
    pub(super) fn fitted(self, text: &str, size: f64, room: f64) -> String {
        let mut kept = text.to_owned();
        let mut fitted = text.to_owned();

        while self.width(&fitted, size) > room && kept.pop().is_some() {
            fitted = format!("{}…", kept.trim_end());
        }
        fitted
    }

    /// `text` in lines that are at most `room` wide.
    pub(super) fn wrapped(self, text: &str, size: f64, room: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();

        for word in unbreakable(text) {
            let longer = if line.is_empty() {
                word.clone()
            } else {
                format!("{line} {word}")
            };
            if self.width(&longer, size) <= room {
                line = longer;
                continue;
            }

            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if self.width(&line, size) > room && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }

        lines
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "ab_glyph's bounds are whole numbers in a float"
)]
fn whole(value: f32) -> i32 {
    value as i32
}

fn signed(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_grow_with_the_text_and_its_size() {
        let font = Font::embedded().unwrap();
        // This Open Sans's digits advance 1171 of 2048 units.
        assert!((font.width("00", 2048.0) - 2342.0).abs() < 1.0);
        assert!((font.width("10", 13.0) * 2.0 - font.width("10", 26.0)).abs() < 0.01);
        assert_eq!(font.width("", 13.0), 0.0);
    }

    #[test]
    fn a_digit_stands_on_the_baseline() {
        let font = Font::embedded().unwrap();
        let (mut top, mut bottom) = (i32::MAX, i32::MIN);
        font.ink("1", 100.0, |_, y, cover| {
            if cover > 0.5 {
                (top, bottom) = (top.min(y), bottom.max(y));
            }
        });
        assert_eq!((top, bottom), (-71, -1));
    }

    #[test]
    fn the_font_has_every_sign_that_the_reports_use() {
        let font = Font::embedded().unwrap();
        assert!(font.has_all_of("0123456789.,:;x%-…µs()[]<>&\"'|·±"));
        assert!(!font.has_all_of("Процессор"));
    }

    #[test]
    fn lines_fit_and_keep_numbers_with_their_units() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);
        let text = "use 2 workers, 1.95x as fast as serial [1.94, 1.98] for 1.02x the CPU time; \
                    12 add nothing that is certain (-1 % [-3, 0]): \
                    /a/very/long/path/that/has/no/place/to/break/and/goes/on/and/on.jpg is 1.23 s";

        for room in [60.0, 120.0, 200.0, 333.0, 1000.0] {
            let lines = ruler.wrapped(text, 13.0, room);
            assert!(
                lines.iter().all(|line| ruler.width(line, 13.0) <= room),
                "{lines:?}"
            );
            let joined: String = lines.concat().split(' ').collect();
            assert_eq!(joined, text.split(' ').collect::<String>());
            if room >= 120.0 {
                let split = |parts: [&str; 2]| {
                    let ends = |pair: &[String]| {
                        pair[0].ends_with(parts[0]) && pair[1].starts_with(parts[1])
                    };
                    lines.windows(2).any(ends)
                };
                assert!(
                    !split(["1.94,", "1.98]"]) && !split(["2", "workers"]),
                    "{lines:?}"
                );
                assert!(!split(["1.23", "s"]) && !split(["(-1", "%"]), "{lines:?}");
            }
        }
    }

    #[test]
    fn a_cut_text_says_that_it_was_cut() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);

        assert_eq!(ruler.fitted("short", 13.0, 100.0), "short");
        let cut = ruler.fitted("a text that is much too long", 13.0, 100.0);
        assert!(
            cut.ends_with('…') && ruler.width(&cut, 13.0) <= 100.0,
            "{cut}"
        );
    }
}
