#!/usr/bin/env python3
"""Keeps one comment on a pull request about what `check` found: written when something got worse, edited when the verdict
or its figures change, and left alone otherwise.

What it reads was made by a pull request, which may come from a fork: it is text to show, and decides neither where it
is shown nor by whom. The pull request is found by the commit that the workflow ran on.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

MARK = "<!-- parbench -->"
# GitHub takes 65,536 characters.
MOST = 60_000
VERDICTS = {
    "ok": "Nothing got worse.",
    "regressed": "**Something got worse.**",
    "unsettled": "It cannot be told whether something got worse.",
    "failed": "Nothing could be compared: see the log.",
}
# With these, there is something to say on a pull request that has no comment yet.
WORTH_SAYING = ("regressed",)


class Api:
    """The part of GitHub's REST interface that is needed here."""

    def __init__(self, url, repository, token):
        self.root = url
        self.url = f"{url}/repos/{repository}"
        self.token = token

    def ask(self, method, path, body=None):
        return self.answer(method, self.url + path, body)

    def answer(self, method, url, body=None):
        request = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def login(self):
        """The name of the account that the token is of; a token of a workflow is of none, and may not ask."""
        try:
            return self.answer("GET", f"{self.root}/user").get("login")
        except urllib.error.HTTPError:
            return None

    def pages(self, path, **query):
        """Every element of a list that comes in pages."""
        for page in range(1, 101):
            full = urllib.parse.urlencode({**query, "per_page": 100, "page": page})
            elements = self.ask("GET", f"{path}?{full}")
            yield from elements
            if len(elements) < 100:
                return


def pull_request(api, owner, branch, commit):
    """The number of the open pull request whose last commit this is, if there is one."""
    found = api.pages("/pulls", state="open", head=f"{owner}:{branch}")

    return next((pull["number"] for pull in found if pull["head"]["sha"] == commit), None)


def own_comment(api, number):
    """The comment that this program wrote before, if there is one: as a bot, or as the owner of a personal token."""
    comments = api.pages(f"/issues/{number}/comments")
    # An account that is gone is nobody.
    marked = [one for one in comments if one.get("user") and (one.get("body") or "").startswith(MARK)]
    login = api.login() if any(one["user"]["type"] != "Bot" for one in marked) else None

    def is_own(comment):
        user = comment["user"]
        return user["type"] == "Bot" or (login is not None and user["login"] == login)

    return next(filter(is_own, marked), None)


def harmless(text):
    """Text of a stranger, which calls nobody, closes nothing and cannot pass for a comment of ours."""
    text = "".join(letter for letter in text if letter == "\n" or letter.isprintable())
    text = text.replace("<", "&lt;")
    # GitHub looks for names after it has decoded entities; a report has no others.
    text = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text)

    # Names, numbers of issues, links, pictures and addresses.
    return re.sub(r"(?<=@)|(?<=#)(?=\d)|(?<=GH)(?=-)|(?<=\])(?=[(\[:])|(?<=:)(?=//)|(?<=www)(?=\.)", "\u200b", text)


def body(verdict, report, run_url):
    """The comment for what was found."""
    report = harmless(report).strip()
    if len(report) > MOST:
        report = report[:MOST].rsplit("\n", 1)[0] + "\n\nThe rest is in the artifact."

    return f"{MARK}\n### parbench\n\n{VERDICTS[verdict]}\n\n{report}\n\n[The run, its report and the chart]({run_url})\n"


def figures(text):
    """A comment without the address of the run that it is about."""
    return text.replace("\r\n", "\n").rsplit("\n\n[", 1)[0].strip()


def read(folder, name, most):
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read(most)
    except FileNotFoundError:
        return ""


def main():
    setting = os.environ.__getitem__
    verdict = read(setting("FOLDER"), "verdict", 100).strip()
    if verdict not in VERDICTS:
        return "there is no verdict: nothing to say"
    api = Api(os.environ.get("GITHUB_API_URL", "https://api.github.com"), setting("GITHUB_REPOSITORY"), setting("GITHUB_TOKEN"))

    number = pull_request(api, setting("HEAD_OWNER"), setting("HEAD_BRANCH"), setting("HEAD_SHA"))
    if number is None:
        return "no open pull request ends with this commit: nothing to say"
    comment = own_comment(api, number)
    text = body(verdict, read(setting("FOLDER"), "report.md", 2 * MOST), setting("RUN_URL"))

    if comment is None and verdict not in WORTH_SAYING:
        return f"#{number}: nothing to say"
    if comment is None:
        api.ask("POST", f"/issues/{number}/comments", {"body": text})
        return f"#{number}: a new comment"
    if figures(comment["body"]) == figures(text):
        return f"#{number}: nothing new"
    api.ask("PATCH", f"/issues/comments/{comment['id']}", {"body": text})
    return f"#{number}: the comment was edited"


if __name__ == "__main__":
    try:
        print(main())
    except KeyError as error:
        sys.exit(f"::error title=parbench::the variable {error} is not set")
    except (urllib.error.URLError, OSError, ValueError) as error:
        sys.exit(f"::error title=parbench::cannot talk to GitHub: {error}")
