"""The user's work: a function, imported from its file as any other process would import it, and the items it is called
with."""

import functools
import importlib.util
import inspect
import json
import os
import sys
import time

from parbench_python.trouble import Trouble, last_line, place_in


class Work:
    """A function and its items. `takes_item` is False where the function is called without any. `chunk` is a number, auto,
    or None where the user has not said. Calls that do nothing show what calling costs in the `measured` work."""

    def __init__(self, function, items, takes_item, chunk, measured=None):
        self.function = function
        self.items = items
        self.takes_item = takes_item
        self.chunk = chunk
        self.measured = measured
        self.is_empty = measured is not None

    def call(self, item):
        return self.function(item) if self.takes_item else self.function()

    def chunk_for(self, workers):
        """How many items go out together: a number, or four chunks for each worker, as multiprocessing.Pool has them. Calls
        that do nothing go out as those of the measured work do, but no worker is left without any."""
        four_each = max(1, -(-len(self.items) // (4 * workers)))
        if self.is_empty:
            return min(self.measured.chunk_for(workers), four_each)
        return four_each if self.chunk == "auto" else int(self.chunk or 1)

    def chunks(self, workers):
        size = self.chunk_for(workers)
        return [self.items[first : first + size] for first in range(0, len(self.items), size)]

    def runs(self, workers):
        """Equal runs as arguments of `starmapstar`, which does several together in any process: for each batch the function
        and a call without arguments for each run."""
        return [(self.function, [()] * len(chunk)) for chunk in self.chunks(workers)]

    def name_of(self, index):
        if not self.takes_item:
            return f"run {index + 1}"
        return f"item {index + 1} ({shortened(self.items[index])})"


def shortened(value, longest=60):
    """`repr` as one line that fits into a message."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def load(words, expression, repeat, args, chunk):
    """Imports the function and makes the items. Returns the work, its module and the seconds that importing took. The
    words are FILE.py:FUNCTION and the file with the items, if there is one."""
    file, colon, name = words[0].rpartition(":")
    if not colon or not file or not name:
        raise Trouble(f"{words[0]} names no function: write it as FILE.py:FUNCTION")
    began = time.perf_counter()
    module = module_of(file)
    import_s = time.perf_counter() - began

    function = plain(lookup(module, file, name))
    if not callable(function):
        raise Trouble(f"{name} in {file} is {type(function).__name__}, which cannot be called: name a function")

    fixed = json.loads(args) if args else []
    if repeat:
        function, made, takes_item = without_items(function, repeat, fixed)
    else:
        function, made, takes_item = with_fixed(function, name, fixed), items_of(module, expression, words[1:]), True
    return Work(function, made, takes_item, chunk), module, import_s


def module_of(file):
    folder, base = os.path.split(os.path.abspath(file))
    name = os.path.splitext(base)[0]
    if name in sys.modules or name in sys.builtin_module_names:
        raise Trouble(f"{base} has the name of a module of Python or of parbench's driver: rename it")
    if "." in name:
        raise Trouble(f"{base} has a full stop in its name, so other processes cannot import it: rename it")

    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, base))
    if spec is None:
        raise Trouble(f"{file} is not a Python file: its name has to end with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise Trouble(f"cannot import {file}: {place_in(spec.origin, error)}{last_line(error)}")
    return module


def lookup(module, file, name):
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise Trouble(f"there is no {name} in {file}{nearest(module, name)}")
        found = getattr(found, part)
    return found


def nearest(module, name):
    functions = [own for own, value in vars(module).items() if inspect.isroutine(value) and not own.startswith("_")]
    return f": it has {', '.join(functions[:8])}" if functions else ": it has no functions"


def plain(function):
    """The function below `@ray.remote`: Ray's own object cannot be called. Objects of others may have such an attribute,
    too."""
    is_of_ray = type(function).__module__.partition(".")[0] == "ray"
    return getattr(function, "_function", function) if is_of_ray else function


def with_fixed(function, name, fixed):
    """`function` with arguments that are the same for every item. They go by their names, behind the item."""
    if isinstance(fixed, list) and fixed:
        fixed = by_name(function, name, fixed)
    return functools.partial(function, **fixed) if fixed else function


def by_name(function, name, fixed):
    try:
        behind = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        behind = []
    for parameter in behind[: len(fixed)]:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise Trouble(
                f"{name} takes {parameter.name} by its place only, and --args gives arguments by their names: name a"
                f" function of the item that calls {name}"
            )
    names = [parameter.name for parameter in behind if parameter.kind != parameter.VAR_KEYWORD]
    if len(names) < len(fixed):
        raise Trouble(f"{name} takes {len(names)} arguments beside the item, and --args gives {len(fixed)}")
    return dict(zip(names, fixed))


def without_items(function, repeat, fixed):
    """Equal runs. Where there are arguments, the last one takes the place of the item."""
    if isinstance(fixed, dict):
        return (functools.partial(function, **fixed) if fixed else function), [None] * repeat, False
    if not fixed:
        return function, [None] * repeat, False
    return (functools.partial(function, *fixed[:-1]) if fixed[:-1] else function), [fixed[-1]] * repeat, True


def items_of(module, expression, files):
    """The items of an expression, which may use what the file defines, or of a JSON file."""
    source, made = (files[0], read(files[0])) if files else (expression, evaluated(module, expression))
    if not made:
        raise Trouble(f"there are no items: {source} is empty")
    return made


def read(path):
    try:
        with open(path, encoding="utf-8-sig") as file:
            made = json.load(file)
    except (OSError, ValueError) as error:
        raise Trouble(f"cannot read the items of {path}: {error}")
    if not isinstance(made, list):
        raise Trouble(f"{path} holds no list: write the items as [1, 2, 3]")
    return made


def evaluated(module, expression):
    try:
        return list(eval(compile(expression, "--items", "eval"), dict(vars(module))))
    except BaseException as error:
        raise Trouble(f"cannot make the items of {expression}: {last_line(error)}")
