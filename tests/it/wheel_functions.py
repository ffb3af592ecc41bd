"""A script whose functions and items are its own: `parbench.compare` finds for each what a file's function finds."""

import dataclasses
import enum
import functools
import math

import parbench
import shapes

QUICK = {"engines": ["threads", "processes"], "workers": [2], "rounds": 1}


class Side(enum.Enum):
    LEFT = 1
    RIGHT = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int

    def sum(self):
        return self.x + self.y

    def scaled(self, factor):
        return Point(self.x * factor, self.y)


def times(factor):
    def inner(x):
        return factor * x

    return inner


def helper(x):
    return 2 * x


@functools.lru_cache(maxsize=None)
def remembered(x, more=0):
    return 2 * x + more


def through_a_cache(x):
    return remembered(x)


def double(x):
    return helper(x)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def mirrored(point):
    return Point(point.y, point.x)


def opposite(side):
    return Side.LEFT if side is Side.RIGHT else Side.RIGHT


def items(x):
    """Has the name of what a module with items might have, too."""
    return 2 * x


def local():
    class Box:
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            return self.value == other.value

    return lambda box: Box(box.value + 1), [Box(1), Box(2)]


def measured(function, items=None, **options):
    return parbench.compare(function, items, **{**QUICK, **options}).data["measurements"][0]


def digest(function, items=None, **options):
    return measured(function, items, **options)["functions"][0]["digest"]


doubled = digest(shapes.double, range(4))
for function in (times(2), lambda x: 2 * x, double, remembered, through_a_cache, items, functools.partial(double), functools.partial(times(2))):
    assert digest(function, range(4)) == doubled, function
assert digest(double, (x for x in range(4))) == doubled
assert digest(remembered, range(4), args=[0]) == doubled
assert digest(shapes.add, range(4), args={"more": 0}) == digest(shapes.add, range(4), args=[0])

# Items that are not literals, and functions that are not functions.
assert measured(shapes.swapped, [shapes.Pair(1, 2)])["params"]["function"].endswith("shapes.py:swapped")
assert digest(shapes.swapped, [shapes.Pair(1, 2)]) == digest(lambda pair: shapes.Pair(pair.b, pair.a), [shapes.Pair(1, 2)])
assert digest(math.sqrt, [4, 9]) == digest(lambda x: x**0.5, [4, 9])
assert digest(shapes.double, list(range(5000))) == digest(shapes.double, range(5000))
assert digest(shapes.double, [2**20_000]) == digest(double, [2**20_000])

for function, values in (
    (fibonacci, [5, 6]),
    (mirrored, [Point(1, 2), Point(3, 4)]),
    (Point.sum, [Point(1, 2)]),
    (Point(1, 2).scaled, [3, 4]),
    (opposite, list(Side)),
    local(),
    (str.upper, ["a"]),
    (shapes.double, [Side.LEFT.value, 2]),
    (shapes.same, [Point(1, 2)]),
):
    assert len(measured(function, values)["arms"]) == 3, function
assert measured(lambda: 42, repeat=3)["tasks"] == 3

print("all as expected")
