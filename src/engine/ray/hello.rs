//! The first line of a program that uses Ray: which Python and which Ray there are.

use super::driver::Driver;
use super::limits::Limits;
use super::protocol::Message;
use super::trouble::{Place, unexpected};
use crate::engine::{Error, Options};
use crate::failure::{Change, Failure, Setting};

/// Waits for the first line.
pub(super) fn greet<'a>(driver: &mut Driver, options: &'a Options<'_>) -> Result<Place<'a>, Error> {
    let cluster = options.cluster;
    let limit = Limits::of(options).import;

    let hello = driver
        .receive(limit, options.stop)
        .map_err(Place::no_hello(cluster))?;
    let Some(hello) = hello else {
        let message = format!(
            "{} did not import Ray within {} s",
            cluster.python,
            limit.as_secs_f64()
        );
        return Err(Error::failed(
            Failure::new(message)
                .or(Setting::Python, Change::Another)
                .or(Setting::StartTimeout, Change::Larger),
        ));
    };

    match hello {
        Message::Hello {
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
        Message::Hello {
            python,
            executable,
            why,
            ..
        } => {
            let message = format!(
                "{executable} (Python {python}) has no Ray ({}): install it with `{executable} -m pip install ray`",
                why.unwrap_or_default()
            );
            Err(Error::failed(
                Failure::new(message).or(Setting::Python, Change::Another),
            ))
        }
        other => Err(unexpected(&other)),
    }
}
