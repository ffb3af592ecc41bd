#!/usr/bin/env bash
# wheel-data.sh BINARY: writes completions and manual pages, which the binary itself makes, into the folder from which maturin takes
# them into the wheel. pip installs them below `share` of the environment.
set -euo pipefail

binary=$1
share=$(cd "$(dirname "$0")/../.." && pwd)/parbench.data/data/share

rm -rf "$share"
mkdir -p "$share/man/man1"
"$binary" man --out "$share/man/man1"
# completion SHELL FILE
completion() {
    mkdir -p "$(dirname "$share/$2")"
    "$binary" completions "$1" >"$share/$2"
}
completion bash bash-completion/completions/parbench
completion zsh zsh/site-functions/_parbench
completion fish fish/vendor_completions.d/parbench.fish
