//! What a reader came for: whether it pays, by how much and with how many workers, as a headline,
//! as cards, and in sentences.

use maud::{Markup, html};

use super::section::Section;
use super::words::{class, sentence, shown};
use crate::analysis::Verdict;
use crate::report::findings::{Finding, Kind, Subject, conclusions};
use crate::report::tone::Tone;
use crate::report::words::listed::listed;
use crate::report::words::ratio::ratio;
use crate::report::words::run::grade;
use crate::results::{Outcome, Pair, Run};

/// Names beyond this number are counted instead.
const MOST_NAMES: usize = 3;

/// What is found of one series of arms.
struct Card<'a> {
    finding: &'a Finding,
    answer: Option<Answer>,
}

/// A speed-up in figures and in a word.
struct Answer {
    figure: String,
    word: String,
    standing: Standing,
}

impl Answer {
    /// The same where the plain loop is recommended all the same: what an arm gains is not worth
    /// it.
    fn of_the_loop(self) -> Self {
        let standing = match self.standing {
            Standing::Pays => Standing::HardlyPays,
            other => other,
        };

        Self { standing, ..self }
    }
}

/// What the headline says of a series.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Pays,
    HardlyPays,
    DoesNotPay,
    Open,
}

/// The headline, and how it is to be taken.
pub(super) fn headline(run: &Run, findings: &[Finding]) -> (String, Tone) {
    if let Some(comparison) = &run.comparison {
        let outcome = comparison.outcome();
        return (outcome_headline(outcome).to_owned(), outcome.into());
    }

    let cards = cards(run, findings);
    let answers: Vec<(&str, Standing)> = cards
        .iter()
        .filter_map(|card| {
            let answer = card.answer.as_ref()?;
            Some((card.finding.name.as_str(), answer.standing))
        })
        .collect();
    if !answers.is_empty() {
        return standings(&answers);
    }

    if run.task_costs().is_empty() {
        ("Nothing was measured".to_owned(), Tone::Neutral)
    } else {
        ("What a task costs here".to_owned(), Tone::Neutral)
    }
}

/// What a comparison says first.
pub(super) fn outcome_headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "It did not get worse",
        Outcome::Inconclusive => "Cannot tell whether it got worse",
        Outcome::Regressed => "It got worse",
    }
}

/// `Going parallel pays for fib and pi, does not pay for image`.
fn standings(answers: &[(&str, Standing)]) -> (String, Tone) {
    let kinds = [
        (Standing::Pays, "pays"),
        (Standing::HardlyPays, "hardly pays"),
        (Standing::DoesNotPay, "does not pay"),
        (Standing::Open, "unclear"),
    ];
    let all = answers.len();
    let named = |(standing, words): (Standing, &'static str)| {
        let names = answers.iter().filter(|(_, other)| *other == standing);
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();

        (!names.is_empty()).then_some((words, names))
    };
    let clauses = kinds.into_iter().filter_map(named).enumerate();
    let clause = |(place, (words, names)): (usize, (&str, Vec<&str>))| match names.len() {
        _ if all <= MOST_NAMES => format!("{words} for {}", listed(&names)),
        number if number == all => format!("{words} in all {all} cases"),
        number if place == 0 => format!("{words} in {number} of {all} cases"),
        number => format!("{words} in {number}"),
    };
    let clauses: Vec<String> = clauses.map(clause).collect();

    let has = |wanted: Standing| answers.iter().any(|(_, standing)| *standing == wanted);
    let is_all = |wanted: Standing| answers.iter().all(|(_, standing)| *standing == wanted);
    let tone = if is_all(Standing::Pays) {
        Tone::Good
    } else if is_all(Standing::DoesNotPay) {
        Tone::Bad
    } else if has(Standing::Pays) {
        Tone::Neutral
    } else {
        Tone::Doubtful
    };
    let words = clauses.join(", ");
    let headline = match words.strip_prefix("unclear ") {
        Some(place) => format!("Unclear whether going parallel pays {place}"),
        None => format!("Going parallel {words}"),
    };
    (headline, tone)
}

/// The cards, and what else follows from the figures.
pub(super) fn section(run: &Run, findings: &[Finding]) -> Section {
    let cards = cards(run, findings);
    let is_card = |finding: &Finding| cards.iter().any(|card| std::ptr::eq(card.finding, finding));
    let sentences: Vec<String> = conclusions(findings, false)
        .filter(|finding| !is_card(finding))
        .map(Finding::sentence)
        .collect();

    Section::new("verdicts", "Verdicts")
        .with(notes(findings, true))
        .with(html! {
            div.cards {
                @for card in &cards { (card.markup()) }
            }
        })
        .with_sentences(&sentences)
        .with(notes(findings, false))
}

fn cards<'a>(run: &Run, findings: &'a [Finding]) -> Vec<Card<'a>> {
    let is_card = |finding: &&Finding| {
        matches!(finding.kind, Kind::Recommendation | Kind::Verdict)
            && matches!(
                finding.subject,
                Subject::Series { .. } | Subject::Arm { .. }
            )
    };
    let of_costs = findings
        .iter()
        .filter(|finding| finding.kind == Kind::Advice);

    conclusions(findings, false)
        .filter(is_card)
        .chain(of_costs)
        .map(|finding| Card {
            finding,
            answer: answer(run, finding),
        })
        .collect()
}

/// The figures of the arm that `finding` is about.
fn answer(run: &Run, finding: &Finding) -> Option<Answer> {
    match finding.subject {
        Subject::Arm { measurement, arm } => {
            let measurement = &run.measurements[measurement];
            let pair = measurement.pairs().find(|pair| pair.index == arm)?;
            of_pair(pair)
        }
        Subject::Series { measurement, arm } => {
            let all = run.measurements[measurement].series();
            let series = all.iter().find(|series| series.pairs[0].index == arm)?;
            let recommended = series.recommendation()?;

            if let Some(step) = recommended.open_step.filter(|_| recommended.is_open) {
                return of_pair(series.pair_at(step.to)?);
            }
            match series.pair_at(recommended.arm) {
                Some(pair) => of_pair(pair),
                // The plain loop: what the best of the others brings is hardly anything.
                None => of_pair(fastest(&series.pairs)?).map(Answer::of_the_loop),
            }
        }
        _ => None,
    }
}

fn fastest<'a>(pairs: &[Pair<'a>]) -> Option<Pair<'a>> {
    let speedups = pairs
        .iter()
        .filter_map(|&pair| Some((pair, pair.summary()?.speedup)));

    let best = speedups.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(best.0)
}

fn of_pair(pair: Pair<'_>) -> Option<Answer> {
    let summary = pair.summary()?;
    let standing = match summary.verdict {
        Verdict::Pays => Standing::Pays,
        Verdict::HardlyPays => Standing::HardlyPays,
        Verdict::DoesNotPay => Standing::DoesNotPay,
        Verdict::NotResolved => Standing::Open,
    };

    Some(Answer {
        figure: ratio(summary.speedup),
        word: format!("{} on {}", grade(pair, &summary), pair.arm().label()),
        standing,
    })
}

impl Card<'_> {
    fn markup(&self) -> Markup {
        html! {
            article.card .(class(self.finding.tone)) {
                h3 { (shown(&self.finding.name)) }
                @if let Some(Answer { figure, word, .. }) = &self.answer {
                    p.answer { strong.figure { (figure) } " " span.word { (shown(word)) } }
                }
                p { (sentence(&self.finding.text)) }
            }
        }
    }
}

/// What must be known before the figures are believed: the warnings, or the other notes and
/// problems.
pub(super) fn notes(findings: &[Finding], are_warnings: bool) -> Markup {
    let labelled = |finding: &Finding| match finding.kind {
        Kind::Problem if are_warnings => Some("Problem"),
        Kind::Shape if are_warnings => Some("Measured"),
        kind if kind.is_warning() && are_warnings => Some("Warning"),
        kind if kind.is_note() && !kind.is_warning() && !are_warnings => Some("Note"),
        _ => None,
    };
    let notes: Vec<(&str, &Finding)> = findings
        .iter()
        .filter_map(|finding| Some((labelled(finding)?, finding)))
        .collect();

    html! {
        @if !notes.is_empty() {
            ul.notes {
                @for (label, finding) in &notes {
                    li .(class(finding.tone)) {
                        strong { (label) ":" } " " (sentence(&finding.sentence()))
                    }
                }
            }
        }
    }
}
