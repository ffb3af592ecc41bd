//! The frame of a page: its head with style and script, the headline, links to its sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::section::Section;
use super::words::shown;
use crate::report::chart::chart_style;
use crate::report::tone::Tone;

const STYLE: &str = include_str!("../../../assets/report.css");
const SCRIPT: &str = include_str!("../../../assets/report.js");

/// Nothing is fetched from anywhere, whatever a text contains.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      img-src data:; base-uri 'none'; form-action 'none'";

/// A page.
pub(in crate::report) struct Page {
    /// What a tab of the browser shows.
    pub(in crate::report) title: String,
    /// What a reader came for, large.
    pub(in crate::report) headline: String,
    /// How the headline is to be taken.
    pub(in crate::report) tone: Tone,
    /// What the page is about, in few words each: the program, the day, the machine.
    pub(in crate::report) facts: Vec<String>,
    /// In the order of reading.
    pub(in crate::report) sections: Vec<Section>,
}

impl Page {
    /// The document.
    pub(in crate::report) fn document(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                (self.head())
                body {
                    a.skip href="#main" { "Skip to the verdicts" }
                    (self.header())
                    main #main {
                        @for section in &self.sections { (written(section)) }
                    }
                    (footer())
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };

        page.into_string() + "\n"
    }

    fn head(&self) -> Markup {
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                meta name="generator" content="parbench";
                title { (shown(&self.title)) }
                // Without one, browsers ask the server for it.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) (PreEscaped(chart_style())) }
            }
        }
    }

    fn header(&self) -> Markup {
        html! {
            header {
                p.facts {
                    @for fact in &self.facts { span { (shown(fact)) } " " }
                }
                h1 .(super::words::class(self.tone)) { (shown(&self.headline)) }
                nav aria-label="Parts of this page" {
                    ul {
                        @for section in &self.sections {
                            li { a href={ "#" (section.id) } { (shown(&section.title)) } }
                        }
                    }
                }
            }
        }
    }
}

fn written(section: &Section) -> Markup {
    let heading = format!("{}-heading", section.id);

    html! {
        section id=(section.id) aria-labelledby=(heading) {
            h2 id=(heading) { (shown(&section.title)) }
            @for part in &section.body { (part) }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer {
            p { "Made by parbench. This file is complete: it asks no server for anything." }
        }
    }
}
