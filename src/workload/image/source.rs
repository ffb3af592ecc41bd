//! Which pictures become tasks: the user's own files or a generated set.

use std::fs;
use std::path::Path;

use parbench_pictures::Facts;

use super::data_set::DataSet;
use super::own_files;
use super::params::Source;
use super::selection::{Picture, Requirements, Selection};
use super::unusable::Unusable;
use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::results::StoredPath;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// The pictures of `source`. `seed` is the seed of generated ones.
pub(super) fn select(
    source: &Source,
    seed: u64,
    requirements: &Requirements<'_>,
    context: &Context<'_>,
) -> Result<Selection, Error> {
    match source {
        Source::Folder { input } => own_files::select(input.as_path(), requirements, context),
        Source::Noise {
            count,
            side,
            quality,
            data_dir,
        } => {
            let data_dir = data_dir.as_ref().map(StoredPath::as_path);
            let set = DataSet {
                count: *count,
                side: *side,
                quality: *quality,
                seed,
            };

            generated(&set, data_dir, requirements, context)
        }
    }
}

/// The pictures of `set`, made where they are missing. A set whose pictures do not meet the
/// requirements is refused before anything is made.
fn generated(
    set: &DataSet,
    data_dir: Option<&Path>,
    requirements: &Requirements<'_>,
    context: &Context<'_>,
) -> Result<Selection, Error> {
    let facts = generated_facts(set);
    requirements
        .check(&facts)
        .map_err(|unusable| match unusable {
            Unusable::Small(failure) => Failure {
                message: format!("each picture {}", failure.message),
                ..failure
            },
            Unusable::Costly { needed, memory } => Failure::new(format!(
                "a task needs {needed} of memory, this run may use {memory}"
            ))
            .or(Setting::Memory, Change::Larger)
            .or(Setting::parameter("side"), Change::Smaller)
            .or(Setting::parameter("crop"), Change::Smaller),
            Unusable::Broken(broken) => Failure::new(format!("each picture {broken}")),
        })?;

    let files = set.prepare(data_dir, context)?;
    let pictures = files.into_iter().map(|path| Picture { path, facts });

    Ok(Selection {
        pictures: pictures.collect(),
        problems: Vec::new(),
    })
}

/// What is known of each picture of `set`.
fn generated_facts(set: &DataSet) -> Facts {
    let side = set.side.count();
    let decoded = Bytes((side * side * 3) as u64);

    Facts {
        width: side,
        height: side,
        // An upper bound: the file is smaller than its noise.
        file: decoded,
        decoded,
        working: Bytes(0),
        kept: Bytes(0),
        careful: false,
    }
}

/// Refuses to save tensors among the pictures: the next run would find files there that are no
/// pictures.
pub(super) fn check_apart(input: &Path, save_tensors: &Path) -> Result<(), Error> {
    let real_path = |path: &Path| fs::canonicalize(path).ok();
    let folder = real_path(save_tensors);

    if folder.is_none() || folder != real_path(input) {
        return Ok(());
    }

    let message = format!(
        "{} is the folder of the pictures: a later run would report its tensors as broken \
         pictures",
        printable::path(save_tensors)
    );
    Err(Failure::new(message)
        .or(Setting::parameter("save_tensors"), Change::Another)
        .into())
}
