//! Completions and manual pages, read by the shells and by the formatter that they are for.
#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};

use super::debian;
use super::harness::{Finished, Scene};

/// The script for `shell`, written into the scene.
fn script(scene: &Scene, shell: &str) -> String {
    let finished = scene.run(&format!("completions {shell}"));
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));

    let path = scene.write(&format!("completions.{shell}"), &finished.stdout);
    path.to_str().unwrap().to_owned()
}

/// What a program prints, which must end well and without a word on stderr.
#[track_caller]
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(debian::program(&[program], program))
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let finished = Finished::from(output.unwrap());
    assert_eq!(
        (finished.code, finished.stderr.as_str()),
        (Some(0), ""),
        "{program} {arguments:?}: {}",
        finished.stdout
    );
    finished.stdout
}

/// What bash offers for the last of `words`.
fn in_bash(script: &str, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let line = format!(
        "source {script}; COMP_WORDS=({words}); COMP_CWORD={last}; \
         function=$(complete -p parbench | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
         \"$function\" parbench '{current}' '{previous}' 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = words.join(" "),
        current = words[last],
        previous = words[last - 1],
    );
    let offered = said("bash", &["--norc", "-c", &line]);

    offered.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_subcommands_flags_and_values() {
    let scene = Scene::new();
    let script = script(&scene, "bash");
    said("bash", &["-n", &script]);
    let offered = |words: &[&str]| in_bash(&script, words);

    assert_eq!(offered(&["parbench", "ove"]), ["overhead"]);
    assert_eq!(offered(&["parbench", "wor"]), [""; 0], "it is hidden");
    assert_eq!(offered(&["parbench", "pi", "--store-"]), ["--store-spans"]);
    assert_eq!(
        offered(&["parbench", "all", "--engine", "p"]),
        ["pool", "process"]
    );
    assert_eq!(offered(&["parbench", "check", "--only", "fi"]), ["fib"]);
    assert_eq!(
        offered(&["parbench", "pi", "--export", "hyp"]),
        ["hyperfine:"]
    );
    assert_eq!(offered(&["parbench", "report", "--chart", "s"]), ["svg:"]);
    assert_eq!(
        offered(&["parbench", "history", "check", "--export", "h"]),
        ["html:"]
    );
    assert_eq!(
        offered(&["parbench", "history", "show", "--chart", "p"]),
        ["png:"]
    );
    assert_eq!(offered(&["parbench", "completions", "el"]), ["elvish"]);
}

#[test]
fn the_other_shells_read_their_scripts() {
    let scene = Scene::new();
    said("zsh", &["-n", &script(&scene, "zsh")]);

    let fish = script(&scene, "fish");
    said("fish", &["--no-execute", &fish]);
    let line = format!("source {fish}; complete -C 'parbench all --engine p'");
    let offered = said("fish", &["--no-config", "-c", &line]);
    let names = offered.lines().filter_map(|line| line.split('\t').next());
    assert_eq!(names.collect::<Vec<_>>(), ["pool", "process"]);

    // It is in no distribution.
    let powershell = fs::read_to_string(script(&scene, "powershell")).unwrap();
    assert!(powershell.contains("--store-spans") && powershell.contains("overhead"));
}

/// What Elvish is offered for the last of `words`, without its editor, which picks what fits.
fn in_elvish(script: &str, words: &[&str]) -> Vec<String> {
    let editor = "var edit: = (ns [&completion:= (ns [&arg-completer= [&]]) \
                  &complex-candidate~= {|text &display='' &code-suffix=''| put $text} \
                  &complete-filename~= {|@words| put FILES}])";
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let text = fs::read_to_string(script).unwrap();
    let code = format!(
        "{editor}\n{text}\nvar offered = [($edit:completion:arg-completer[parbench] {})]\necho $@offered",
        words.join(" ")
    );

    let offered = said("elvish", &["-norc", "-c", &code]);
    offered.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn elvish_completes_subcommands_flags_and_values() {
    let scene = Scene::new();
    let script = script(&scene, "elvish");
    let offered = |words: &[&str]| in_elvish(&script, words);

    assert!(offered(&["parbench", ""]).contains(&"overhead".to_owned()));
    assert!(offered(&["parbench", "pi", ""]).contains(&"--store-spans".to_owned()));
    assert_eq!(
        offered(&["parbench", "all", "-e", ""]),
        ["pool", "process", "ray"]
    );
    assert_eq!(
        offered(&["parbench", "history", "check", "--quiet", "--export", ""]),
        ["json:", "md:", "html:", "FILES"]
    );
    assert_eq!(
        offered(&["parbench", "completions", "el"]),
        ["bash", "elvish", "fish", "powershell", "zsh"]
    );
}

#[test]
fn a_shell_has_to_be_named() {
    let scene = Scene::new();
    let missing = scene.run("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(missing.error().contains(shell), "{}", missing.stderr);
    }

    let unknown = scene.run("completions tcsh");
    assert!(unknown.error().contains("bash"), "{}", unknown.stderr);
}

#[test]
fn every_subcommand_has_a_manual_page_that_a_formatter_reads() {
    let scene = Scene::new();
    fs::create_dir(scene.path("man")).unwrap();
    let written = scene.run("man --out man");
    assert_eq!((written.code, written.stderr.as_str()), (Some(0), ""));

    let mut pages: Vec<_> = fs::read_dir(scene.path("man"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    assert_eq!(written.stdout, format!("{} pages in man\n", pages.len()));
    let help = scene.run("--help").stdout;
    let subcommands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|name| *name != "help");
    let mut expected: Vec<_> = subcommands
        .map(|name| format!("parbench-{name}.1"))
        .chain(["parbench.1".to_owned()])
        .chain(["add", "check", "noise", "show"].map(|name| format!("parbench-history-{name}.1")))
        .collect();
    expected.sort();
    assert_eq!(pages, expected);

    for page in &pages {
        let path = scene.path("man").join(page);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
        // -ww: every warning that groff knows.
        let groff = ["-man", "-Tutf8", "-P-cbou", "-ww", path.to_str().unwrap()];
        let formatted = said("groff", &groff);
        assert!(formatted.contains("NAME"), "{page}: {formatted}");
    }
    let check = fs::read_to_string(scene.path("man/parbench-check.1")).unwrap();
    assert!(check.contains("baseline"), "{check}");
}

#[test]
fn pages_replace_older_ones_and_go_into_folders_only() {
    let scene = Scene::new();
    scene.write("taken", "");
    for wrong in ["taken", "missing"] {
        assert_eq!(
            scene.run(&format!("man --out {wrong}")).error(),
            format!("{wrong} is not a folder: make it first, or name another one by --out")
        );
    }

    scene.write("man/parbench.1", "old");
    assert_eq!(scene.run("man --out man").code, Some(0));
    assert!(scene.read("man/parbench.1").contains(".TH"));
    let unfinished = |name: &String| name.starts_with('.');
    assert!(!scene.names().iter().any(unfinished));
}

#[test]
fn they_stand_in_the_whole_help_only() {
    let scene = Scene::new();
    let (short, whole) = (scene.run("-h").stdout, scene.run("--help").stdout);

    for name in ["completions", "man", "noise"] {
        let line = format!("\n  {name} ");
        assert!(!short.contains(&line), "{short}");
        assert!(whole.contains(&line), "{whole}");
    }
}
