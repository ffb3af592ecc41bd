"""One untimed pass of the plain loop before anything is measured: which items fail, what every arm has to find, and what
travels between processes."""

import pickle
import sys
import time

from parbench_python.trouble import Trouble, last_line

ANNOUNCED = 10_000  # items of which each is announced before it runs; of more, each hundredth
TOGETHER = 100  # values that are pickled at once


class Survey:
    """What the pass found: the results, and seconds and bytes."""

    def __init__(self):
        self.results = []
        self.total_s = 0.0
        self.longest_s = 0.0
        self.longest = 0
        self.sent_bytes = 0
        self.returned_bytes = 0
        self.pickle_s = 0.0
        self.unpicklable_item = None
        self.unpicklable_result = None

    def add(self, index, seconds):
        self.total_s += seconds
        if seconds > self.longest_s:
            self.longest_s, self.longest = seconds, index


class Listener:
    """Stands for the standard output: a task that prints is no pure task."""

    def __init__(self, real):
        self.real = real
        self.heard = ""

    def write(self, text):
        self.heard += text[:80]
        return self.real.write(text)

    def __getattr__(self, name):
        return getattr(self.real, name)


def survey(work, announce, may_print):
    found = Survey()
    listener = Listener(sys.stdout)
    sys.stdout = listener
    step = 1 if len(work.items) <= ANNOUNCED else 100
    try:
        for index, item in enumerate(work.items):
            if index % step == 0:
                announce(index)
            found.results.append(one(work, index, item, found))
            if listener.heard and not may_print:
                heard = " ".join(listener.heard.split())
                raise Trouble(
                    f"{work.name_of(index)} prints {heard[:60]!r}: lines of several workers would mix; return it, or"
                    " give --may-print"
                )
    finally:
        sys.stdout = listener.real

    travelling(work, found)
    return found


def one(work, index, item, found):
    try:
        began = time.perf_counter()
        result = work.call(item)
        found.add(index, time.perf_counter() - began)
        return result
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Trouble(f"{work.name_of(index)} raises {last_line(error)}")


def travelling(work, found):
    """What a process would be sent and would return, and the seconds of pickling both ways."""
    items = work.items if work.takes_item else []
    found.sent_bytes, found.unpicklable_item = sizes(items)
    found.returned_bytes, found.unpicklable_result = sizes(found.results)
    if found.unpicklable_item is None and found.unpicklable_result is None:
        found.pickle_s = pickling(items) + pickling(found.results)


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
