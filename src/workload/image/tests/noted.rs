//! Own pictures that were read a moment ago: whether they are read again.
#![cfg(target_os = "linux")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use image::DynamicImage;

use super::*;
use crate::event::{Event, Observer};
use crate::units::Probability;
use crate::workload::image::own_files::{checked, visible_files};
use crate::workload::image::selection::Requirements;
use crate::workload::image::tensor::{Augmentation, Normalisation, Transform};

/// Counts the files that are read.
#[derive(Default)]
struct Readings(AtomicUsize);

impl Observer for Readings {
    fn observe(&self, event: &Event) {
        if let Event::StepsStarted { steps, .. } = event {
            self.0.fetch_add(*steps, Ordering::Relaxed);
        }
    }
}

/// The pictures' sizes in `folder`, as a run with windows of `crop` sees them a minute from
/// now, and how many files it reads for that.
fn look(folder: &Path, note: &Path, crop: usize) -> (Vec<Option<usize>>, usize) {
    let (stop, readings) = (Stop::new(), Readings::default());
    let context = Context {
        task_timeout: Duration::MAX,
        stop: &stop,
        observer: &readings,
        workers: NonZeroUsize::MIN,
        memory: Bytes(1 << 30),
    };
    let augmentation = Augmentation {
        crop,
        padding: 0,
        flip: Probability::try_from(0.0).unwrap(),
        seed: 1,
    };
    let normalisation = Normalisation {
        mean: [0.5; 3],
        std: [0.5; 3],
    };
    let requirements = Requirements {
        transform: &Transform::new(augmentation, normalisation),
        tensors: Bytes(0),
        memory: context.memory,
    };
    let later = SystemTime::now() + Duration::from_mins(1);

    let paths = visible_files(folder, &context).unwrap();
    let checked = checked(folder, &paths, Some(note), later, &requirements, &context);
    let widths = checked.unwrap().into_iter();
    let widths = widths.map(|facts| facts.ok().map(|facts| facts.width));
    (widths.collect(), readings.0.into_inner())
}

/// So does each of many worker processes that start next to the one that has read them.
#[test]
fn pictures_that_were_read_a_moment_ago_are_read_again_only_when_they_changed() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let save = |name: &str, width: u32| {
        let picture = DynamicImage::new_rgb8(width, 40);
        picture.save(folder.path().join(name)).unwrap();
    };
    let note = cache.path().join("new").join("note.json");
    let look = |crop| look(folder.path(), &note, crop);
    save("a.png", 30);
    save("b.png", 50);

    assert_eq!(look(24), (vec![Some(30), Some(50)], 2));
    assert_eq!(look(24), (vec![Some(30), Some(50)], 0));
    let wider_windows = (vec![None, Some(50)], 0);
    assert_eq!(look(40), wider_windows, "what they must satisfy is another");

    save("a.png", 31);
    assert_eq!(look(24), (vec![Some(31), Some(50)], 2));
    save("c.png", 60);
    assert_eq!(look(24).1, 3);
    assert_eq!(look(24).1, 0);

    fs::write(folder.path().join("b.png"), "damaged").unwrap();
    let broken = (vec![Some(31), None, Some(60)], 3);
    assert_eq!(look(24), broken);
    assert_eq!(look(24), broken, "broken files are reported again");
}
