//! One task: from a picture's file to its tensor.

use std::sync::{MutexGuard, PoisonError};

use parbench_pictures::{Broken, Buffers, room};

use super::Image;
use super::selection::Picture;
use super::tensor::Window;
use crate::printable;
use crate::workload::Error;

/// The memory that a task works in.
#[derive(Default)]
pub(super) struct Workspace {
    buffers: Buffers,
    tensor: Vec<f32>,
}

impl Image {
    /// Makes task `index`'s tensor and hands it to `use_tensor`. The memory is kept for the next
    /// task.
    pub(super) fn with_tensor<T>(
        &self,
        index: usize,
        use_tensor: impl FnOnce(&[f32], Window) -> T,
    ) -> Result<T, Error> {
        let spare = self.spare_workspaces().pop();
        let mut workspace = spare.unwrap_or_default();

        let result = self
            .make_tensor(index, &mut workspace)
            .map(|window| use_tensor(&workspace.tensor, window));

        self.spare_workspaces().push(workspace);
        result
    }

    /// The workspaces of tasks that have ended.
    pub(super) fn spare_workspaces(&self) -> MutexGuard<'_, Vec<Workspace>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the tensor of task `index` in `workspace`; the window is the one that it shows.
    fn make_tensor(&self, index: usize, workspace: &mut Workspace) -> Result<Window, Error> {
        let Workspace { buffers, tensor } = workspace;
        let Picture { path, facts } = self
            .pictures
            .get(index)
            .ok_or_else(|| Error::failed(format!("there is no task {index}")))?;

        let changed = |difference: String| {
            Error::failed(format!(
                "{} {difference}; it was sound before: leave the files alone during a run",
                printable::path(path)
            ))
        };
        let failure = |broken: Broken| match broken {
            Broken::Refused(_) => Error::failed(format!("{} {broken}", printable::path(path))),
            _ => changed(broken.to_string()),
        };

        buffers.make_room(facts, self.picture_bytes);
        let picture = parbench_pictures::open(path, facts.careful, buffers).map_err(failure)?;
        let (width, height) = (picture.width, picture.height);
        if (width, height) != (facts.width, facts.height) {
            return Err(changed(format!("has become {width} x {height} pixels")));
        }

        let window = self
            .transform
            .window(index, width, height)
            .ok_or_else(|| changed(self.transform.too_small(width, height).message))?;
        let rows = self.transform.rows(window, height);
        let picture = picture.decode(rows).map_err(failure)?;

        let crop = self.transform.crop();
        room::reserve(tensor, 3 * crop * crop).map_err(failure)?;
        self.transform.tensor(&picture, window, tensor);

        Ok(window)
    }
}
