//! The run as a chart, in SVG and PNG. One drawing serves both: `drawing` turns the run into a
//! scene of rectangles and texts, `scene` puts a scene on a backend. The only home of plotters,
//! `ab_glyph` and png.

mod axis;
mod changes;
mod drawing;
mod efficiency;
mod error;
mod font;
mod group;
mod layout;
mod page;
mod plot;
mod png;
mod scene;
mod svg;

use super::export::Exporter;

/// Every format for charts.
pub static CHARTS: &[Exporter] = &[svg::EXPORTER, png::EXPORTER];
