//! The comment of the action for GitHub on a pull request, with a stand-in of the interface.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::action::script;
use super::api_stand_in::{Api, COMMIT, comment};
use super::harness::{Finished, Scene};

/// Runs the script that comments, for a result of this `verdict` and `report`.
fn commented(api: &Api, commit: &str, verdict: &str, report: &str) -> Finished {
    let scene = Scene::new();
    scene.write("result/verdict", format!("{verdict}\n"));
    scene.write("result/report.md", report);
    let folder = scene.path("result").display().to_string();
    let variables = [
        ("FOLDER", folder.as_str()),
        ("GITHUB_API_URL", &api.url),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_TOKEN", "secret"),
        ("HEAD_OWNER", "stranger"),
        ("HEAD_BRANCH", "faster"),
        ("HEAD_SHA", commit),
        ("RUN_URL", "https://github.com/o/r/actions/runs/5"),
    ];
    script(&scene, "action/comment.py", &variables)
}

#[test]
fn one_comment_is_written_when_something_got_worse_and_edited_when_that_changes() {
    // More than a page of others' comments, one of which passes for ours.
    let mut comments: Vec<_> = (0..150).map(|id| comment(id, "User", "hello")).collect();
    comments[3] = comment(3, "User", "<!-- parbench -->\nI am parbench.");
    let api = Api::start(comments);
    let said = |verdict: &str, report: &str| {
        let finished = commented(&api, COMMIT, verdict, report);
        assert_eq!(
            finished.code,
            Some(0),
            "{}{}",
            finished.stdout,
            finished.stderr
        );
        finished.stdout.trim().to_owned()
    };
    let last = || {
        let state = api.state.lock().unwrap();
        let last = state.comments.last().unwrap();
        (
            state.comments.len(),
            last["body"].as_str().unwrap().to_owned(),
        )
    };

    assert_eq!(said("ok", "all well"), "#7: nothing to say");
    assert_eq!(said("failed", ""), "#7: nothing to say");
    assert_eq!(last().0, 150);
    assert_eq!(said("regressed", "pi: 1.5x as long"), "#7: a new comment");
    let (count, body) = last();
    assert_eq!(count, 151);
    assert!(
        body.starts_with("<!-- parbench -->\n### parbench\n\n**Something got worse.**\n\npi: 1.5x"),
        "{body}"
    );
    assert!(
        body.contains("(https://github.com/o/r/actions/runs/5)"),
        "{body}"
    );

    assert_eq!(said("regressed", "pi: 1.5x as long"), "#7: nothing new");
    assert_eq!(said("ok", "all well"), "#7: the comment was edited");
    let (count, body) = last();
    assert_eq!(count, 151);
    assert!(body.contains("Nothing got worse.\n\nall well"), "{body}");
    let writes = api.requests();
    let writes: Vec<_> = writes
        .iter()
        .filter(|request| !request.starts_with("GET"))
        .collect();
    assert_eq!(
        writes,
        [
            "POST /repos/o/r/issues/7/comments",
            "PATCH /repos/o/r/issues/comments/150"
        ]
    );
}

#[test]
fn the_comment_of_a_personal_token_is_edited_and_an_account_that_is_gone_is_nobody() {
    let mark = "<!-- parbench -->\nI am parbench.";
    let mut of_nobody = comment(0, "User", mark);
    of_nobody["user"] = Value::Null;
    let mut empty = comment(1, "User", "");
    empty["body"] = Value::Null;
    let comments = vec![of_nobody, empty, comment(2, "User", mark)];
    let said = |api: &Api| {
        let finished = commented(api, COMMIT, "regressed", "pi: 1.5x as long");
        assert_eq!(
            finished.code,
            Some(0),
            "{}{}",
            finished.stdout,
            finished.stderr
        );
        finished.stdout.trim().to_owned()
    };

    // The token of a workflow may not ask whose it is, and that of another is not the comment's.
    for login in [None, Some("somebody")] {
        let api = Api::start(comments.clone());
        api.state.lock().unwrap().login = login.map(str::to_owned);
        assert_eq!(said(&api), "#7: a new comment");
    }
    let api = Api::start(comments);
    api.state.lock().unwrap().login = Some("user2".to_owned());
    assert_eq!(said(&api), "#7: the comment was edited");
    assert_eq!(said(&api), "#7: nothing new");
    assert_eq!(api.state.lock().unwrap().comments.len(), 3);
}

#[test]
fn a_report_of_a_stranger_is_text_and_nothing_else() {
    let api = Api::start(Vec::new());
    let report = "@admin fixes #1 and GH-1 <!-- parbench --> <img src=x> ![a](https://evil) [b]: http://evil \u{202e}\r| a |\n|:---|\n| @b |";
    let finished = commented(&api, COMMIT, "regressed", report);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);

    let state = api.state.lock().unwrap();
    let body = state.comments[0]["body"].as_str().unwrap();
    assert_eq!(body.matches("<!--").count(), 1, "{body}");
    for forbidden in [
        "@admin",
        "@b",
        "#1",
        "GH-1",
        "<img",
        "](https://evil",
        "://evil",
        "]: ",
        "\u{202e}",
        "\r",
    ] {
        assert!(!body.contains(forbidden), "{forbidden:?} in {body}");
    }
    assert!(body.contains("\n|:---|\n| @\u{200b}b |"), "{body}");
}

#[test]
fn nothing_is_said_on_another_commit_and_trouble_has_an_exit_code() {
    let api = Api::start(Vec::new());
    let other = commented(&api, &"9".repeat(40), "regressed", "x");
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(
        other
            .stdout
            .starts_with("no open pull request ends with this commit")
    );
    let invented = commented(&api, COMMIT, "splendid", "x");
    assert_eq!(
        (invented.code, invented.stdout.as_str()),
        (Some(0), "there is no verdict: nothing to say\n")
    );

    let long = format!("{}\n", "a line of a table".repeat(5)).repeat(3000);
    assert_eq!(commented(&api, COMMIT, "regressed", &long).code, Some(0));
    let body = api.state.lock().unwrap().comments[0]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(body.chars().count() <= 65_536 && body.contains("The rest is in the artifact."));

    let url = api.url.clone();
    drop(api);
    let scene = Scene::new();
    scene.write("verdict", "regressed");
    let variables = [
        ("FOLDER", scene.path(".").display().to_string()),
        ("GITHUB_API_URL", url),
        ("GITHUB_REPOSITORY", "o/r".to_owned()),
        ("GITHUB_TOKEN", "wrong".to_owned()),
        ("HEAD_OWNER", "stranger".to_owned()),
        ("HEAD_BRANCH", "faster".to_owned()),
        ("HEAD_SHA", COMMIT.to_owned()),
    ];
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let unreachable = script(&scene, "action/comment.py", &variables);
    assert_eq!(unreachable.code, Some(1));
    assert!(
        unreachable
            .stderr
            .starts_with("::error title=parbench::cannot talk to GitHub: "),
        "{}",
        unreachable.stderr
    );
}
