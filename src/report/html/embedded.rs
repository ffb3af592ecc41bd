//! The stored run inside its page: a reader of the page has all of its figures.

use maud::{PreEscaped, html};
use serde_json::Value;

use super::page::Page;
use super::section::Section;
use super::words::shown;
use crate::printable;
use crate::results::{Measurement, Run};
use crate::run_file::in_page;

/// What the file is called that the page offers.
pub(super) const FILE_NAME: &str = "run.json";
/// A page that is larger does without a second copy of the run, the one in the link. If that is not
/// enough, the run is packed.
const LARGEST: usize = 300_000;

/// How the page offers the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// By a link that holds the run once more, which works without a script.
    Data,
    /// By a link that the script makes of the embedded run.
    Script,
    /// The same of a run that is packed.
    Packed,
}

/// A run as it is embedded.
pub(super) struct Embedded {
    /// The element's id.
    id: String,
    file_name: String,
    /// What the program is called that reads it.
    program: String,
    json: String,
    packed: String,
    lacks_spans: bool,
}

impl Embedded {
    /// That of `run`. Its element has this `id`.
    pub(super) fn new(id: &str, file_name: &str, run: &Run) -> std::io::Result<Self> {
        let mut run = run.clone();
        let lacks_spans = leave_out_spans(&mut run.measurements);
        let mut value = serde_json::to_value(&run)?;
        leave_out_summaries(&mut value);
        let json = printable::json(value.to_string());
        let packed = in_page::packed(&format!("{json}\n"))?;

        Ok(Self {
            id: id.to_owned(),
            file_name: file_name.to_owned(),
            program: run.program().into_owned(),
            // No text of it ends the element, or begins a comment in it.
            json: json.replace('<', "\\u003c"),
            packed,
            lacks_spans,
        })
    }

    /// `section` with the run at its end.
    pub(super) fn added_to(&self, section: Section, link: Link) -> Section {
        let Self {
            id,
            file_name,
            program,
            json,
            packed,
            lacks_spans,
        } = self;
        let (kind, content) = match link {
            Link::Data | Link::Script => (in_page::PLAIN, json),
            Link::Packed => (in_page::PACKED, packed),
        };

        section.with(html! {
            p {
                @match link {
                    Link::Data => {
                        (PreEscaped(self.data_link())) "Save " (file_name) (PreEscaped("</a>"))
                    }
                    Link::Script | Link::Packed => {
                        a.download href={ "#" (id) } download=(file_name) data-run=(id) { "Save " (file_name) }
                    }
                }
                " – all parameters and rounds, from which " (shown(program)) " report derives every figure."
                @if *lacks_spans { " When each task ran is left out here." }
            }
            @if link != Link::Data {
                // The script takes this away. Not `noscript`: whether that is shown depends on why
                // there is no script.
                p.without-script {
                    "Saving takes a script, since this run is large. "
                    (shown(program)) " report reads the run from this page as well."
                }
            }
            script type=(kind) id=(id) { (PreEscaped(content)) }
        })
    }

    /// The start of a link whose address is the run. In an address of this kind quotes and braces
    /// stand for themselves, so it is hardly longer than the run.
    fn data_link(&self) -> String {
        let mut address = String::with_capacity(self.json.len() + self.json.len() / 8);
        for character in self.json.chars() {
            match character {
                '%' => address.push_str("%25"),
                '#' => address.push_str("%23"),
                '&' => address.push_str("&amp;"),
                '\'' => address.push_str("&#39;"),
                other => address.push(other),
            }
        }

        format!(
            "<a class=\"download\" download=\"{}\" href='data:application/json,{address}%0A'>",
            self.file_name
        )
    }
}

/// The document of `page` with these runs at its end, as small as it has to be.
pub(super) fn with_runs(mut page: Page, runs: &[Embedded]) -> String {
    let section = |link: Link| {
        runs.iter()
            .fold(Section::new("stored", "The stored run"), |section, run| {
                run.added_to(section, link)
            })
    };

    for link in [Link::Data, Link::Script] {
        page.sections.push(section(link));
        let document = page.document();
        if document.len() <= LARGEST {
            return document;
        }
        page.sections.pop();
    }

    page.sections.push(section(Link::Packed));
    page.document()
}

/// Takes out when each task ran, which may be many times as much as all else. Whether there was
/// any.
fn leave_out_spans(measurements: &mut [Measurement]) -> bool {
    let rounds = measurements
        .iter_mut()
        .flat_map(|measurement| &mut measurement.rounds);
    let mut has_any = false;

    for time in rounds.flat_map(|round| &mut round.times) {
        time.spans_left_out += time.spans.len();
        has_any |= !time.spans.is_empty();
        time.spans.clear();
    }
    has_any
}

/// Takes out what is derived from the rounds, and again whenever a run is written.
fn leave_out_summaries(run: &mut Value) {
    match run {
        Value::Object(fields) => {
            if fields.contains_key("rounds") && fields.contains_key("arms") {
                fields.shift_remove("summary");
            }
            for (name, field) in fields.iter_mut() {
                if ["measurements", "comparison", "further_passes"].contains(&name.as_str()) {
                    leave_out_summaries(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_summaries),
        _ => {}
    }
}
