"""A stored run: its table, its chart, its rounds."""

import io
import json
import os
import tempfile

from parbench import _html, _program
from parbench._program import Error


class Run:
    """What was measured. `data` is the stored run as dictionaries and lists; `print(run)` prints its table."""

    def __init__(self, text):
        self._text = text
        self.data = json.loads(text)

    def table(self):
        """The table that the program prints, and what it concludes."""
        return self._reported()

    def save(self, path):
        """Stores the run, as `--export json:FILE` does. `parbench report` and `parbench.load` read it."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(self._text)

    def to_pandas(self):
        """A DataFrame with a row for each arm and round: times, speed-ups, the cost of handing out a call."""
        try:
            import pandas
        except ImportError:
            raise Error("to_pandas needs pandas: pip install pandas") from None

        rows = pandas.read_csv(io.StringIO(self._reported("--export=csv:-", "--quiet")))
        # The same in every row; `data` has them.
        return rows.drop(columns="params")

    def _repr_html_(self):
        with tempfile.TemporaryDirectory(prefix="parbench-") as folder:
            chart = os.path.join(folder, "chart.svg")
            markdown = self._reported("--export=md:-", f"--chart={chart}", "--quiet")
            return _html.page(markdown, _program.read(chart))

    def _reported(self, *flags):
        """What `parbench report` prints of this run."""
        with tempfile.TemporaryDirectory(prefix="parbench-") as folder:
            stored = os.path.join(folder, "run.json")
            self.save(stored)
            return _program.run(["report", stored, "--color=never", *flags], folder)

    def __str__(self):
        return self.table()

    def __repr__(self):
        arms = [
            f"{arm['engine']} {arm['workers']}"
            for measurement in self.data["measurements"]
            for arm in measurement["arms"]
        ]
        return f"<parbench.Run: {', '.join(arms)}>"


def load(path):
    """The run that `save`, or the program, has stored in the file `path`."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    try:
        run = Run(text)
    except ValueError as error:
        raise Error(f"{os.fspath(path)} is not a stored run: {error}") from None
    if not isinstance(run.data, dict) or "measurements" not in run.data:
        raise Error(f"{os.fspath(path)} is not a stored run: it has no measurements")
    return run
