"""The executors of the standard library, used as most people use them: `list(executor.map(function, items))`."""

import concurrent.futures
import functools
import multiprocessing
import multiprocessing.pool
import pickle
import platform
import sys
import threading

from parbench_python.trouble import Trouble, last_line

# What a worker process does as it starts: each of them has to have started before one is free for a task, since the executor
# starts no other one while one is idle.
START = "import importlib; importlib.import_module(module); all_ready.wait()"


class Executor:
    """What the executors have in common. `detail` says how the workers run, for reports."""

    detail = ""
    takes_chunks = False

    def run(self, work):
        if work.takes_item:
            return self.map(work)
        if work.chunk_for(self.workers) == 1 or not self.takes_chunks:
            futures = [self.executor.submit(work.function) for _ in work.items]
            return [future.result() for future in futures]

        batches = self.executor.map(multiprocessing.pool.starmapstar, work.runs(self.workers))
        return [result for batch in batches for result in batch]

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
    takes_chunks = True

    def __init__(self, work, workers, options):
        can_travel(work, options, "processes")
        self.workers = workers
        context = multiprocessing.get_context(options["start_method"])
        self.detail = f"start method {context.get_start_method()}"
        self.executor = process_pool(workers, context, options["module"])


class Interpreters(Executor):
    def __init__(self, work, workers, options):
        if sys.version_info < (3, 14):
            raise Trouble(f"interpreters needs Python 3.14, and this is {platform.python_version()}: leave the engine out")
        can_travel(work, options, "interpreters")
        self.workers = workers
        self.detail = "one interpreter in each thread"
        # A new interpreter has the search path that Python started with, where the function's folder is missing.
        start = f"import importlib, sys; sys.path[:] = {sys.path!r}; importlib.import_module({options['module']!r})"
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


def process_pool(workers, context, module):
    """An executor all of whose processes have started and imported the function's module."""
    terms = {"module": module, "all_ready": context.Barrier(workers)}
    executor = concurrent.futures.ProcessPoolExecutor(
        workers, mp_context=context, initializer=exec, initargs=(START, terms)
    )
    try:
        for future in [executor.submit(int) for _ in range(workers)]:
            future.result()
    except concurrent.futures.process.BrokenProcessPool as error:
        method = context.get_start_method()
        raise Trouble(f"the worker processes ended while they started ({method}): {last_line(error)}")
    return executor


def can_travel(work, options, engine):
    """Refuses a function, items or results that cannot be pickled, before anything is measured."""
    survey = options["survey"]
    is_partial = isinstance(work.function, functools.partial)
    function = work.function.func if is_partial else work.function
    try:
        pickle.dumps(function)
    except Exception as error:
        raise Trouble(
            f"{engine} needs a function that other processes can import by its name, and"
            f" {why_not_by_name(function, options['module'], error)}"
        )
    if survey.unpicklable_item is not None:
        raise Trouble(f"{engine} cannot send {work.name_of(survey.unpicklable_item)}: it cannot be pickled")
    if survey.unpicklable_result is not None:
        name = work.name_of(survey.unpicklable_result)
        raise Trouble(f"{engine} cannot return the result of {name}: it cannot be pickled")


def why_not_by_name(function, module, error):
    name = getattr(function, "__qualname__", repr(function))
    found = getattr(sys.modules[module], name, function)
    if found is not function:
        return f"by the name {name} they find a {type(found).__name__}, which its decorator makes; leave the decorator out"

    kind = "a lambda" if "<lambda>" in name else f"{name}: {last_line(error)}"
    return f"this is {kind}; write it with def at the top level of its file"
