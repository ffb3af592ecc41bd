"""Makes a history of many runs out of one, to see how long judging it takes:

    parbench history add results/reference.json --store one.jsonl
    python3 examples/history-long.py one.jsonl 10000 > long.jsonl
    time parbench history check --store long.jsonl

The arm's time is 10 % longer from 30 to 70 % of the runs, and 12 % longer in the last seven. With `drift` behind the
number of runs it gets 20 % longer, a little with each run; with `all`, all measurements of the run are kept, and not only the
first one.
"""

import copy
import datetime
import json
import random
import sys

ROUNDS = 12


def digits(value: float) -> float:
    return float(f"{value:.5e}")


def main() -> None:
    random.seed(2)
    with open(sys.argv[1]) as lines:
        one = json.loads(lines.readline())
    runs, drifts = int(sys.argv[2]), "drift" in sys.argv[3:]
    if "all" not in sys.argv[3:]:
        one["measurements"] = one["measurements"][:1]

    for number in range(runs):
        line = copy.deepcopy(one)
        date = datetime.datetime(2010, 1, 1) + datetime.timedelta(hours=number)
        line["started_at"] = date.strftime("%Y-%m-%dT%H:%M:%SZ")
        line["run"] = f"{number:016x}"
        line["commit"] = f"{number:08x}"
        steps = 1.1 if 0.3 * runs <= number < 0.7 * runs else 1.0
        steps = 1.12 if number >= runs - 7 else steps
        factor = 1 + 0.2 * number / runs if drifts else steps

        for kept in line["measurements"]:
            kept["arithmetic_s"] = [digits(0.001 * random.gauss(1, 0.005)) for _ in range(ROUNDS)]
            for metric in kept["metrics"]:
                typical = {"distributed-time": metric["median"] * factor}
                typical["speedup"] = metric["median"] / factor
                middle = typical.get(metric["metric"], metric["median"]) * random.gauss(1, 0.01)
                rounds = [digits(middle * random.gauss(1, 0.01)) for _ in range(ROUNDS)]
                metric["rounds"] = rounds
                metric["median"] = sorted(rounds)[ROUNDS // 2]
        print(json.dumps(line, separators=(",", ":")))


if __name__ == "__main__":
    main()
