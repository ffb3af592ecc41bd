#!/usr/bin/env bash
# Gets the two versions that NEW and OLD name and writes their paths as outputs. BUILD makes a version in a checkout and
# leaves it at BINARY there, or where Cargo leaves its program; BASE is the commit before the change; REPOSITORY has the releases.
set -uo pipefail

folder=${RUNNER_TEMP:?}/parbench-versions
mkdir -p "$folder" || exit 2
here=$(cd "$(dirname "$0")" && pwd) || exit 2

# What functions print is their result; the log has a stream of its own.
exec 3>&1
fail() {
    printf '::error title=parbench::%s\n' "$*" >&3
    exit 2
}

# Where the change that is judged begins. Of a pull request, a checkout is a merge, and its first parent is the other branch
# without the change.
base() {
    if [[ ${GITHUB_EVENT_NAME:-} == pull_request ]] && git rev-parse --quiet --verify 'HEAD^2' >/dev/null; then
        git rev-parse 'HEAD^1'
        return
    fi
    [[ ${BASE:-} =~ ^[0-9a-f]{40,64}$ && ! $BASE =~ ^0+$ ]] ||
        fail 'there is no commit to compare with: run on a pull request or a push, or set old'
    git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --no-tags origin "$BASE" ||
        fail "the commit $BASE cannot be fetched"
    # A shallow checkout does not reach that far back; the base itself is near enough then.
    git merge-base "$BASE" HEAD 2>/dev/null || printf '%s\n' "$BASE"
}

# build NAME REF
build() {
    local checkout=$PWD ref=$2
    if [[ $ref == base ]]; then
        ref=$(base) || exit 2
    fi
    if [[ $ref != . ]]; then
        ref=$(git rev-parse --quiet --verify --end-of-options "$ref^{commit}") ||
            fail "the commit $2 is not in the checkout: use fetch-depth: 0"
        checkout=$folder/$1-checkout
        # Of an earlier use in the same job.
        git worktree remove --force "$checkout" 2>/dev/null
        git worktree add --quiet --force --detach "$checkout" "$ref" >&3 || fail "$ref cannot be checked out"
    fi

    if [[ $BUILD == cargo* && ! -f $checkout/Cargo.toml ]]; then
        fail "$ref has no Cargo.toml: set build and binary, or new: release:VERSION and old: none for commands of parbench.toml"
    fi

    # Into the checkout: a folder that both share would keep only the later one.
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR
    (cd "$checkout" && bash -e -o pipefail -c "$BUILD" >&3) || fail "the version $ref cannot be built by: $BUILD"
    local program=${BINARY:-}
    if [[ -z $program ]]; then
        program=$(cd "$checkout" && cargo metadata --no-deps --format-version 1 | "$here/program.py" 2>&1) ||
            fail "the program of $ref is not known: ${program:-set binary}"
        [[ $program == "$checkout"/* ]] ||
            fail "Cargo builds into $program, where the other version's program would be, too: unset build.target-dir"
    fi
    # Cargo names it from the root.
    if [[ $program != /* ]]; then program=$checkout/$program; fi
    [[ -x $program ]] || fail "the build of $ref left no program at ${program#"$checkout/"}: set binary"
    printf '%s\n' "$program"
}

# release NAME VERSION
release() {
    [[ $2 =~ ^[0-9]+(\.[0-9]+){2}[0-9A-Za-z.-]*$ ]] || fail "release:$2 is not a version such as release:0.1.0"
    local name url file
    name=parbench-$2-$(target) || exit 2
    url=${RELEASES:-https://github.com/${REPOSITORY:?}/releases/download}/v$2
    for file in "$name.tar.gz" SHA256SUMS; do
        curl --fail --silent --show-error --location --retry 3 --output "$folder/$file" "$url/$file" ||
            fail "$url/$file cannot be downloaded"
    done

    (cd "$folder" && awk -v name="$name.tar.gz" '$2 == name' SHA256SUMS >expected && [[ -s expected ]] && sha256 expected) >&3 ||
        fail "$name.tar.gz is not what SHA256SUMS of $2 says"
    tar -xzf "$folder/$name.tar.gz" -C "$folder" || fail "$name.tar.gz cannot be unpacked"
    printf '%s\n' "$folder/$name/parbench"
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum --check "$1"; else shasum -a 256 --check "$1"; fi
}

target() {
    case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
        Linux-X64) echo x86_64-unknown-linux-musl ;;
        Linux-ARM64) echo aarch64-unknown-linux-musl ;;
        macOS-ARM64) echo aarch64-apple-darwin ;;
        macOS-X64) echo x86_64-apple-darwin ;;
        *) fail 'there is no release for this runner: use build:REF' ;;
    esac
}

# version NAME SPECIFICATION
version() {
    case $2 in
        none) ;;
        build:?*) build "$1" "${2#build:}" ;;
        release:?*) release "$1" "${2#release:}" ;;
        file:?*) realpath "${2#file:}" || fail "$1: there is no ${2#file:}" ;;
        *) fail "$1: $2 is not build:REF, release:VERSION, file:PATH or none" ;;
    esac
}

[[ $NEW != none ]] || fail 'new cannot be none: there is nothing to judge'
new=$(version new "$NEW") || exit 2
old=$(version old "$OLD") || exit 2
printf 'new=%s\nold=%s\n' "$new" "$old" >>"$GITHUB_OUTPUT"
