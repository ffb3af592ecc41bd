#!/usr/bin/env bash
# package.sh BINARY VERSION TARGET FOLDER: packs BINARY, built for TARGET, with its completions, manual pages and licences into
# FOLDER: a .tar.gz, or a .zip for Windows, and a .deb for Linux. The binary itself writes completions and pages.
set -euo pipefail

binary=$1 version=$2 target=$3 folder=$4
name=parbench-$version-$target
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

suffix=''
if [[ $target == *windows* ]]; then suffix=.exe; fi
root=$work/$name
mkdir -p "$root/completions" "$root/man"
# Under its own name, which completions and pages are made for.
cp "$binary" "$root/parbench$suffix"
chmod 755 "$root/parbench$suffix"
for shell in bash zsh fish powershell elvish; do
    "$root/parbench$suffix" completions "$shell" >"$root/completions/parbench.$shell"
done
"$root/parbench$suffix" man --out "$root/man"
for file in README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT assets/OpenSans-LICENSE.txt; do
    cp "$repository/$file" "$root/"
done

if [[ $target == *windows* ]]; then
    (cd "$work" && 7z a -bso0 "$folder/$name.zip" "$name")
else
    tar -czf "$folder/$name.tar.gz" -C "$work" "$name"
fi

case $target in
    x86_64-*-linux-*) architecture=amd64 ;;
    aarch64-*-linux-*) architecture=arm64 ;;
    *) exit 0 ;;
esac
package=$work/deb
documents=$package/usr/share/doc/parbench
mkdir -p "$package/DEBIAN" "$documents"
install -D -m 755 "$root/parbench" "$package/usr/bin/parbench"
install -D -m 644 "$root/completions/parbench.bash" "$package/usr/share/bash-completion/completions/parbench"
install -D -m 644 "$root/completions/parbench.zsh" "$package/usr/share/zsh/vendor-completions/_parbench"
install -D -m 644 "$root/completions/parbench.fish" "$package/usr/share/fish/vendor_completions.d/parbench.fish"
for page in "$root"/man/*.1; do
    install -D -m 644 "$page" "$package/usr/share/man/man1/$(basename "$page")"
done
gzip -9 -n "$package"/usr/share/man/man1/*.1
install -m 644 "$root/README.md" "$documents/README.md"
{
    printf 'parbench is under the Apache License 2.0 or the MIT License, at your option.\n\n'
    cat "$root/LICENSE-MIT"
    printf '\nThe Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n\nThe font Open Sans:\n\n'
    cat "$root/OpenSans-LICENSE.txt"
} >"$documents/copyright"

# Nothing to depend on where the binary is static; otherwise the C library.
depends='Depends: libc6, libgcc-s1'
if [[ $target == *-musl ]]; then depends=''; fi
{
    # A pre-release is older than the release: Debian writes that with a tilde.
    printf 'Package: parbench\nVersion: %s\nArchitecture: %s\n' "${version/-/\~}" "$architecture"
    printf 'Maintainer: The parbench authors <parbench@users.noreply.github.com>\n'
    printf 'Installed-Size: %s\nSection: devel\nPriority: optional\n' "$(du -sk "$package/usr" | cut -f 1)"
    if [[ -n $depends ]]; then printf '%s\n' "$depends"; fi
    printf 'Description: measures whether spreading work over cores or machines pays\n'
    printf ' parbench runs a command or a workload as a plain loop and as tasks on a pool,\n'
    printf ' on processes or on Ray, in turns, and says by how much that pays, with how many\n'
    printf ' workers, and whether it got worse.\n'
} >"$package/DEBIAN/control"
dpkg-deb --build --root-owner-group ${DEB_LEVEL:+-z"$DEB_LEVEL"} "$package" "$folder/parbench_${version}_$architecture.deb" >/dev/null
