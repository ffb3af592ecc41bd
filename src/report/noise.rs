//! How often the check is wrong, as text of 80 columns: the rates at each tolerance, and what follows.

use anstyle::AnsiColor;

use super::text::{Paint, plain, wrapped};
use crate::results::{AtTolerance, Noise, Rate};

/// The rates as a table, and a sentence that names the tolerance this machine supports.
#[must_use]
pub fn noise(noise: &Noise, color: bool) -> String {
    let paint = Paint { color };
    format!("{}\n\n{}\n", table(noise, paint), conclusion(noise, paint))
}

fn table(noise: &Noise, paint: Paint) -> String {
    let injected: Vec<f64> = noise
        .rates
        .first()
        .map(|rates| rates.misses.iter().map(|(slowdown, _)| *slowdown).collect())
        .unwrap_or_default();
    let mut headings = vec!["tolerance".to_owned(), "false alarms\n[95 % interval]".to_owned()];
    headings.extend(injected.iter().map(|slowdown| format!("{} missed\n[95 % interval]", change(*slowdown))));
    let mut table = plain(&headings.iter().map(String::as_str).collect::<Vec<_>>(), paint);
    for AtTolerance { tolerance, false_alarms, misses } in &noise.rates {
        let mut row = vec![format!("{:.0} %", tolerance * 100.0), shown(false_alarms)];
        row.extend(misses.iter().map(|(_, rate)| shown(rate)));
        table.add_row(row);
    }
    table.trim_fmt()
}

/// `3 of 200 [0.3, 4.3] %`, and no digit that the eye would have to skip.
fn shown(rate: &Rate) -> String {
    let percent = |share: f64| {
        let digits = usize::from(share < 0.1);
        format!("{:.digits$}", share * 100.0)
    };
    format!("{} of {} [{}, {}] %", rate.hits, rate.trials, percent(rate.low), percent(rate.high))
}

fn change(factor: f64) -> String {
    format!("+{:.0} %", (factor - 1.0) * 100.0)
}

fn conclusion(noise: &Noise, paint: Paint) -> String {
    match noise.supported_tolerance {
        Some(tolerance) => wrapped(
            "supported",
            AnsiColor::Green,
            &format!(
                "this machine supports a tolerance of {:.0} % for checks of this plan: at most 1 % false alarms and \
                 at most 5 % of each slow-down missed",
                tolerance * 100.0
            ),
            paint,
        ),
        None => wrapped(
            "not supported",
            AnsiColor::Red,
            "no tolerance here has at most 1 % false alarms and at most 5 % of each slow-down missed: more rounds, \
             longer rounds or a quieter machine would help",
            paint,
        ),
    }
}
