//! How often the check is wrong: the rates at each tolerance, and what follows.

use std::fmt::Write as _;

use super::arrangement::arranged;
use super::options::Layout;
use super::text::wrapped;
use crate::report::figures::{Block, Cell, Column, Row, Table};
use crate::report::tone::Tone;
use crate::results::{AtTolerance, Noise, Rate};

/// The rates as a table, what they show, and how many checks would show more.
#[must_use]
pub fn noise(noise: &Noise, layout: Layout) -> String {
    format!(
        "{}\n\n{}\n",
        arranged(&table(noise), layout),
        conclusion(noise, layout)
    )
}

fn table(noise: &Noise) -> Table {
    let rate = |heading: String| Column::numbers(heading).with("[95 % interval]");
    let slowdowns = noise.rates.first().map(|rates| &rates.misses);
    let misses = slowdowns.into_iter().flatten();
    let misses = misses.map(|(slowdown, _)| rate(format!("{} missed", change(*slowdown))));
    let tolerance = Column::words("tolerance").labelling();
    let alarms = rate("false alarms".to_owned());

    let row = |rates: &AtTolerance| {
        let tolerance = format!("{:.0} %", rates.tolerance * 100.0);
        let misses = rates.misses.iter().map(|(_, rate)| cell(rate));
        Row {
            cells: [Cell::new(&tolerance), cell(&rates.false_alarms)]
                .into_iter()
                .chain(misses)
                .collect(),
            label: tolerance,
        }
    };
    let block = Block {
        name: String::new(),
        about: String::new(),
        rows: noise.rates.iter().map(row).collect(),
    };
    let columns = [tolerance, alarms].into_iter().chain(misses);
    Table::new("", columns.collect(), vec![block])
}

/// `3 of 200 [0.3, 4.3] %`, and no digit that the eye would have to skip.
fn cell(rate: &Rate) -> Cell {
    let interval = format!("[{}, {}] %", percent(rate.low), percent(rate.high));

    Cell::new(&hits(rate)).with(&interval)
}

fn hits(rate: &Rate) -> String {
    format!("{} of {}", rate.hits, rate.trials)
}

fn percent(share: f64) -> String {
    let digits = usize::from(share < 0.1);

    format!("{:.digits$}", share * 100.0)
}

/// An injected slow-down as it was asked for: `+10 %`, `+0.4 %`.
fn change(factor: f64) -> String {
    let percent = ((factor - 1.0) * 1e4).round() / 100.0;

    format!("+{percent} %")
}

fn conclusion(noise: &Noise, layout: Layout) -> String {
    let Some(best) = noise.best() else {
        return String::new();
    };
    let (label, tone) = match noise.supported_tolerance {
        Some(_) => ("supported", Tone::Good),
        None => ("shown", Tone::Doubtful),
    };
    let evidence = wrapped(label, tone, &evidence(best), layout);
    let lacking = lacking(best).join("; ");

    if lacking.is_empty() {
        evidence
    } else {
        format!(
            "{evidence}\n{}",
            wrapped("lacking", Tone::Doubtful, &lacking, layout)
        )
    }
}

/// What the checks show at a tolerance, and how far it may be from the truth.
fn evidence(rates: &AtTolerance) -> String {
    let end = |rate: &Rate| format!("at most {} %", percent(rate.high));

    let mut text = format!(
        "with a tolerance of {:.0} % checks of this plan had {} false alarms; {} with 95 % confidence",
        rates.tolerance * 100.0,
        hits(&rates.false_alarms),
        end(&rates.false_alarms)
    );
    for (slowdown, rate) in &rates.misses {
        let _ = write!(
            text,
            "; they missed {} slow-downs of {}, {}",
            hits(rate),
            change(*slowdown),
            end(rate)
        );
    }

    text
}

/// How many checks would show what a gate should be able to show, where these do not.
fn lacking(rates: &AtTolerance) -> Vec<String> {
    let mut lacking = Vec::new();

    let bound = Noise::ACCEPTED_FALSE_ALARMS;
    if rates.false_alarms.high > bound {
        lacking.push(format!(
            "to show at most {:.0} % false alarms takes {}",
            bound * 100.0,
            checks_needed(&rates.false_alarms, bound, "alarm")
        ));
    }

    let bound = Noise::ACCEPTED_MISSES;
    for (slowdown, rate) in rates.misses.iter().filter(|(_, rate)| rate.high > bound) {
        lacking.push(format!(
            "at most {:.0} % of {} missed takes {}",
            bound * 100.0,
            change(*slowdown),
            checks_needed(rate, bound, "miss")
        ));
    }

    lacking
}

/// `368 checks without an alarm`, or `without a further` one where there was one.
fn checks_needed(rate: &Rate, bound: f64, hit: &str) -> String {
    let checks = match rate.trials_needed(bound) {
        Some(checks) => format!("{checks} checks"),
        None => "more than a million checks".to_owned(),
    };
    let article = match (rate.hits, hit) {
        (0, "alarm") => "an",
        (0, _) => "a",
        _ => "a further",
    };

    format!("{checks} without {article} {hit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::text::columns;
    use crate::results::{Check, machines};

    #[test]
    fn a_slow_down_is_named_as_it_was_asked_for() {
        let names = [1.004, 1.1, 1.2, 2.5, 1.0725].map(change);
        assert_eq!(names, ["+0.4 %", "+10 %", "+20 %", "+150 %", "+7.25 %"]);
    }

    fn rates(alarms: usize, nulls: usize, slowdowns: &[f64]) -> Noise {
        let check = |slowdown: f64, regresses_below| Check {
            slowdown,
            regresses_below,
            because: None,
        };
        let mut checks = vec![check(1.0, 0.0); nulls];
        checks[..alarms].fill(check(1.0, 0.3));
        for &slowdown in slowdowns.iter().filter(|slowdown| **slowdown > 1.0) {
            checks.extend(vec![check(slowdown, 0.06); nulls]);
        }
        let (version, started_at) = (String::new(), String::new());
        Noise::of(version, started_at, machines::quiet(), slowdowns, checks)
    }

    fn text(alarms: usize, nulls: usize, slowdowns: &[f64]) -> String {
        noise(&rates(alarms, nulls, slowdowns), Layout::PLAIN)
    }

    #[test]
    fn no_alarm_in_twenty_checks_is_no_proof() {
        insta::assert_snapshot!(text(0, 20, &[1.0, 1.1]), @"
                   false alarms         +10 % missed
        tolerance  [95 % interval]      [95 % interval]
        ----------------------------------------------------
        2 %        0 of 20 [0.0, 17] %   0 of 20 [0.0, 17] %
        3 %        0 of 20 [0.0, 17] %   0 of 20 [0.0, 17] %
        5 %        0 of 20 [0.0, 17] %   0 of 20 [0.0, 17] %
        7 %        0 of 20 [0.0, 17] %  20 of 20 [83, 100] %
        10 %       0 of 20 [0.0, 17] %  20 of 20 [83, 100] %
        15 %       0 of 20 [0.0, 17] %  20 of 20 [83, 100] %
        20 %       0 of 20 [0.0, 17] %  20 of 20 [83, 100] %

        shown: with a tolerance of 2 % checks of this plan had 0 of 20 false alarms; at
               most 17 % with 95 % confidence; they missed 0 of 20 slow-downs of +10 %,
               at most 17 %
        lacking: to show at most 1 % false alarms takes 368 checks without an alarm; at
                 most 5 % of +10 % missed takes 72 checks without a miss
        ");
    }

    #[test]
    fn slow_downs_that_were_not_injected_are_not_spoken_of() {
        insta::assert_snapshot!(text(0, 400, &[1.0]), @"
                   false alarms
        tolerance  [95 % interval]
        --------------------------------
        2 %        0 of 400 [0.0, 0.9] %
        3 %        0 of 400 [0.0, 0.9] %
        5 %        0 of 400 [0.0, 0.9] %
        7 %        0 of 400 [0.0, 0.9] %
        10 %       0 of 400 [0.0, 0.9] %
        15 %       0 of 400 [0.0, 0.9] %
        20 %       0 of 400 [0.0, 0.9] %

        supported: with a tolerance of 2 % checks of this plan had 0 of 400 false
            alarms; at most 0.9 % with 95 % confidence
        ");
        insta::assert_snapshot!(text(1, 2, &[1.0]), @"
                   false alarms
        tolerance  [95 % interval]
        -----------------------------
        2 %        1 of 2 [1.3, 99] %
        3 %        1 of 2 [1.3, 99] %
        5 %        1 of 2 [1.3, 99] %
        7 %        1 of 2 [1.3, 99] %
        10 %       1 of 2 [1.3, 99] %
        15 %       1 of 2 [1.3, 99] %
        20 %       1 of 2 [1.3, 99] %

        shown: with a tolerance of 2 % checks of this plan had 1 of 2 false alarms; at
               most 99 % with 95 % confidence
        lacking: to show at most 1 % false alarms takes 555 checks without a further
                 alarm
        ");
    }

    #[test]
    fn every_width_holds_the_rates() {
        for width in 30..=200 {
            let layout = Layout {
                width,
                ..Layout::PLAIN
            };
            let text = noise(&rates(1, 20, &[1.0, 1.1, 1.2]), layout);
            assert!(text.lines().all(|line| columns(line) <= width), "{text}");
            let words: Vec<&str> = text.split_whitespace().collect();
            assert!(words.join(" ").contains("1 of 20"), "{text}");
        }
    }
}
