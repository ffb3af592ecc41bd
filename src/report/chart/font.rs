//! The embedded font: how wide a text is, and its pixels. Plotters could draw text too, but it
//! drops each letter's side bearing and rounds its place to whole pixels, which shows. It knows
//! nothing of charts.

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};

use super::error::ChartError;

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
        let font = Font::embedded().unwrap().font;
        assert!(
            "0123456789.,:;x%-…µs()&<>\"'|"
                .chars()
                .all(|sign| font.glyph_id(sign).0 != 0)
        );
    }
}
