//! Texts that try to be more than text, in every place of a run that holds any.

use std::path::PathBuf;

use serde_json::Value;

use super::{embedded, linked, page, page_of_several};
use crate::report::exporter::NamedRun;
use crate::report::fixture;
use crate::results::Run;

/// What tries to become markup, an address, or a character that does something.
const HOSTILE: &str = "'\"><script>alert(1)</script><!-- ]]> </style></title> & %27 # \\ \u{1}\u{7f}\u{202e}\u{2028}\n";

/// `value` with `HOSTILE` behind every text that stands below `name`.
fn with_hostile(value: &Value, name: &str, is_below: bool) -> Value {
    match value {
        Value::String(text) if is_below => Value::String(format!("{text}{HOSTILE}")),
        Value::Array(items) => items
            .iter()
            .map(|item| with_hostile(item, name, is_below))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(field, item)| {
                let item = with_hostile(item, name, is_below || field == name);
                (field.clone(), item)
            })
            .collect(),
        other => other.clone(),
    }
}

/// Every name of a field anywhere in `value`.
fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        Value::Object(fields) => {
            for (name, item) in fields {
                if !into.contains(name) {
                    into.push(name.clone());
                }
                names(item, into);
            }
        }
        _ => {}
    }
}

/// `run` with something hostile in every text that may be any.
fn hostile(run: &Run) -> (Run, usize) {
    let mut value = serde_json::to_value(run).unwrap();
    let mut all = Vec::new();
    names(&value, &mut all);

    let mut changed = 0;
    for name in all {
        let candidate = with_hostile(&value, &name, false);
        if candidate != value && serde_json::from_value::<Run>(candidate.clone()).is_ok() {
            value = candidate;
            changed += 1;
        }
    }
    (serde_json::from_value(value).unwrap(), changed)
}

#[test]
fn nothing_from_outside_is_more_than_text() {
    let runs = [
        fixture::broken(),
        fixture::compared(),
        fixture::overhead(),
        fixture::engines(),
    ];
    for mut run in runs {
        run.command = vec![PathBuf::from("parbench").into(); 2];
        let (run, changed) = hostile(&run);
        assert!(changed > 10, "only {changed} fields could be changed");
        let name = format!("name{HOSTILE}");
        let named = NamedRun {
            name: &name,
            run: &run,
        };
        for (page, scripts) in [(page(&run), 2), (page_of_several(&[named, named]), 3)] {
            let count = |text: &str| page.matches(text).count();
            assert_eq!(count("<script"), scripts);
            assert_eq!(count("</script"), scripts);
            assert_eq!((count("</style"), count("<!--")), (1, 0));
            let is_wrong = |c: char| c != '\n' && crate::printable::is_unprintable(c);
            assert_eq!(page.find(is_wrong), None);
        }

        let page = page(&run);
        assert_eq!(
            serde_json::from_str::<Run>(&embedded(&page, "run")).unwrap(),
            run
        );
        if let Some(linked) = linked(&page) {
            assert_eq!(linked, embedded(&page, "run") + "\n");
        }
    }
}
