//! `program --check-protocol`: whether a program speaks the worker protocol, a line for each rule.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::Ending;
use crate::foreign::{Finding, Verdict, check_protocol};
use crate::printable;
use crate::stop::Stop;

/// Tests the program that `params` of the workload `program` name. An answer of it may take
/// `limit`.
pub fn protocol(
    params: &Value,
    limit: Duration,
    stop: &Stop,
    stdout: &mut dyn Write,
) -> Result<Ending> {
    let (mut kept, mut broken, mut untested) = (0, 0, 0);
    let mut written = Ok(());
    let mut report = |Finding { rule, verdict }: &Finding| {
        let line = match verdict {
            Verdict::Kept => {
                kept += 1;
                format!("ok        {rule}")
            }
            Verdict::Broken(why) => {
                broken += 1;
                format!("FAILED    {rule}: {}", printable::line(why))
            }
            Verdict::Untested(why) => {
                untested += 1;
                format!("untested  {rule}: {}", printable::line(why))
            }
        };
        if written.is_ok() {
            written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
        }
    };

    let checked = check_protocol(params, limit, stop, &mut report);
    if let Some(signal) = stop.signal() {
        return Ok(Ending::Interrupted(signal));
    }
    written?;
    checked.map_err(|failure| anyhow!("{}", failure.message))?;

    writeln!(stdout, "\n{kept} ok, {broken} failed, {untested} untested")?;
    Ok(if broken == 0 {
        Ending::Done
    } else {
        Ending::Trouble
    })
}
