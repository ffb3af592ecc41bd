"""Times a function of the user's in a loop and on engines that a Python user has, all in this one interpreter."""

import gc
import os
import platform
import sys
import sysconfig
import threading
import time
from concurrent.futures import BrokenExecutor

from parbench_python.compare import Expected
from parbench_python.cpu import Meter
from parbench_python.executors import Interpreters, Processes, Threads
from parbench_python.libraries import Dask, Joblib
from parbench_python.line import Line
from parbench_python.ray_tasks import RayTasks
from parbench_python.serial import Serial
from parbench_python.survey import survey
from parbench_python.trouble import Trouble, last_line
from parbench_python.work import Work, load

HEARTBEAT_S = 1.0  # between signs of life while something runs
EMPTY_ITEMS = 256
SEARCH_S = 10.0  # for the item with which an engine has failed
ENGINES = {
    "serial": Serial,
    "threads": Threads,
    "processes": Processes,
    "interpreters": Interpreters,
    "ray": RayTasks,
    "joblib": Joblib,
    "dask": Dask,
}


class Driver:
    def __init__(self, line):
        self.line = line
        self.engines = {}
        self.busy = threading.Event()
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        while True:
            self.busy.wait()
            time.sleep(HEARTBEAT_S)
            if self.busy.is_set():
                self.line.send(alive=True)

    def serve(self):
        while True:
            message = self.line.receive()
            if message is None:
                return
            (command, request), = message.items()
            self.busy.set()
            try:
                answer = getattr(self, command)(**request)
            except Trouble as trouble:
                self.line.send(trouble=str(trouble))
                continue
            except Exception as error:
                self.line.send(trouble=f"cannot {command}: {last_line(error)}")
                continue
            finally:
                self.busy.clear()
            self.line.send(**{command: answer})

    def load(self, expression, repeat, args, chunk, compare, may_print, **options):
        words = sys.argv[1:]
        # The user's file sees its own name as its only argument.
        sys.argv = [words[0].rpartition(":")[0]]
        self.work, module, import_s = load(words, expression, repeat, args, chunk)
        found = survey(self.work, lambda name: self.line.send(item=name), may_print)
        self.expected = Expected(found.results, compare, found.returned_bytes)
        self.options = {**options, "module": module.__name__, "survey": found}
        self.empty = Work(bool, list(range(EMPTY_ITEMS)), True, chunk, self.work)
        found.results = None
        # What has been made so far is no work for the garbage collector in any arm.
        gc.collect()
        gc.freeze()
        return {
            "items": len(self.work.items),
            "import_s": import_s,
            "first_pass_s": found.first_pass_s,
            "total_s": sum(found.times),
            "longest_s": max(found.times),
            "longest": self.work.name_of(found.longest()),
            "sent_bytes": found.sent_bytes,
            "returned_bytes": found.returned_bytes,
            "pickle_s": found.pickle_s,
            "cannot_travel": found.cannot_travel,
            "function_bytes": found.function_bytes,
            "function_pickle_s": found.function_pickle_s,
            "gil": has_gil(),
            "variables": {name: os.environ[name] for name in options["variables"] if name in os.environ},
        }

    def start(self, engine, workers, **terms):
        """Makes an engine with this many workers ready, once."""
        if (engine, workers) not in self.engines:
            began = time.perf_counter()
            made = ENGINES[engine](self.work, workers, {**self.options, **terms})
            rested_s = getattr(made, "rested_s", 0.0)
            self.engines[engine, workers] = made, time.perf_counter() - began - rested_s
        made, seconds = self.engines[engine, workers]
        return {"seconds": seconds, "detail": made.detail}

    def run(self, engine, workers, empty):
        """One pass over all items, or over as many calls that do nothing."""
        made, _ = self.engines[engine, workers]
        work = self.empty if empty else self.work
        # Nobody asks what calls that do nothing use.
        meter = Meter(None if empty else getattr(made, "root", os.getpid()))
        try:
            began = time.perf_counter()
            results = made.run(work)
            seconds = time.perf_counter() - began
        except BaseException as error:
            item = "" if empty else self.failing(engine, workers, error)
            raise Trouble(f"{engine} {workers}: {item}{last_line(cause_of(error))}")

        used = meter.used()
        if not empty:
            self.check(engine, workers, results)
        return {"seconds": seconds, "cpu": used}

    def failing(self, engine, workers, error):
        """The first item with which the engine fails by itself, as the beginning of a line; nothing where that is not found."""
        made, _ = self.engines[engine, workers]
        if isinstance(error, BrokenExecutor):
            try:
                made = ENGINES[engine](self.work, workers, self.options)
            except Exception:
                return ""
        until = time.perf_counter() + SEARCH_S
        for index, item in enumerate(self.work.items):
            if time.perf_counter() > until:
                break
            try:
                made.run(Work(self.work.function, [item], self.work.takes_item, "1"))
            except BaseException:
                return f"{self.work.name_of(index)} raises "
        return ""

    def check(self, engine, workers, results):
        """A difference is an error, unless another pass of the plain loop finds something else, too."""
        difference = self.expected.difference(self.work, results)
        if difference and not self.expected.is_confirmed:
            again = survey(self.work, lambda index: None, True).results
            self.expected.confirm(self.expected.difference(self.work, again))
            difference = self.expected.difference(self.work, results)
        if difference:
            raise Trouble(f"{engine} {workers}: {difference}; give --compare none where results differ by nature")

    def found(self):
        """What all arms found, now that they have run."""
        return {"digest": self.expected.digest(), "varies": self.expected.varies}

    def close(self):
        for made, _ in self.engines.values():
            made.close()


def cause_of(error):
    """What a task raised, below what an engine made of it."""
    inner = getattr(error, "cause", None)
    return inner if isinstance(inner, BaseException) else error


def has_gil():
    """Whether threads take turns: an extension may have switched the lock on again."""
    enabled = getattr(sys, "_is_gil_enabled", None)
    return enabled() if enabled else not sysconfig.get_config_var("Py_GIL_DISABLED")


def main():
    line = Line()
    sys.stdout = sys.stderr
    line.send(
        hello={
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
        }
    )
    driver = Driver(line)
    try:
        driver.serve()
    finally:
        driver.close()
        # Executors join their workers at exit, and a task that hangs would hold that up.
        os._exit(0)
