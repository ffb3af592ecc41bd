"""Judges the series that `parbench history noise --write-series FILE.csv` writes with Apache Otava.

    python3 -m pip install apache-otava
    python3 examples/history-otava.py FILE.csv --after 5

prints, for each kind of series, in how many of them Otava finds a change for the worse: with its own
settings, and with changes below 5 % left out, which is what `parbench history check` tolerates.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

KINDS = ["shuffled", "spike", "step", "drift"]
SETTINGS = {"as it is": [], "at least 5 %": ["--magnitude", "0.05"]}
# Metrics in one call: their names are arguments of nothing, but each call reads the whole file.
AT_ONCE = 500


def config(table: pathlib.Path, metrics: list[str]) -> str:
    lines = ["tests:", "  series:", "    type: csv", f"    file: {table}"]
    lines += ["    time_column: time", "    attributes: [commit]", "    metrics:"]
    for metric in metrics:
        # More is worse.
        lines += [f"      {metric}:", f"        column: {metric}", "        direction: -1"]
    return "\n".join(lines) + "\n"


def changes(otava: str, table: pathlib.Path, metrics: list[str], settings: list[str]):
    """The changes for the worse of each metric: the numbers of the first runs after them."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "otava.yaml")
        path.write_text(config(table, metrics))
        line = [otava, "analyze", "series", "--config-file", str(path), "--output", "json"]
        done = subprocess.run(
            [*line, "--since", "2000-01-01", "--last", "100000", *settings],
            capture_output=True,
            text=True,
            check=True,
        )

    found: dict[str, list[int]] = {metric: [] for metric in metrics}
    for change in json.loads(done.stdout)["series"]:
        number = int(change["attributes"]["commit"], 16)
        for metric in change["changes"]:
            if float(metric["forward_change_percent"]) > 0:
                found[metric["metric"]].append(number)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--after", type=int, default=5, help="runs after the step")
    parser.add_argument("--otava", default=str(pathlib.Path(sys.executable).with_name("otava")))
    arguments = parser.parse_args()

    with arguments.table.open() as lines:
        header = next(csv.reader(lines))
        runs = sum(1 for _ in lines)
    step = runs - arguments.after

    print("| series | Otava | said worse | within one run of the step |")
    print("|---|---|---:|---:|")
    for kind in KINDS:
        metrics = [name for name in header if name.startswith(f"{kind}_")]
        for words, settings in SETTINGS.items():
            found: dict[str, list[int]] = {}
            for first in range(0, len(metrics), AT_ONCE):
                some = metrics[first : first + AT_ONCE]
                found |= changes(arguments.otava, arguments.table.resolve(), some, settings)
            worse = sum(1 for places in found.values() if places)
            near = sum(1 for places in found.values() if any(abs(at - step) <= 1 for at in places))
            located = f"{100 * near / len(metrics):.1f} %" if kind == "step" else ""
            print(f"| {kind} | {words} | {100 * worse / len(metrics):.1f} % | {located} |", flush=True)


if __name__ == "__main__":
    main()
