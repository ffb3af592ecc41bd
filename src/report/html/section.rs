//! A part of a page below a heading.

use maud::{Markup, PreEscaped, html};

use super::tables;
use super::words::{sentence, shown};
use crate::report::figures::Table;

/// A part of a page. It is filled from top to bottom.
pub(in crate::report) struct Section {
    /// What links to it say behind `#`; also what begins the ids of what is in it.
    pub(super) id: String,
    /// Its heading.
    pub(super) title: String,
    pub(super) body: Vec<Markup>,
}

impl Section {
    /// An empty one.
    pub(in crate::report) fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            body: Vec::new(),
        }
    }

    /// The same with this at its end.
    pub(super) fn with(mut self, markup: Markup) -> Self {
        self.body.push(markup);
        self
    }

    /// The same with a paragraph. What is no text that can be seen is written as an escape.
    pub(in crate::report) fn with_paragraph(self, text: &str) -> Self {
        self.with(html! { p { (shown(text)) } })
    }

    /// The same with a list of sentences, which have no full stop; nothing where there is none.
    pub(in crate::report) fn with_sentences(self, sentences: &[String]) -> Self {
        if sentences.is_empty() {
            return self;
        }

        self.with(list(sentences))
    }

    /// The same with sentences for readers who ask for them, behind `summary`.
    pub(super) fn with_details(self, summary: &str, sentences: &[String]) -> Self {
        if sentences.is_empty() {
            return self;
        }

        self.with(html! {
            details {
                summary { (summary) }
                (list(sentences))
            }
        })
    }

    /// The same with a chart, an SVG element that is as wide as it has to be to be read.
    pub(in crate::report) fn with_chart(self, svg: String) -> Self {
        let name = format!("Chart {} of {}", self.body.len() + 1, shown(&self.title));

        self.with(html! {
            div.chart.scroll role="group" tabindex="0" aria-label=(name) { (PreEscaped(svg)) }
        })
    }

    /// The same with a table below `caption`.
    pub(in crate::report) fn with_table(self, caption: &str, table: &Table) -> Self {
        let id = format!("{}-table-{}", self.id, self.body.len() + 1);

        self.with(tables::table(&id, caption, table))
    }
}

fn list(sentences: &[String]) -> Markup {
    html! {
        ul.sentences {
            @for text in sentences { li { (sentence(text)) } }
        }
    }
}
