"""A function and its items as `parbench python` takes them: FILE.py:FUNCTION and an expression. A function of a file stays
there. Any other one is pickled, beside a module that other processes can import it from."""

import inspect
import math
import os
import sys
import sysconfig
from typing import NamedTuple, Optional

from parbench import _pickled
from parbench._program import Error

LONGEST = 2000  # characters of items that go on the command line
LARGEST = 2**1000  # beyond some thousand digits, Python refuses to write an integer
MODULE = "parbench_sent"
INSTALLED = {"site-packages", "dist-packages"}


class Source(NamedTuple):
    function: str
    items: Optional[str]


def source_of(function, items, folder):
    """Writes into `folder` what cannot be named."""
    function = plain(function)
    if not callable(function):
        raise Error(f"{type(function).__name__} cannot be called: give a function")

    expression, sent = None, _pickled.NOTHING
    if items is not None:
        items = items if isinstance(items, range) else list(items)
        expression = literal(items)
        if expression is None:
            sent = _pickled.Pickled(items, "a list of these items")

    # Classes that a script has defined for its items have to be found beside the function.
    file = None if sent.defined else file_of(function)
    if file:
        if sent is not _pickled.NOTHING:
            _pickled.write(folder, MODULE, sent)
            expression = f"__import__({MODULE!r})._parbench_items()"
        return Source(f"{file}:{function.__qualname__}", expression)

    name = _pickled.name_of(function)
    sent_function = _pickled.Pickled(function, getattr(function, "__qualname__", repr(function)))
    _pickled.write(folder, MODULE, sent, sent_function, name)
    if sent is not _pickled.NOTHING:
        expression = "_parbench_items()"
    return Source(f"{os.path.join(folder, MODULE)}.py:{name}", expression)


def plain(function):
    """The function below `@ray.remote`: Ray's own object cannot be called. Objects of others may have such an attribute."""
    is_of_ray = type(function).__module__.partition(".")[0] == "ray"
    return getattr(function, "_function", function) if is_of_ray else function


def file_of(function):
    """The file of a function that can be imported from it by name, by itself."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    file = getattr(module, "__file__", None) or ""
    is_alone = module is not None and os.path.basename(file) == f"{module.__name__}.py"
    if not is_alone or is_below(file, standard_library()):
        return None

    found = module
    for part in getattr(function, "__qualname__", "").split("."):
        found = getattr(found, part, None)
    # Each look-up of a method that belongs to a class or an object makes another one.
    is_same = plain(found) is function and not inspect.ismethod(function)
    return os.path.abspath(file) if is_same else None


def literal(items):
    """The items as Python would write them, where that is short and says all."""
    try:
        if isinstance(items, range):
            return repr(items)
        text = repr(items) if len(items) <= LONGEST and is_plain(items) else None
    except RecursionError:
        return None
    return text if text and len(text) <= LONGEST else None


def is_plain(value):
    kind = type(value)
    if kind in (list, tuple):
        return all(map(is_plain, value))
    if kind is dict:
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    if kind is float:
        return math.isfinite(value)
    if kind is int:
        return abs(value) < LARGEST
    return value is None or kind in (bool, str, bytes)


def search_path(folder):
    """A PYTHONPATH with which another process imports what this one does. What is installed it finds by itself."""
    here = [os.path.abspath(entry) for entry in sys.path]
    brought = [entry for entry in here if not is_installed(entry)]
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([*brought, *([given] if given else []), folder])


def is_installed(entry):
    is_archive = os.path.basename(entry).startswith("python3") and entry.endswith(".zip")
    return is_archive or is_below(entry, standard_library()) or not INSTALLED.isdisjoint(entry.split(os.sep))


def standard_library():
    return [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]


def is_below(path, folders):
    path = os.path.realpath(path)
    return any(os.path.commonpath([path, folder]) == folder for folder in map(os.path.realpath, folders))
