"""How many tasks the memory of each machine holds, with no Ray."""

import os
import sys
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "assets"))
sys.dont_write_bytecode = True
from parbench_ray.batch import at_once
from parbench_ray.line import Trouble

GB = 10**9


def slots(**memory):
    """Two slots on each machine."""
    return [types.SimpleNamespace(machine=name, memory=here) for name, here in memory.items() for _ in range(2)]


class Memory(unittest.TestCase):
    def test_each_machine_counts_for_itself(self):
        self.assertEqual(at_once(slots(small=GB, large=10 * GB), 438_000_000, None), {"small": 2, "large": 20})

    def test_the_users_word_holds_on_each_machine(self):
        self.assertEqual(at_once(slots(small=GB, large=10 * GB), GB, 3 * GB), {"small": 3, "large": 3})

    def test_what_is_unknown_or_nothing_limits_nothing(self):
        self.assertEqual(at_once(slots(silent=None), GB, None), {})
        self.assertEqual(at_once(slots(small=GB), 0, None), {})

    def test_a_machine_that_is_too_small_gets_none_and_all_too_small_is_an_error(self):
        self.assertEqual(at_once(slots(small=GB, large=10 * GB), 2 * GB, None), {"small": 0, "large": 4})
        with self.assertRaises(Trouble) as raised:
            at_once(slots(small=GB), 2 * GB, None)
        self.assertIn("2000 MB", str(raised.exception))
        self.assertEqual("memory", raised.exception.kind)


if __name__ == "__main__":
    unittest.main()
