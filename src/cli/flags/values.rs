//! How the values of flags are read, where their types do not settle it.

use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::commands::output::Target;
use crate::plan::Scaling;
use crate::report::Exporter;
use crate::units::Bytes;
use parbench_kernels::isa::Isa;

/// The least memory that a number without a unit can mean.
const LEAST_BARE: Bytes = Bytes(100_000);

/// A name of an instruction set, or `auto` for the widest.
pub(in crate::cli) fn isa(name: &str) -> Result<Isa, String> {
    if name == "auto" {
        Ok(Isa::detect())
    } else {
        name.parse()
    }
}

/// A time with its unit.
pub(in crate::cli) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "must be a time such as 10s, 500ms or 2m".to_owned())
}

/// A time above 0: nothing is ready within none.
pub(in crate::cli) fn time_limit(text: &str) -> Result<Duration, String> {
    let limit = duration(text)?;

    if limit.is_zero() {
        Err("must be above 0, such as 10s, 500ms or 2m".to_owned())
    } else {
        Ok(limit)
    }
}

/// A size; a bare number as small as `4` means something else than bytes.
pub(in crate::cli) fn memory(text: &str) -> Result<Bytes, String> {
    let size: Bytes = text.parse()?;
    let is_bare = text.trim().bytes().all(|byte| byte.is_ascii_digit());

    if is_bare && size < LEAST_BARE {
        return Err(format!(
            "{size} is less than any task needs; write the unit: {0}MB or {0}GB",
            text.trim()
        ));
    }

    Ok(size)
}

/// Reads `FILE` or `FORMAT:FILE` for one of `formats`.
pub(in crate::cli) fn target(
    formats: Vec<&'static Exporter>,
) -> impl TypedValueParser<Value = Target> {
    OsStringValueParser::new().try_map(move |text| Target::parse(&text, &formats))
}

/// How many times as long a task takes.
pub(in crate::cli) fn slowdown(text: &str) -> Result<f64, String> {
    let factor = text
        .parse()
        .ok()
        .filter(|factor| (1.0..=100.0).contains(factor));

    factor.ok_or_else(|| "must be a factor from 1 to 100, such as 1.10".to_owned())
}

/// The speed-up from which distributing is worth having: `1.1x`, or `1.1`.
pub(in crate::cli) fn worth(text: &str) -> Result<f64, String> {
    let factor = text
        .strip_suffix('x')
        .unwrap_or(text)
        .parse()
        .ok()
        .filter(|factor| (1.0..=1000.0).contains(factor));

    factor.ok_or_else(|| "must be a speed-up from 1x to 1000x, such as 1.1x".to_owned())
}

/// How the work depends on the workers.
pub(in crate::cli) fn scaling(text: &str) -> Result<Scaling, &'static str> {
    match text {
        "strong" => Ok(Scaling::Strong),
        "weak" => Ok(Scaling::Weak),
        _ => Err("must be strong or weak"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_time_above_zero() {
        assert_eq!(time_limit("500ms"), Ok(Duration::from_millis(500)));
        assert!(time_limit("0s").is_err_and(|error| error.starts_with("must be above 0")));
        assert!(time_limit("soon").is_err_and(|error| error.starts_with("must be a time")));
    }
}
