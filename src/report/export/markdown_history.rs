//! A history as GitHub-flavoured Markdown, for step summaries and pull requests.

use std::fmt::Write as _;

use super::markdown::{escaped, table};
use crate::history::Account;
use crate::report::figures::{history_levels, history_verdicts};
use crate::report::words::history::{remarks, whole};
use crate::report::words::history_names::subject;

/// The whole document.
#[must_use]
pub fn history_markdown(account: &Account) -> String {
    let mut text = format!(
        "# History: {}\n\n{}\n\n",
        whole(account),
        escaped(&subject(account))
    );
    for remark in remarks(account) {
        let _ = writeln!(text, "- **{}**: {}", remark.label, escaped(&remark.text));
    }

    let _ = write!(text, "\n{}", table(&history_verdicts(account)));
    let _ = write!(text, "\n## Levels\n\n{}", table(&history_levels(account)));
    text
}
