//! The first line of a program that uses Ray: which Python and which Ray there are.

use std::time::{Duration, Instant};

use super::driver::{Driver, Said};
use super::trouble::{Place, unexpected};
use crate::engine::{Error, Options};

/// Until the program has imported Ray.
const IMPORT_LIMIT: Duration = Duration::from_secs(30);

/// Waits for the first line.
pub(super) fn greet<'a>(driver: &Driver, options: &'a Options<'_>) -> Result<Place<'a>, Error> {
    let cluster = options.cluster;
    let Some(said) =
        driver.hear(Some(Instant::now() + IMPORT_LIMIT), options.stop).map_err(Place::no_hello(cluster))?
    else {
        let limit = IMPORT_LIMIT.as_secs();
        return Err(Error::Failed(format!("{} did not import Ray within {limit} s", cluster.python)));
    };

    match said {
        Said::Hello { python, executable, ray: Some(ray), .. } => {
            Ok(Place { cluster, python, executable, ray })
        }
        Said::Hello { python, executable, why, .. } => Err(Error::Failed(format!(
            "{executable} (Python {python}) has no Ray: install it with `{executable} -m pip install ray`, or name \
             another with --python ({})",
            why.unwrap_or_default()
        ))),
        other => Err(unexpected(&other)),
    }
}
