//! Why there is no chart.

/// What kept a chart from being drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChartError {
    /// The font that the program carries cannot be used: the program itself is damaged.
    #[error("the chart's embedded font cannot be read")]
    Font,
    /// The drawing failed.
    #[error("the chart cannot be drawn: {0}")]
    Draw(String),
    /// The picture could not be encoded.
    #[error("the chart cannot be encoded as PNG")]
    Encode(#[from] png::EncodingError),
}
