"""Sets the kernels and the pool of two commits beside each other: runs both `limits` in turns.

    cargo build --release -p limits     in a checkout of each commit
    python3 benches/against.py OLD/target/release/limits target/release/limits [CONTEST ...]

A row is a contender. Its figure is the ratio that `limits` prints, "first row / this", of the new
program over that of the old one, as the median of all turns, with the least and the most.
"""

import re
import statistics
import subprocess
import sys

TURNS = 3
CONTESTS = ["pi", "fib-last", "fib-list", "fib-fresh", "image", "pool-batch", "pool-awake"]

HEADING = re.compile(r"## ([\w-]+):")
ROW = re.compile(r"\| (.+?) \| [\d.]+ \| ([\d.]+) \[")


def ratios(program, contests):
    """The ratio of each contender of each contest."""
    output = subprocess.run([program, *contests], check=True, capture_output=True, text=True)
    found, contest = {}, None

    for line in output.stdout.splitlines():
        if heading := HEADING.match(line):
            contest = heading[1]
        if row := ROW.match(line):
            found[contest, row[1]] = float(row[2])

    return found


def main():
    old, new, *contests = sys.argv[1:]
    changes = {}

    for _ in range(TURNS):
        before, after = (ratios(program, contests or CONTESTS) for program in (old, new))
        for row in before.keys() & after.keys():
            changes.setdefault(row, []).append(after[row] / before[row])

    for (contest, row), change in sorted(changes.items()):
        middle = statistics.median(change)
        print(f"{contest:10} {middle:.3f} [{min(change):.3f}, {max(change):.3f}]  {row}")


main()
