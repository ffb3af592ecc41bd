#!/usr/bin/env python3
"""Prints where the program is that Cargo builds for a release in this folder: that of default-run, or the only one there
is. Reads what `cargo metadata` prints."""

import json
import os
import sys

try:
    metadata = json.load(sys.stdin)
except ValueError:
    sys.exit("Cargo knows no crate here: set binary")
members = metadata.get("workspace_default_members") or metadata["workspace_members"]
packages = [package for package in metadata["packages"] if package["id"] in members]

chosen = {package["default_run"] for package in packages if package.get("default_run")}
binaries = {target["name"] for package in packages for target in package["targets"] if "bin" in target["kind"]}
names = sorted(chosen or binaries)
if len(names) != 1:
    sys.exit(f"set binary: Cargo builds {' and '.join(names) or 'no program'} here")
print(os.path.join(metadata["target_directory"], "release", names[0]))
