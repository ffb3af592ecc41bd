//! Making a set that the user stops, that another process makes, or that cannot be written.

use super::*;

/// Raises the stop flag when a number of files are done.
struct StopAfter {
    stop: Stop,
    files: AtomicUsize,
}

impl Observer for StopAfter {
    fn observe(&self, event: &Event) {
        if *event == Event::StepDone && self.files.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.raise(2);
        }
    }
}

/// Raises the stop flag at the warning that another process is making the set.
struct StopAtWarning(Stop);

impl Observer for StopAtWarning {
    fn observe(&self, event: &Event) {
        if matches!(event, Event::Warning(text) if text.contains("another process")) {
            self.0.raise(2);
        }
    }
}

#[test]
fn what_is_complete_at_a_stop_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let stop = Stop::new();
    let observer = StopAfter {
        stop: stop.clone(),
        files: AtomicUsize::new(2),
    };

    let stopped = set().prepare(Some(home.path()), &context(&stop, &observer));
    assert!(matches!(stopped, Err(Error::Interrupted(_))));

    // Two or three files and the manifest.
    let before = contents(&home);
    let names: Vec<&String> = before.keys().collect();
    assert!((3..=4).contains(&names.len()), "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| *name == manifest::NAME || name.starts_with("noise-")),
        "{names:?}"
    );

    make(&set(), &home);
    let after = contents(&home);
    assert_eq!(after.len(), 6);
    assert!(
        before
            .iter()
            .all(|(name, content)| name == manifest::NAME || after[name] == *content)
    );
}

#[test]
fn the_wait_for_another_process_can_be_stopped() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(set().folder_name());
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();

    let stop = Stop::new();
    let observer = StopAtWarning(stop.clone());
    let stopped = set().prepare(Some(home.path()), &context(&stop, &observer));
    assert!(matches!(stopped, Err(Error::Interrupted(_))));
    assert!(contents(&home).is_empty());

    drop(lock);
    assert_eq!(make(&set(), &home).len(), 5);
}

#[test]
fn a_place_that_cannot_be_written_is_named_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();

    let error = set()
        .prepare(Some(&file), &context(&Stop::new(), &Silent))
        .unwrap_err()
        .to_string();
    let start = format!("cannot write {}", file.display());
    assert!(error.starts_with(&start), "{error}");
    assert!(error.contains("needs about "), "{error}");
    assert!(error.ends_with("use another data_dir"), "{error}");
    assert!(!error.contains('\n'));
}
