"""One untimed pass of the plain loop before anything is measured: which items fail, what every arm has to find, and what
travels between processes."""

import io
import os
import pickle
import sys
import tempfile
import time
import types

from parbench_python.trouble import Trouble, last_line

ANNOUNCED = 10_000  # items of which each is announced before it runs; of more, each hundredth
TOGETHER = 100  # values that are pickled at once
PLAIN = (int, float, complex, bool, str, bytes, type(None))  # which no function can change
UNDONE = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, map, filter)


class Survey:
    """What the pass found: the results, and seconds and bytes."""

    def __init__(self):
        self.results = []
        self.times = []
        self.first_pass_s = 0.0
        self.sent_bytes = 0
        self.returned_bytes = 0
        self.pickle_s = 0.0
        self.function_bytes = 0
        self.function_pickle_s = 0.0
        self.unpicklable_item = None
        self.unpicklable_result = None
        self.cannot_travel = None  # the first of these in words

    def longest(self):
        """The index of the longest call."""
        return max(range(len(self.times)), key=self.times.__getitem__)


class Listener:
    """A file in place of the standard output, which hears C code and other processes, too: a task that prints is no pure
    task."""

    def __enter__(self):
        self.file = tempfile.TemporaryFile()
        self.python, self.system = sys.stdout, os.dup(1)
        os.dup2(self.file.fileno(), 1)
        sys.stdout = io.TextIOWrapper(open(1, "wb", buffering=0, closefd=False), errors="replace", write_through=True)
        return self

    def take(self):
        """What was printed since this was last asked for. It goes on to where it would have gone."""
        size = os.fstat(self.file.fileno()).st_size
        if size == 0:
            return ""

        heard = os.pread(self.file.fileno(), size, 0)
        os.lseek(1, 0, os.SEEK_SET)
        os.ftruncate(1, 0)
        self.python.write(heard.decode(errors="replace"))
        return " ".join(heard.decode(errors="replace").split()) or "an empty line"

    def __exit__(self, *error):
        sys.stdout = self.python
        os.dup2(self.system, 1)
        os.close(self.system)
        self.file.close()


def survey(work, announce, may_print):
    found = Survey()
    step = 1 if len(work.items) <= ANNOUNCED else 100
    before = [fingerprint(item) for item in work.items]
    with Listener() as listener:
        for index, item in enumerate(work.items):
            if index % step == 0:
                announce(f"item {index + 1}" if step == 1 else f"one of items {index + 1} to {index + step}")
            found.results.append(one(work, index, item, found))
            heard = listener.take()
            if heard and not may_print:
                raise Trouble(
                    f"{work.name_of(index)} prints {heard[:60]!r}: lines of several workers would mix; return it, or"
                    " give --may-print"
                )

        unchanged(work, before)
        found.first_pass_s = sum(found.times)
        # The first calls import and compile things: how long the longest one is shows when it is called again.
        longest = found.longest()
        one(work, longest, work.items[longest], found)
        found.times[longest] = min(found.times.pop(), found.times[longest])

    travelling(work, found)
    return found


def one(work, index, item, found):
    try:
        began = time.perf_counter()
        result = work.call(item)
        found.times.append(time.perf_counter() - began)
    except BaseException as error:  # an interrupt as well: the user's own never reaches this process
        raise Trouble(f"{work.name_of(index)} raises {last_line(error)}")

    if isinstance(result, UNDONE):
        kind = type(result).__name__
        article = "an" if kind.startswith("a") else "a"
        if kind == "coroutine":
            result.close()
        raise Trouble(
            f"{work.name_of(index)} returns {article} {kind}, whose work is not done yet: write a function, without async,"
            " that returns a list"
        )
    return result


def fingerprint(item):
    """A number that is another one once the item has changed; None where that cannot happen or be seen."""
    if type(item) in PLAIN:
        return None
    try:
        return hash(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
    except Exception:
        return None


def unchanged(work, before):
    """Refuses a function that changes its items: each pass would do other work."""
    for index, item in enumerate(work.items):
        if before[index] is not None and before[index] != fingerprint(item):
            raise Trouble(
                f"the function changes {work.name_of(index)}, so that each pass would do other work: have it change a"
                " copy"
            )


def travelling(work, found):
    """What a process would be sent and would return, and the seconds of pickling both ways."""
    found.function_bytes, found.function_pickle_s = of_function(work.function)
    items = work.items if work.takes_item else []
    found.sent_bytes, found.unpicklable_item = sizes(items)
    found.returned_bytes, found.unpicklable_result = sizes(found.results)
    if found.unpicklable_item is not None:
        found.cannot_travel = work.name_of(found.unpicklable_item)
    elif found.unpicklable_result is not None:
        found.cannot_travel = f"the result of {work.name_of(found.unpicklable_result)}"
    else:
        found.pickle_s = pickling(items) + pickling(found.results)


def of_function(function):
    """Bytes of the function, with the arguments that are the same in every call, and seconds of pickling it."""
    try:
        data = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
        began = time.perf_counter()
        pickle.loads(pickle.dumps(function, pickle.HIGHEST_PROTOCOL))
        return len(data), time.perf_counter() - began
    except Exception:
        return 0, 0.0


def sizes(values):
    """Bytes of all values, one by one, and the index of the first that cannot be pickled."""
    total = 0
    for index, value in enumerate(values):
        try:
            total += len(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        except Exception:
            return total, index
    return total, None


def pickling(values):
    """Seconds of pickling and reading again, many at once: single calls would be most of the time for small values."""
    began = time.perf_counter()
    for first in range(0, len(values), TOGETHER):
        pickle.loads(pickle.dumps(values[first : first + TOGETHER], pickle.HIGHEST_PROTOCOL))
    return time.perf_counter() - began
