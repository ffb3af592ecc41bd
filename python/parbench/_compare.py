"""`compare`: brings the program a function with its items, and returns the run that it stores."""

import json
import os
import sys
import tempfile

from parbench import _program
from parbench._run import Run
from parbench._source import search_path, source_of


def compare(
    func,
    items=None,
    *,
    engines=("threads", "processes"),
    workers=None,
    rounds=None,
    args=None,
    chunk=None,
    compare="exact",
    python=None,
    **options,
):
    """Measures `func(item)` for all `items` in a plain loop and on `engines`, each with every number of `workers`.

    items: anything that can be iterated over, or None with `repeat=N`.
    engines: threads, processes, interpreters, ray, joblib, dask.
    workers: numbers such as [1, 2, 4], or "sweep"; the CPUs of this machine unless it is given.
    rounds: how often; as often as it takes unless it is given.
    args: further arguments, the same in every call: a list, or a dictionary by their names.
    chunk: items that go to a worker together, or "auto"; 1 unless it is given, or the own rule of joblib and dask.
    compare: what has to be the same in every arm: "exact", "approx:1e-9" or "none".
    python: another Python, or a list of several that are compared; this one unless it is given.
    options: any other flag of `parbench python`: `max_time="10s"` is `--max-time=10s`, `ray_actors=True` is
        `--ray-actors`.

    A function of a file is imported from that file. One of a script, a notebook or another function is sent by value,
    which needs cloudpickle. Raises `parbench.Error` with the line that the program would print, unless a part could be
    measured: then the line is printed, and the run has that part.
    """
    with tempfile.TemporaryDirectory(prefix="parbench-") as folder:
        source = source_of(func, items, folder)
        stored = os.path.join(folder, "run.json")
        flags = {
            "items": source.items,
            "engine": engines,
            "workers": workers,
            "rounds": rounds,
            "args": None if args is None else json.dumps(args),
            "chunk": chunk,
            "compare": compare,
            "python": python or sys.executable or None,
            **options,
            "color": "never",
        }
        words = ["python", source.function, *words_of(flags), f"--export=json:{stored}"]

        _program.run(words, folder, {**os.environ, "PYTHONPATH": search_path(folder)}, stored)
        return Run(_program.read(stored))


def words_of(flags):
    """The words of a command line: True is a flag without a value, None and False are no flag, and a list has commas."""
    words = []
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif isinstance(value, (list, tuple, range)):
            words.append(f"{flag}={','.join(map(str, value))}")
        elif value is not None and value is not False:
            words.append(f"{flag}={value}")
    return words
