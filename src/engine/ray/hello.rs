//! The first line of a program that uses Ray: which Python and which Ray there are.

use super::driver::Driver;
use super::limits::Limits;
use super::protocol::Said;
use super::trouble::{Place, unexpected};
use crate::engine::{Error, Options};

/// Waits for the first line.
pub(super) fn greet<'a>(driver: &mut Driver, options: &'a Options<'_>) -> Result<Place<'a>, Error> {
    let cluster = options.cluster;
    let limit = Limits::of(options).import;

    let said = driver
        .hear(limit, options.stop)
        .map_err(Place::no_hello(cluster))?;
    let Some(said) = said else {
        return Err(Error::Failed(format!(
            "{} did not import Ray within {} s: name another with --python, or allow more time with --start-timeout",
            cluster.python,
            limit.as_secs_f64()
        )));
    };

    match said {
        Said::Hello {
            python,
            executable,
            ray: Some(ray),
            ..
        } => Ok(Place {
            cluster,
            python,
            executable,
            ray,
        }),
        Said::Hello {
            python,
            executable,
            why,
            ..
        } => Err(Error::Failed(format!(
            "{executable} (Python {python}) has no Ray: install it with `{executable} -m pip install ray`, or name \
             another with --python ({})",
            why.unwrap_or_default()
        ))),
        other => Err(unexpected(&other)),
    }
}
