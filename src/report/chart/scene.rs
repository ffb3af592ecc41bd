//! A drawing as rectangles and texts in units of its own, and how it gets onto one of plotters'
//! backends. It knows nothing of runs. Upright and level lines are thin rectangles, which have no
//! half-covered pixels at their edges.

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

use super::error::ChartError;
use super::font::Font;

/// What an SVG viewer looks for, in this order.
const FAMILY: &str = "Open Sans, Segoe UI, Helvetica, Arial, sans-serif";
/// Plotters' SVG backend divides a size by this to get the em that it writes.
const SVG_SIZE_PER_EM: f64 = 1.24;
/// That backend centres a text by half an x-height, which is 1096 / 2048 of Open Sans's em.
const SVG_BASELINE_IN_EM: f64 = 0.5 * 1096.0 / 2048.0;
/// The page.
pub(super) const WHITE: RGBColor = RGBColor(255, 255, 255);

/// What is drawn, in the order of drawing.
pub(super) enum Shape {
    Rect(Rect),
    Text(Text),
    Curve(Curve),
}

/// A line from point to point.
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) width: f64,
    pub(super) colour: RGBColor,
}

/// A filled rectangle.
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) fill: RGBColor,
}

/// A line of text; `x` is where its anchor stands, `size` its em.
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) baseline: f64,
    pub(super) anchor: HPos,
    pub(super) size: f64,
    pub(super) colour: RGBColor,
    pub(super) words: String,
}

/// A whole drawing on white, and its words for those who cannot see it.
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) shapes: Vec<Shape>,
}

/// Where a scene goes: an SVG's viewer draws the text, a bitmap's text is drawn here.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Svg,
    /// With this number of pixels per unit, and the font for the text.
    Bitmap(u32, &'a Font),
}

impl Scene {
    /// The size in pixels, with `scale` of them per unit.
    pub(super) fn size(&self, scale: u32) -> (u32, u32) {
        let side = |units: f64| pixel(units * f64::from(scale)).unsigned_abs();

        (side(self.width), side(self.height))
    }

    /// Puts everything onto `backend`.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        mut backend: B,
        target: Target<'_>,
    ) -> Result<(), ChartError> {
        let white = Rect {
            left: 0.0,
            top: 0.0,
            right: self.width,
            bottom: self.height,
            fill: WHITE,
        };

        white.draw(&mut backend, target)?;
        for shape in &self.shapes {
            match shape {
                Shape::Rect(rect) => rect.draw(&mut backend, target)?,
                Shape::Text(text) => text.draw(&mut backend, target)?,
                Shape::Curve(curve) => curve.draw(&mut backend, target)?,
            }
        }

        backend
            .present()
            .map_err(|error| ChartError::Draw(error.to_string()))
    }
}

impl Target<'_> {
    fn scale(self) -> f64 {
        match self {
            Self::Svg => 1.0,
            Self::Bitmap(scale, _) => f64::from(scale),
        }
    }
}

impl Rect {
    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        target: Target<'_>,
    ) -> Result<(), ChartError> {
        let at = |x: f64, y: f64| (pixel(x * target.scale()), pixel(y * target.scale()));
        let (left, top) = at(self.left, self.top);
        let (right, bottom) = at(self.right, self.bottom);

        backend
            .draw_rect((left, top), (right, bottom), &self.fill, true)
            .map_err(|error| ChartError::Draw(error.to_string()))
    }
}

impl Curve {
    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        target: Target<'_>,
    ) -> Result<(), ChartError> {
        let scale = target.scale();
        let points: Vec<_> = self
            .points
            .iter()
            .map(|&(x, y)| (pixel(x * scale), pixel(y * scale)))
            .collect();
        let style = self
            .colour
            .stroke_width(pixel(self.width * scale).unsigned_abs());

        backend
            .draw_path(points, &style)
            .map_err(|error| ChartError::Draw(error.to_string()))
    }
}

impl Text {
    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        target: Target<'_>,
    ) -> Result<(), ChartError> {
        match target {
            Target::Svg => self.name(backend),
            Target::Bitmap(scale, font) => self.paint(backend, f64::from(scale), font),
        }
    }

    /// Writes the text as text.
    fn name<B: DrawingBackend>(&self, backend: &mut B) -> Result<(), ChartError> {
        let size = self.size * SVG_SIZE_PER_EM;
        let font = FontDesc::new(FontFamily::from(FAMILY), size, FontStyle::Normal);
        let style = TextStyle::from(font)
            .color(&self.colour)
            .pos(Pos::new(self.anchor, VPos::Center));
        let at = (
            pixel(self.x),
            pixel(self.baseline - self.size * SVG_BASELINE_IN_EM),
        );

        backend
            .draw_text(&self.words, &style, at)
            .map_err(|error| ChartError::Draw(error.to_string()))
    }

    /// Paints the text's pixels.
    fn paint<B: DrawingBackend>(
        &self,
        backend: &mut B,
        scale: f64,
        font: &Font,
    ) -> Result<(), ChartError> {
        let size = self.size * scale;
        let before = match self.anchor {
            HPos::Left => 0.0,
            HPos::Center => font.width(&self.words, size) / 2.0,
            HPos::Right => font.width(&self.words, size),
        };
        let (left, baseline) = (pixel(self.x * scale - before), pixel(self.baseline * scale));
        let (width, height) = backend.get_size();
        let mut drawn = Ok(());

        font.ink(&self.words, size, |x, y, cover| {
            let at = (left + x, baseline + y);
            let inside = (0..width.cast_signed()).contains(&at.0)
                && (0..height.cast_signed()).contains(&at.1);
            if inside && drawn.is_ok() {
                drawn =
                    backend.draw_pixel(at, self.colour.mix(f64::from(cover)).to_backend_color());
            }
        });

        drawn.map_err(|error| ChartError::Draw(error.to_string()))
    }
}

/// The nearest whole pixel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a drawing is some thousand pixels wide; `as` saturates"
)]
fn pixel(value: f64) -> i32 {
    value.round() as i32
}
