"""Values as pickles, with what a script, a notebook or a function has defined in them by value, and the module from which
other processes take them."""

import functools
import io
import keyword
import os
import pickle
import sys
import traceback
import types

from parbench._program import Error

PROTOCOL = 5  # that of Python 3.8 and later
CACHED = functools._lru_cache_wrapper  # what functools.lru_cache makes
TEMPLATE = '''"""What parbench.compare brought from another Python. It is removed afterwards."""


def _parbench_read(file):
    import pickle

    with open({folder!r} + "/" + file, "rb") as opened:
        return pickle.load(opened)


def _parbench_items():
    items = _parbench_read("items")
    # Reading has defined again what the function has, too.
    _parbench_adopt()
    return items


def _parbench_adopt():
    """Other processes find by its name, in this module, what was defined elsewhere."""
    for name, value in _parbench_defined.items():
        value.__module__, value.__qualname__ = __name__, name
        globals()[name] = value


def _parbench_demand(version):
    import sys

    if sys.version_info[:2] != version:
        raise ImportError(
            "a function of a script or a notebook can be sent to Python %d.%d only: put it into a file" % version
        )


if {has_definitions!r}:
    _parbench_demand({version!r})
{name}, _parbench_defined = _parbench_read("function")
_parbench_adopt()
'''


def names_of(defined, function, name):
    """What is defined, each under a name of its own: the function has `name`, and methods are found in their classes."""
    named = {}
    for value in defined:
        if value is function:
            named[name] = value
        elif not is_method(value):
            own = name_of(value)
            while own == name or named.get(own, value) is not value:
                own += "_"
            named[own] = value
    return named


def name_of(function):
    """What a function or a class is called in a module."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() and not keyword.iskeyword(name) else "function"


def by_value(pickler, value, what):
    try:
        return dump(pickler, value)
    except Exception as error:
        line = " ".join(traceback.format_exception_only(type(error), error)[-1].split())
        raise Error(f"{what} cannot be pickled, so that no other Python can have it: {line}") from error


def cloudpickler(what):
    try:
        import cloudpickle
    except ImportError:
        raise Error(
            f"{what} cannot be imported from a file, and sending it takes cloudpickle: pip install cloudpickle, or define"
            " it in a file of its own"
        ) from None
    return cloudpickle.CloudPickler


def dump(base, value):
    """The pickle of `value`, and the classes and functions in it that other processes cannot import."""

    class Pickler(base):
        def reducer_override(self, value):
            if is_defined_here(value):
                found.setdefault(id(value), value)
                if isinstance(value, CACHED):
                    return without_cache(value)
            inherited = getattr(super(), "reducer_override", None)
            return inherited(value) if inherited else NotImplemented

    found = {}
    file = io.BytesIO()
    Pickler(file, protocol=PROTOCOL).dump(value)
    return file.getvalue(), list(found.values())


def without_cache(function):
    """How a function below `functools.lru_cache` is made again, with an empty cache, and with its name and signature."""
    terms = function.cache_parameters()
    made_of = (function.__wrapped__, terms["maxsize"], terms["typed"], functools._CacheInfo)
    state = {name: value for name, value in vars(function).items() if name != "cache_parameters"}
    return CACHED, made_of, state


def is_defined_here(value):
    if not isinstance(value, (type, types.FunctionType, CACHED)):
        return False
    return value.__module__ == "__main__" or "<" in value.__qualname__


def is_method(value):
    place, _, _ = value.__qualname__.rpartition(".")
    return isinstance(value, types.FunctionType) and bool(place) and not place.endswith("<locals>")


def save(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


class Pickled:
    """A pickle of `value`, called `what` in messages. `defined` has the classes and functions that it defines."""

    def __init__(self, value, what):
        self.value = value
        self.pickler = pickle.Pickler
        try:
            self.data, self.defined = dump(self.pickler, value)
            is_whole = not self.defined
        except Exception:
            is_whole = False
        if not is_whole:
            self.pickler = cloudpickler(what)
            self.data, self.defined = by_value(self.pickler, value, what)
            # Such as a function below a decorator, whose name in its module means something else.
            if isinstance(value, types.FunctionType) and all(value is not other for other in self.defined):
                self.defined.append(value)


NOTHING = Pickled(None, "nothing")


def write(folder, module, items, function=NOTHING, name="_parbench_function"):
    """Writes a module which has the function under `name` and makes the items in `_parbench_items()`."""
    defined = names_of(function.defined + items.defined, function.value, name)
    # Items that need cloudpickle may be those of a function that does not.
    pickler = items.pickler if items.defined else function.pickler
    data, _ = dump(pickler, (function.value, defined))
    text = TEMPLATE.format(
        folder=folder, has_definitions=bool(defined), version=tuple(sys.version_info[:2]), name=name
    )

    save(folder, "function", data)
    save(folder, "items", items.data)
    save(folder, f"{module}.py", text.encode("utf-8"))
