//! The platform's cache folder, where the program keeps what it can make again.

use std::path::PathBuf;

use etcetera::{BaseStrategy, HomeDirError};

/// The folder of this program in it. An error where the user has no home.
pub(super) fn cache_folder() -> Result<PathBuf, HomeDirError> {
    let strategy = etcetera::base_strategy::choose_native_strategy()?;

    Ok(strategy.cache_dir().join("parbench"))
}
