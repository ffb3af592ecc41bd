#!/usr/bin/env bash
# Adds the run in FOLDER to the history on BRANCH, without a checkout of it, and judges the history. Other jobs may add to it
# at the same time: what was refused is done again on top of theirs.
set -euo pipefail

store=history.jsonl
local_ref=refs/parbench/history
attempts=5

fail() {
    printf '::error title=parbench::%s\n' "$*"
    exit 2
}

# What the history says goes into the summary and, as a page, into FOLDER. It fails no job: what got worse weeks ago would fail
# each one until somebody accepts it.
judge() {
    local code=0
    "$NEW" history check --quiet --store "$1" --export "md:$work/history.md" --export "html:$FOLDER/history.html" || code=$?
    case $code in
        0 | 3) ;;
        1) printf '::warning title=parbench::the history on %s shows that something got worse: the summary says since when\n' "$BRANCH" ;;
        *) fail "the history on $BRANCH cannot be judged" ;;
    esac
    "$(dirname "$0")/summary.sh" "$work/history.md"
    cp "$work/history.md" "$FOLDER/history.md"
}

git check-ref-format "refs/heads/$BRANCH" || fail "$BRANCH is not the name of a branch"
[[ -f $FOLDER/run.json ]] || fail "there is no run in $FOLDER"
work=$(mktemp -d "${RUNNER_TEMP:?}/parbench-history.XXXXXX")
export GIT_AUTHOR_NAME=parbench GIT_AUTHOR_EMAIL=parbench@users.noreply.github.com
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

for ((attempt = 1; attempt <= attempts; attempt++)); do
    parent=() others='' listed=$(git ls-remote origin "refs/heads/$BRANCH")
    : >"$work/$store"
    if [[ -n $listed ]]; then
        git fetch --quiet --no-tags origin "+refs/heads/$BRANCH:$local_ref"
        parent=(-p "$local_ref")
        others=$(git ls-tree "$local_ref" | awk -F '\t' -v store="$store" '$2 != store')
        # Only a branch without the file begins a new history: one that cannot be read must not be replaced.
        if [[ -n $(git ls-tree "$local_ref" -- "$store") ]]; then
            git show "$local_ref:$store" >"$work/$store"
        fi
    fi

    before=$(git hash-object "$work/$store")
    "$NEW" history add "$FOLDER/run.json" --store "$work/$store" ${GITHUB_SHA:+--commit "$GITHUB_SHA"}
    blob=$(git hash-object -w "$work/$store")
    if [[ $blob == "$before" ]]; then break; fi
    tree=$({
        if [[ -n $others ]]; then printf '%s\n' "$others"; fi
        printf '100644 blob %s\t%s\n' "$blob" "$store"
    } | git mktree)
    commit=$(git commit-tree "$tree" ${parent[@]+"${parent[@]}"} -m "Add the run of ${GITHUB_SHA:-a commit}")
    if git push --quiet origin "$commit:refs/heads/$BRANCH"; then break; fi
done
if ((attempt > attempts)); then fail "the history could not be pushed to $BRANCH: may this workflow write contents?"; fi
judge "$work/$store"
