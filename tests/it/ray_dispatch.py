"""How the Ray driver deals twelve equal tasks, with no Ray: slots share the CPUs of one machine, on a clock of its own.

Arguments: the CPUs; how quick each slot is on a CPU, 1 for one that does a task in a second; how many batches. While more
slots run than there are CPUs, chance decides what share each has, up to sixteen times another's. Prints how many tasks
each slot was dealt, in every batch.
"""

import json
import os
import random
import sys
import types

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "assets"))
sys.dont_write_bytecode = True
from parbench_ray import driver as ray_driver


class Ray:
    """As much of Ray as a batch needs, the machine and the clock."""

    exceptions = types.SimpleNamespace(RayError=RuntimeError)

    def __init__(self, cpus, seed):
        self.cpus, self.now, self.chance = cpus, 0.0, random.Random(seed)
        self.left = {}  # of the calls under way: ref -> seconds of work
        self.told = {}  # ref -> its share, its slot's speed, its task, when it began

    def monotonic(self):
        return self.now

    def nodes(self):
        return [{"NodeID": "only", "Alive": True}]

    def actor(self, speed):
        return types.SimpleNamespace(call=types.SimpleNamespace(remote=lambda line: self.call(line, speed)))

    def call(self, line, speed):
        ref, share = object(), 4.0 ** self.chance.uniform(-1.0, 1.0)
        self.left[ref], self.told[ref] = 1.0, (share, speed, json.loads(line)["task"], self.now)
        return ref

    def rate(self, ref):
        """Work done in a second."""
        share, speed, _, _ = self.told[ref]
        shares = sum(self.told[other][0] for other in self.left)
        return speed * (min(1.0, self.cpus * share / shares) if len(self.left) > self.cpus else 1.0)

    def wait(self, refs, timeout):
        rates = {ref: self.rate(ref) for ref in self.left}
        first = min(rates, key=lambda ref: self.left[ref] / rates[ref])
        passed = self.left[first] / rates[first]
        self.now += passed
        for ref, rate in rates.items():
            self.left[ref] -= passed * rate
        del self.left[first]
        return [first], [ref for ref in refs if ref is not first]

    def get(self, ref):
        _, _, task, began = self.told[ref]
        return b'{"id":%d,"seconds":%f}\n' % (task, self.now - began)


def dealt(cpus, speeds, seed):
    ray = ray_driver.time = Ray(cpus, seed)
    line = types.SimpleNamespace(gone=lambda: False, say_raw=lambda message: None)
    driver = ray_driver.Driver(line, ray, {"task_timeout": 600.0})
    driver.nodes, driver.slots = ray.nodes(), []
    for number, speed in enumerate(speeds):
        slot = ray_driver.Slot(number, 0, "machine")
        slot.actor, slot.cpus = ray.actor(speed), cpus
        driver.slots.append(slot)
    driver.on_any(b'{"workload":"none"', 12, None)
    return [slot.dealt for slot in driver.slots]


def main():
    cpus, speeds, batches = (json.loads(argument) for argument in sys.argv[1:])
    print([dealt(cpus, speeds, seed) for seed in range(batches)])


main()
