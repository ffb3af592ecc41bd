"""The executors of the standard library, used as most people use them: `list(executor.map(function, items))`."""

import concurrent.futures
import importlib
import multiprocessing
import pickle
import platform
import sys
import threading
import time

from parbench_python.trouble import Trouble, last_line


class Executor:
    """What the executors have in common. `detail` says how the workers run, for reports."""

    detail = ""

    def run(self, work):
        if not work.takes_item:
            futures = [self.executor.submit(work.function) for _ in work.items]
            return [future.result() for future in futures]
        return self.map(work)

    def map(self, work):
        return list(self.executor.map(work.function, work.items, chunksize=work.chunk_for(self.workers)))

    def warm(self, function):
        """Has every worker start, and finish starting."""
        list(self.executor.map(function, range(self.workers)))

    def close(self):
        self.executor.shutdown(wait=False, cancel_futures=True)


class Threads(Executor):
    def __init__(self, work, workers, options):
        self.workers = workers
        self.executor = concurrent.futures.ThreadPoolExecutor(workers)
        # A thread that waits for all others does not do the task of another one.
        barrier = threading.Barrier(workers)
        self.warm(lambda _: barrier.wait())

    def map(self, work):
        return list(self.executor.map(work.function, work.items))


class Processes(Executor):
    def __init__(self, work, workers, options):
        can_travel(work, options["survey"], "processes")
        self.workers = workers
        context = multiprocessing.get_context(options["start_method"])
        method = context.get_start_method()
        self.detail = f"start method {method}"
        # Each worker imports the function's module as it starts, and not in its first task.
        module = options["module"]
        self.executor = concurrent.futures.ProcessPoolExecutor(
            workers, mp_context=context, initializer=importlib.import_module, initargs=(module,)
        )
        self.start_all(method)

    def start_all(self, method):
        # The executor starts a process for a task only while none is idle.
        futures = [self.executor.submit(time.sleep, 0.02) for _ in range(self.workers * 2)]
        try:
            for future in futures:
                future.result()
        except concurrent.futures.process.BrokenProcessPool as error:
            raise Trouble(f"the worker processes ended while they started ({method}): {last_line(error)}")


class Interpreters(Executor):
    def __init__(self, work, workers, options):
        if sys.version_info < (3, 14):
            raise Trouble(f"interpreters needs Python 3.14, and this is {platform.python_version()}: leave the engine out")
        can_travel(work, options["survey"], "interpreters")
        self.workers = workers
        self.detail = "one interpreter in each thread"
        # A new interpreter has the search path that Python started with, where the function's folder is missing.
        start = f"import sys; sys.path[:] = {sys.path!r}; import {options['module']}"
        self.executor = concurrent.futures.InterpreterPoolExecutor(workers, initializer=exec, initargs=(start, {}))
        try:
            self.warm(bool)
        except concurrent.futures.BrokenExecutor as error:
            self.explain(start)
            raise Trouble(f"interpreters cannot be started: {last_line(error)}")

    def explain(self, start):
        """Starts one more interpreter: of an initializer that fails, the executor only says that it did."""
        from concurrent import interpreters

        interpreter = interpreters.create()
        try:
            interpreter.exec(start)
        except interpreters.ExecutionFailed as error:
            raise Trouble(f"interpreters cannot import the function's file: {error.excinfo.formatted}")
        finally:
            interpreter.close()

    def map(self, work):
        return list(self.executor.map(work.function, work.items))


def can_travel(work, survey, engine):
    """Refuses a function, items or results that cannot be pickled, before anything is measured."""
    function = getattr(work.function, "func", work.function)
    try:
        pickle.dumps(function)
    except Exception as error:
        name = getattr(function, "__qualname__", repr(function))
        kind = "a lambda" if "<lambda>" in name else f"{name}: {last_line(error)}"
        raise Trouble(
            f"{engine} needs a function that other processes can import by its name, and this is {kind}; write it with"
            " def at the top level of its file"
        )
    if survey.unpicklable_item is not None:
        raise Trouble(f"{engine} cannot send {work.name_of(survey.unpicklable_item)}: it cannot be pickled")
    if survey.unpicklable_result is not None:
        name = work.name_of(survey.unpicklable_result)
        raise Trouble(f"{engine} cannot return the result of {name}: it cannot be pickled")
