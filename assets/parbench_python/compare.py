"""Whether an arm found what the first pass of the plain loop found."""

import cmath
import hashlib
import math
import pickle

from parbench_python.work import shortened

PROTOCOL = 4  # of every Python from 3.8 on, so that digests of several Pythons can be compared
KEPT_BYTES = 1 << 29  # results beyond this are compared by their digests alone


class Expected:
    """The results of the first pass, by `how`: exact, none, or a relative difference that does not count."""

    def __init__(self, results, how, total_bytes):
        self.how = how
        self.tolerance = float(how.partition(":")[2]) if how.startswith("approx") else None
        self.digests = [digest_of(result) for result in results]
        self.results = results if total_bytes <= KEPT_BYTES else None
        self.count = len(results)
        self.is_confirmed = False
        self.varies = None

    def confirm(self, difference):
        """Takes up what a second pass of the plain loop found: results that vary by themselves are not compared."""
        self.is_confirmed = True
        if difference:
            self.varies, self.how = difference, "none"

    def digest(self):
        """The digest of all results, as a stored run has it; None where they vary or cannot be pickled."""
        if self.how == "none" or None in self.digests:
            return None
        return hashlib.sha256(b"".join(self.digests)).hexdigest()

    def difference(self, work, results):
        """The first difference as a phrase, or None."""
        if self.how == "none":
            return None
        if len(results) != self.count:
            return f"there are {len(results)} results and not {self.count}"

        for index, result in enumerate(results):
            if not self.same(index, result):
                expected = "another value" if self.results is None else shortened(self.results[index])
                return f"{work.name_of(index)} is {expected} in the first pass of the plain loop and {shortened(result)} here"
        return None

    def same(self, index, result):
        if self.results is not None and equal(self.results[index], result, self.tolerance):
            return True
        digest = digest_of(result)
        return digest is not None and digest == self.digests[index]


def digest_of(value):
    """The digest of a value as another process would read it: pickling it again there may give other bytes, since equal names
    become one object. None of a value that cannot be pickled."""
    try:
        sent = pickle.dumps(value, PROTOCOL)
    except Exception:
        return None
    try:
        sent = pickle.dumps(pickle.loads(sent), PROTOCOL)
    except Exception:
        pass  # it cannot be read again, and stays here
    return hashlib.sha256(sent).digest()


def equal(left, right, tolerance):
    try:
        near = None if tolerance is None else close(left, right, tolerance)
        return (left == right) is True if near is None else near
    except Exception:
        return False


def close(left, right, tolerance):
    """Whether numbers, or arrays and containers of them, are as near as that; None where that cannot be told."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        both_nan = left != left and right != right
        return both_nan or math.isclose(left, right, rel_tol=tolerance)
    if isinstance(left, complex) and isinstance(right, complex):
        both_nan = left != left and right != right
        return both_nan or cmath.isclose(left, right, rel_tol=tolerance)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(equal(a, b, tolerance) for a, b in zip(left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key], tolerance) for key in left)
    if hasattr(left, "dtype") and hasattr(right, "dtype"):
        import numpy

        if left.shape != right.shape:
            return False
        return bool(numpy.allclose(left, right, rtol=tolerance, atol=0, equal_nan=True))
    return None
