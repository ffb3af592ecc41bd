//! The action for GitHub: its scripts, with git repositories and a stand-in of the interface, and the linters.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::harness::{Finished, Scene, repository};
use super::package::packed;
use super::venv;

/// A script of the action, with these variables beside those that a runner sets.
pub(crate) fn script(scene: &Scene, name: &str, variables: &[(&str, &str)]) -> Finished {
    let output = Command::new(repository().join(name))
        .current_dir(scene.path("."))
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
        .env("HOME", scene.path("home"))
        .env("RUNNER_TEMP", scene.path("temp"))
        .env("GITHUB_OUTPUT", scene.path("output"))
        .env("GITHUB_STEP_SUMMARY", scene.path("summary"))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    Finished::from(output)
}

fn program(scene: &Scene, name: &str, text: &str) -> PathBuf {
    let path = scene.write(name, format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[track_caller]
fn git(folder: &Path, line: &str) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(line.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A scene whose folder is a repository with two commits, and the first of them.
fn with_two_commits() -> (Scene, String) {
    let scene = Scene::new();
    let folder = scene.path(".");
    git(&folder, "init --quiet");
    for version in ["1", "2"] {
        scene.write("version", version);
        scene.write(".gitignore", "temp\noutput\nout\nhome\nsummary\n");
        git(&folder, "add .");
        git(&folder, "commit --quiet --message change");
    }
    let first = git(&folder, "rev-parse HEAD~1");
    (scene, first)
}

/// A command that builds a program which says its version.
const BUILD: &str = "mkdir -p out && printf '#!/bin/sh\\necho %s\\n' \"$(cat version)\" >out/prog && chmod +x out/prog";

/// What the scripts wrote as outputs.
fn outputs(scene: &Scene) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(scene.path("output")).unwrap_or_default();
    let pairs = text.lines().map(|line| line.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn output(scene: &Scene, name: &str) -> String {
    let outputs = outputs(scene);
    let found = outputs.iter().rev().find(|(known, _)| known == name);
    found
        .unwrap_or_else(|| panic!("no output {name}: {outputs:?}"))
        .1
        .clone()
}

fn versions(scene: &Scene, new: &str, old: &str, base: &str, build: &str) -> Finished {
    let variables = [
        ("NEW", new),
        ("OLD", old),
        ("BASE", base),
        ("BUILD", build),
        ("BINARY", "out/prog"),
        ("REPOSITORY", "o/r"),
    ];
    script(scene, "action/versions.sh", &variables)
}

#[test]
fn both_versions_are_built_from_their_own_commits() {
    let (scene, first) = with_two_commits();
    let built = versions(&scene, "build:.", "build:base", &first, BUILD);
    assert_eq!(built.code, Some(0), "{}{}", built.stdout, built.stderr);

    let says = |name: &str| {
        let said = Command::new(output(&scene, name)).output().unwrap();
        String::from_utf8(said.stdout).unwrap()
    };
    assert_eq!((says("new").as_str(), says("old").as_str()), ("2\n", "1\n"));

    // A second time in the same folder, as on a runner of one's own.
    for _ in 0..2 {
        let again = versions(&scene, "build:HEAD", "build:base", &first, BUILD);
        assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
        assert_eq!((says("new").as_str(), says("old").as_str()), ("2\n", "1\n"));
    }
    let again = versions(&scene, "build:HEAD", "none", "", BUILD);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert_eq!(
        (says("new").as_str(), output(&scene, "old").as_str()),
        ("2\n", "")
    );
}

/// A crate without dependencies whose programs have these names.
fn with_crate(names: &[&str]) -> Scene {
    let scene = Scene::new();
    let head = "[package]\nname = \"any\"\nversion = \"0.1.0\"\nedition = \"2024\"\n".to_owned();
    let programs = names
        .iter()
        .map(|name| format!("[[bin]]\nname = \"{name}\"\npath = \"main.rs\"\n"));
    let manifest = head + &programs.collect::<String>();
    scene.write("Cargo.toml", manifest);
    scene.write("main.rs", "fn main() { println!(\"mine\"); }\n");
    git(&scene.path("."), "init --quiet");
    scene
}

/// Builds what is checked out as the action does where nothing is said.
fn with_defaults(scene: &Scene) -> Finished {
    let cargo = PathBuf::from(std::env::var_os("CARGO").unwrap());
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::env::split_paths(&path).collect::<Vec<_>>();
    let folders = [cargo.parent().unwrap().to_owned()]
        .into_iter()
        .chain(folders);
    let path = std::env::join_paths(folders).unwrap();
    let variables = [
        ("PATH", path.to_str().unwrap()),
        ("NEW", "build:."),
        ("OLD", "none"),
        ("BUILD", "cargo build --release --offline"),
        ("BINARY", ""),
    ];

    script(scene, "action/versions.sh", &variables)
}

#[test]
fn the_program_of_a_crate_is_found_by_itself() {
    let scene = with_crate(&["primes"]);
    let built = with_defaults(&scene);
    assert_eq!(built.code, Some(0), "{}{}", built.stdout, built.stderr);
    let said = Command::new(output(&scene, "new")).output().unwrap();
    assert_eq!(said.stdout, b"mine\n");

    for (names, why) in [
        (&["a", "b"][..], "set binary: Cargo builds a and b here"),
        (&[], "the version . cannot be built"),
    ] {
        let failed = with_defaults(&with_crate(names));
        assert_eq!(failed.code, Some(2));
        assert!(failed.stdout.contains(why), "{}", failed.stdout);
    }
    let nothing = with_defaults(&with_two_commits().0);
    assert_eq!(nothing.code, Some(2));
    let why = ". has no Cargo.toml: set build and binary, or new: release:VERSION";
    assert!(nothing.stdout.contains(why), "{}", nothing.stdout);
}

#[test]
fn a_pull_request_is_compared_with_the_branch_it_is_merged_into() {
    let (scene, first) = with_two_commits();
    let folder = scene.path(".");
    // The checkout of a pull request is a merge: of the other branch as it is now, and of the change.
    let branch = git(&folder, "rev-parse HEAD");
    git(&folder, &format!("checkout --quiet -b change {first}"));
    scene.write("other", "3");
    git(&folder, "add .");
    git(&folder, "commit --quiet --message change");
    git(&folder, &format!("checkout --quiet --detach {branch}"));
    git(&folder, "merge --quiet --no-edit change");

    let variables = [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("NEW", "build:."),
        ("OLD", "build:base"),
        ("BASE", first.as_str()),
        ("BUILD", BUILD),
        ("BINARY", "out/prog"),
        ("REPOSITORY", "o/r"),
    ];
    let built = script(&scene, "action/versions.sh", &variables);
    assert_eq!(built.code, Some(0), "{}{}", built.stdout, built.stderr);
    let old = Command::new(output(&scene, "old")).output().unwrap();
    assert_eq!(old.stdout, b"2\n", "and not the older commit of the event");
}

/// NEW, OLD, BASE and BUILD that fail, and why.
const REFUSED: &[[&str; 5]] = &[
    // A step that fails before one that does not.
    ["build:.", "none", "", "false; true", "cannot be built by"],
    // Before another build leaves one there.
    ["build:.", "none", "", "true", "left no program at out/prog"],
    [
        "build:.",
        "build:base",
        "0000000000000000000000000000000000000000",
        BUILD,
        "there is no commit to compare with",
    ],
    [
        "build:.",
        "build:base",
        "1111111111111111111111111111111111111111",
        BUILD,
        "cannot be fetched",
    ],
    [
        "build:.",
        "build:base",
        "$(touch pwned)",
        BUILD,
        "there is no commit to compare with",
    ],
    [
        "build:.",
        "build:--all",
        "",
        BUILD,
        "the commit --all is not in the checkout",
    ],
    [
        "build:.",
        "build:$(touch pwned)",
        "",
        BUILD,
        "is not in the checkout",
    ],
    ["build:.", "none", "", "false", "cannot be built by: false"],
    ["none", "none", "", BUILD, "new cannot be none"],
    ["main", "none", "", BUILD, "new: main is not build:REF"],
    [
        "file:nowhere/x",
        "none",
        "",
        BUILD,
        "new: there is no nowhere/x",
    ],
    [
        "release:../1.0.0",
        "none",
        "",
        BUILD,
        "is not a version such as",
    ],
    [
        "release:1.0.0",
        "none",
        "",
        BUILD,
        "there is no release for this runner",
    ],
];

#[test]
fn a_version_that_cannot_be_had_is_an_error_that_says_why() {
    let (scene, _) = with_two_commits();
    for [new, old, base, build, why] in REFUSED {
        let failed = versions(&scene, new, old, base, build);
        assert_eq!(
            failed.code,
            Some(2),
            "{new} {old}: {}{}",
            failed.stdout,
            failed.stderr
        );
        let last = failed.stdout.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("::error title=parbench::") && last.contains(why),
            "{new} {old}: {}{}",
            failed.stdout,
            failed.stderr
        );
        assert_eq!(outputs(&scene), []);
        assert!(!scene.path("pwned").exists());
    }
}

#[test]
fn a_release_is_downloaded_and_is_what_its_checksums_say() {
    let scene = Scene::new();
    let dist = scene.path("releases/v9.8.7");
    let archive = packed(&scene, &dist, "x86_64-unknown-linux-musl");

    let releases = format!("file://{}", scene.path("releases").display());
    let variables = [
        ("NEW", "release:9.8.7"),
        ("OLD", "none"),
        ("RELEASES", releases.as_str()),
        ("RUNNER_OS", "Linux"),
        ("RUNNER_ARCH", "X64"),
    ];
    let downloaded = script(&scene, "action/versions.sh", &variables);
    assert_eq!(
        downloaded.code,
        Some(0),
        "{}{}",
        downloaded.stdout,
        downloaded.stderr
    );
    let new = PathBuf::from(output(&scene, "new"));
    let version = scene.command_of(&new, "--version").output().unwrap();
    assert!(version.status.success());

    let wrong = format!("{}  {archive}\n", "0".repeat(64));
    std::fs::write(dist.join("SHA256SUMS"), wrong).unwrap();
    let altered = script(&scene, "action/versions.sh", &variables);
    assert_eq!(altered.code, Some(2));
    assert!(
        altered
            .stdout
            .contains("is not what SHA256SUMS of 9.8.7 says"),
        "{}",
        altered.stdout
    );
}

#[test]
fn a_check_leaves_its_run_and_report_and_verdict() {
    let scene = Scene::new();
    scene.write(
        "parbench.toml",
        "workers = 2\nrounds = 8\ntolerance = \"1000%\"\n[pi]\nsamples = 20_000\ntasks = 2\n",
    );
    let binary = env!("CARGO_BIN_EXE_parbench");
    let variables = [
        ("NEW", binary),
        ("OLD", binary),
        ("ARGS", " --timeout  1m\n--no-confirm\n"),
        ("GITHUB_ACTIONS", "true"),
    ];
    let checked = script(&scene, "action/check.sh", &variables);

    assert_eq!(
        checked.code,
        Some(0),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    assert_eq!(
        output(&scene, "verdict"),
        "ok",
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    assert_eq!(output(&scene, "exit-code"), "0");
    let folder = PathBuf::from(output(&scene, "folder"));
    for name in [
        "run.json",
        "report.md",
        "report.html",
        "junit.xml",
        "report.svg",
        "verdict",
    ] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    assert!(
        scene.read("summary").contains("| pi |"),
        "{}",
        scene.read("summary")
    );
}

#[test]
fn arguments_are_split_at_blanks_and_line_ends_and_nothing_is_expanded() {
    let scene = Scene::new();
    let stub = program(
        &scene,
        "stub",
        "test \"$1\" = list || printf '%s\\n' \"$@\" >arguments",
    );
    let arguments = "--only pi\n --max-time  3s $(touch pwned) *\n";
    let variables = [("NEW", stub.to_str().unwrap()), ("ARGS", arguments)];
    assert_eq!(script(&scene, "action/check.sh", &variables).code, Some(0));

    let given = scene.read("arguments");
    let given: Vec<&str> = given.lines().collect();
    let own = [
        "check",
        "--chart",
        "--only",
        "pi",
        "--max-time",
        "3s",
        "$(touch",
        "pwned)",
        "*",
    ];
    assert_eq!(given[0], own[0]);
    assert_eq!(given[3..10], own[2..]);
    assert!(!scene.path("pwned").exists());
}

#[test]
fn the_exit_code_decides_the_verdict_and_the_end() {
    let scene = Scene::new();
    let stub = program(&scene, "stub", "test \"$1\" = list || exit \"$WITH\"");
    let stub = stub.to_str().unwrap();
    for (code, fail, verdict, end) in [
        ("0", "true", "ok", 0),
        ("1", "true", "regressed", 1),
        ("1", "false", "regressed", 0),
        ("2", "false", "failed", 2),
        ("3", "true", "unsettled", 3),
        ("124", "true", "failed", 124),
    ] {
        let checked = script(&scene, "action/check.sh", &[("NEW", stub), ("WITH", code)]);
        assert_eq!(checked.code, Some(0), "{}", checked.stderr);
        assert_eq!(output(&scene, "verdict"), verdict);

        let variables = [("VERDICT", verdict), ("CODE", code), ("FAIL", fail)];
        let ended = script(&scene, "action/verdict.sh", &variables);
        assert_eq!(ended.code, Some(end), "{code} {fail}");
    }
    let without = script(
        &scene,
        "action/verdict.sh",
        &[("VERDICT", ""), ("CODE", ""), ("FAIL", "true")],
    );
    assert_eq!(without.code, Some(2));
}

#[test]
fn a_summary_is_cut_at_a_line_before_it_is_refused() {
    let scene = Scene::new();
    let stub = program(
        &scene,
        "stub",
        "test \"$1\" = list || seq 1 1000 >>\"$GITHUB_STEP_SUMMARY\"",
    );
    scene.write("summary", "of a step before\n");
    let variables = [("NEW", stub.to_str().unwrap()), ("SUMMARY_LIMIT", "1000")];
    assert_eq!(script(&scene, "action/check.sh", &variables).code, Some(0));

    let summary = scene.read("summary");
    assert!(summary.len() <= 1000, "{}", summary.len());
    assert!(summary.starts_with("of a step before\n1\n2\n"), "{summary}");
    assert!(summary.ends_with("The rest is in the artifact: the summary may have 1 MiB.\n"));
    let numbers: Vec<usize> = summary
        .lines()
        .filter_map(|line| line.parse().ok())
        .collect();
    assert_eq!(
        numbers,
        (1..=numbers.len()).collect::<Vec<_>>(),
        "whole lines only"
    );
    assert!(numbers.len() > 100);
}

#[test]
fn a_history_is_cut_in_the_summary_and_whole_in_the_artifact() {
    let (scene, remote) = with_remote();
    let stub = history_stub(&scene, &remote);
    let result = scene.path("temp/result").display().to_string();
    scene.write("summary", "of a step before\n");
    let variables = [
        ("NEW", stub.to_str().unwrap()),
        ("FOLDER", result.as_str()),
        ("BRANCH", "perf"),
        ("RIVAL", ""),
        ("JUDGED", "0"),
        ("SUMMARY_LIMIT", "20"),
    ];
    let added = script(&scene, "action/history.sh", &variables);
    assert_eq!(added.code, Some(0), "{}{}", added.stdout, added.stderr);

    assert!(scene.read("summary").starts_with("of a step before\n"));
    assert!(!scene.read("summary").contains("mine"));
    assert!(
        scene
            .read("summary")
            .contains("The rest is in the artifact")
    );
    assert_eq!(scene.read("temp/result/history.md"), "mine\n");
}

/// A scene whose repository has a remote one, and where that is.
fn with_remote() -> (Scene, String) {
    let (scene, _) = with_two_commits();
    let folder = scene.path(".");
    let remote = scene.path("temp/remote.git").display().to_string();
    std::fs::create_dir_all(scene.path("temp")).unwrap();
    git(&folder, &format!("init --quiet --bare {remote}"));
    git(&folder, &format!("remote add origin {remote}"));
    git(&folder, "push --quiet origin HEAD:refs/heads/main");
    scene.write("temp/result/run.json", "{}");
    (scene, remote)
}

/// Stands for parbench: adds a line as `history add` does, the first time after another job was faster
/// if RIVAL says so, and judges as JUDGED says.
fn history_stub(scene: &Scene, remote: &str) -> PathBuf {
    let rival = format!(
        "c=$(git commit-tree $(printf '100644 blob %s\\thistory.jsonl\\n' $(echo rival | git hash-object -w --stdin) | git mktree) -m rival); \
         git push --quiet {remote} $c:refs/heads/perf"
    );
    program(
        scene,
        "stub",
        &format!(
            "if [ \"$1 $2 $4\" = 'history check --store' ]; then
                 cp \"$5\" \"${{7#md:}}\"; touch \"${{9#html:}}\"; exit $JUDGED
             fi
             [ \"$1 $2 $4\" = 'history add --store' ] && echo mine >>\"$5\" || exit 9
             [ -z \"$RIVAL\" ] || [ -e temp/done ] || {{ touch temp/done; {rival}; }}"
        ),
    )
}

#[test]
fn a_history_grows_on_its_branch_also_when_another_job_was_faster() {
    let (scene, remote) = with_remote();
    let folder = scene.path(".");
    let stub = history_stub(&scene, &remote);
    let result = scene.path("temp/result").display().to_string();
    let add = |rival: &str, judged: &str| {
        let variables = [
            ("NEW", stub.to_str().unwrap()),
            ("FOLDER", result.as_str()),
            ("BRANCH", "perf"),
            ("RIVAL", rival),
            ("JUDGED", judged),
            ("GIT_CONFIG_COUNT", "0"),
        ];
        script(&scene, "action/history.sh", &variables)
    };
    let store = || {
        git(
            &folder,
            &format!("--git-dir={remote} show perf:history.jsonl"),
        )
    };

    let first = add("yes", "0");
    assert_eq!(first.code, Some(0), "{}{}", first.stdout, first.stderr);
    assert_eq!(store(), "rival\nmine");
    assert_eq!(first.stdout, "");
    let second = add("", "1");
    assert_eq!(second.code, Some(0), "{}{}", second.stdout, second.stderr);
    assert_eq!(store(), "rival\nmine\nmine");

    assert!(
        second
            .stdout
            .starts_with("::warning title=parbench::the history on perf shows"),
        "{}",
        second.stdout
    );
    assert_eq!(
        std::fs::read_to_string(scene.path("summary")).unwrap(),
        "rival\nmine\nrival\nmine\nmine\n"
    );
    assert!(scene.path("temp/result/history.html").exists());
    let unreadable = add("", "2");
    assert_eq!(unreadable.code, Some(2), "{}", unreadable.stdout);
    let commits = git(
        &folder,
        &format!("--git-dir={remote} rev-list --count perf"),
    );
    assert_eq!(
        commits, "4",
        "nothing is rewritten, and no commit of main is there"
    );
    assert_eq!(git(&folder, "status --porcelain"), "?? stub");
}

#[test]
fn a_history_needs_a_run_and_a_branch() {
    let (scene, _) = with_remote();
    let result = scene.path("temp/result").display().to_string();
    let nowhere = script(
        &scene,
        "action/history.sh",
        &[("NEW", "true"), ("FOLDER", "nowhere"), ("BRANCH", "perf")],
    );
    assert_eq!(nowhere.code, Some(2));
    let unfit = script(
        &scene,
        "action/history.sh",
        &[("NEW", "true"), ("FOLDER", &result), ("BRANCH", "a..b")],
    );
    assert!(
        unfit.stdout.contains("a..b is not the name of a branch"),
        "{}",
        unfit.stdout
    );
}

/// The workflows: the repository's own, and those to copy.
fn workflows() -> Vec<PathBuf> {
    let folders = [".github/workflows", "examples/github"];
    let files = folders
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(repository().join(folder)).unwrap());
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect()
}

#[test]
fn linters_find_nothing_in_workflows_and_scripts() {
    let python = venv::python("action");
    let linter = |name: &str, arguments: Vec<PathBuf>, flags: &[&str]| {
        let linted = Command::new(python.with_file_name(name))
            .args(flags)
            .args(arguments)
            .env("PATH", python.parent().unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&linted.stdout).into_owned()
            + &String::from_utf8_lossy(&linted.stderr);
        assert!(linted.status.success(), "{name}: {said}");
    };
    let workflows = workflows();
    assert!(workflows.len() >= 6, "{workflows:?}");
    linter("actionlint", workflows, &["-no-color"]);

    let scripts = ["versions", "check", "summary", "verdict", "history"]
        .map(|name| repository().join(format!("action/{name}.sh")));
    let packing = ["package", "wheel-data"]
        .map(|name| repository().join(format!(".github/scripts/{name}.sh")));
    linter(
        "shellcheck",
        scripts.into_iter().chain(packing).collect(),
        &["--severity=style"],
    );
}

#[test]
fn nothing_of_an_event_becomes_part_of_a_script() {
    let actions = ["action.yml", "action/comment/action.yml"].map(|name| repository().join(name));
    let mut seen = 0;
    for path in workflows().into_iter().chain(actions) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut in_script = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            if in_script.is_some_and(|start| !line.trim().is_empty() && indent <= start) {
                in_script = None;
            }
            if line
                .trim_start()
                .trim_start_matches("- ")
                .starts_with("run:")
            {
                in_script = Some(indent);
                seen += 1;
            }
            assert!(
                in_script.is_none() || !line.contains("${{"),
                "{}: {line}",
                path.display()
            );
            if let Some((_, version)) = line.split_once("uses: ") {
                assert!(
                    version == "./" || version.contains("@v"),
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
