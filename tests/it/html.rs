//! Pages that the real program makes, opened in a real browser.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use super::harness::{Finished, Scene, repository};
use super::{browser, history, templates};

/// A page of each kind of run that is published.
const PUBLISHED: [&str; 3] = ["chart-scaling", "chart-compare", "chart-overhead"];

/// Text that tries to be markup, or is no text at all.
const HOSTILE: [&[u8]; 4] = [
    b"'\"><script>alert(1)</script><!--",
    b"]]></style></title></script>&amp;%27#",
    b"\x1b[31m\x01\r\n\t",
    b"caf\xe9\xff",
];

/// Makes all pages and the runs that they are of; the names of the pages.
fn pages(scene: &Scene) -> Vec<String> {
    for name in PUBLISHED {
        let run = repository().join(format!("results/{name}.json"));
        let line = format!(
            "report {} -q --export html:{name}.html --export {name}.json",
            run.display()
        );
        assert_eq!(scene.run(&line).code, Some(0), "{line}");
    }

    let line = "cmd -q -r 2 --export hostile.html --export hostile.json -- /bin/true {} :::";
    let mut command = scene.command(line);
    command.args(HOSTILE.map(OsStr::from_bytes));
    let finished = Finished::from(command.output().unwrap());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);

    let line = "pi -q --samples 1000 --tasks 3 -j 1,2 -r 8 --export pi.html --export pi.json";
    assert_eq!(scene.run(line).code, Some(0), "{line}");
    let line = "compare pi.json pi.json pi.json -q --export several.html";
    assert_eq!(scene.run(line).code, Some(0), "{line}");

    let changed = history::kept(&history::factors(
        20,
        |day| if day < 13 { 1.0 } else { 1.12 },
    ));
    let line = "history show --store h -q --export history.html";
    assert_eq!(changed.run(line).code, Some(0), "{line}");
    scene.write("history.html", changed.read("history.html"));

    let single = PUBLISHED
        .iter()
        .chain(&["hostile", "pi", "several", "history"]);
    single.map(|name| (*name).to_owned()).collect()
}

#[test]
fn pages_can_be_read_sorted_and_saved_in_a_browser() {
    let scene = Scene::new();
    let names = pages(&scene);

    let mut driver = Command::new(templates::node());
    driver
        .arg(repository().join("tests/it/html_pages.mjs"))
        .arg(browser::packages())
        .arg(browser::chromium())
        .arg(scene.path(""))
        .args(&names);
    let output = driver.output().unwrap();
    let (said, complaints) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complaints}");

    let mut without_script = 0;
    let of_one_run = |name: &&String| !["several", "history"].contains(&name.as_str());
    for name in names.iter().filter(of_one_run) {
        let plain = format!("{name}-without-script.json");
        let is_there = scene.path(&plain).exists();
        without_script += usize::from(is_there);

        let saved = [format!("{name}-with-script.json")].into_iter();
        for saved in saved.chain(is_there.then_some(plain)) {
            let again = scene.run(&format!("report {saved} -q --export json:-"));
            assert_eq!(again.code, Some(0), "{saved}: {}", again.stderr);
            assert!(
                again.stdout == scene.read(&format!("{name}.json")),
                "{saved}"
            );
        }
    }
    assert!(without_script > 1, "small pages need no script for that");
}
