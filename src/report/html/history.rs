//! The page of a history: what changed and when, a chart of all runs, the levels that each figure
//! had.

use maud::html;

use super::page::Page;
use super::section::Section;
use super::verdicts::outcome_headline;
use super::words::{class, sentence};
use crate::history::Account;
use crate::report::chart::inline_history;
use crate::report::figures::{history_levels, history_verdicts};
use crate::report::words::history::remarks;
use crate::report::words::history_names::{machine, subject};

/// The whole document.
pub fn history_page(account: &Account) -> std::io::Result<String> {
    let outcome = account.outcome();
    let headline = outcome_headline(outcome).to_owned();
    let machines = account.machines[..account.judged_machines].iter();

    let page = Page {
        title: format!("{headline} - history - parbench"),
        headline,
        tone: outcome.into(),
        facts: machines.map(machine).collect(),
        sections: vec![
            verdicts(account),
            Section::new("chart", "Every run").with_chart(inline_history(account, "runs")?),
            Section::new("levels", "Levels")
                .with_table("The levels of each figure", &history_levels(account)),
        ],
    };
    Ok(page.document())
}

fn verdicts(account: &Account) -> Section {
    Section::new("verdicts", "What changed")
        .with_paragraph(&subject(account))
        .with(html! {
            ul.notes {
                @for remark in remarks(account) {
                    li .(class(remark.tone)) {
                        strong { (remark.label) ":" } " " (sentence(&remark.text))
                    }
                }
            }
        })
        .with_table("The verdict on each figure", &history_verdicts(account))
}
