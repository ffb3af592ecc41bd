"""How the Ray driver deals tasks, with no Ray: slots share the CPUs of one machine, on a clock of its own.

Arguments: the CPUs; how quick each slot is on a CPU, 1 for one that does a task in a second; how many of the slots may be
used; how many batches. While more slots run than there are CPUs, chance decides what share each has, up to sixteen times
another's. Prints how many of twelve equal tasks each slot was dealt, in every batch. Fails unless each task was done once,
and no slot had two at a time.
"""

import collections
import json
import os
import random
import sys
import types

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "assets"))
sys.dont_write_bytecode = True
from parbench_ray import batch, slot, slots


class Machine:
    """Its CPUs, what runs on them, and its clock."""

    def __init__(self, cpus, seed):
        self.cpus, self.now, self.chance = cpus, 0.0, random.Random(seed)
        self.left = {}  # of the calls under way: call -> seconds of work

    def monotonic(self):
        return self.now

    def actor(self, speed):
        return types.SimpleNamespace(call=types.SimpleNamespace(remote=lambda end, _request: Running(self, end, speed)))

    def rate(self, call):
        """Work done in a second."""
        shares = sum(other.share for other in self.left)
        return call.speed * (min(1.0, self.cpus * call.share / shares) if len(self.left) > self.cpus else 1.0)

    def finish_one(self):
        """Lets time pass until the next call is done."""
        rates = {call: self.rate(call) for call in self.left}
        first = min(rates, key=lambda call: self.left[call] / rates[call])
        passed = self.left[first] / rates[first]
        self.now += passed
        for call, rate in rates.items():
            self.left[call] -= passed * rate
        del self.left[first]
        first.answer(b'{"id":%d,"seconds":%f}\n' % (first.task, self.now - first.began))


class Running:
    """A call under way."""

    def __init__(self, machine, end, speed):
        self.speed, self.task, self.began = speed, json.loads(b"{" + end[1:])["task"], machine.now
        self.share = 4.0 ** machine.chance.uniform(-1.0, 1.0)
        machine.left[self] = 1.0

    def _on_completed(self, answer):
        self.answer = answer


class Context:
    """As much of the driver as a batch needs."""

    def __init__(self, machine, count):
        self.machine = machine
        self.done = []  # what parbench was sent of each task
        self.line = types.SimpleNamespace(lost=False, send=lambda **message: None, send_raw=self.receive)
        self.init = {"task_timeout": 600.0, "start_timeout": 20.0}
        self.events = types.SimpleNamespace(post=lambda handler, *arguments: self.waiting.append((handler, arguments)))
        self.nodes = types.SimpleNamespace(all=[types.SimpleNamespace(alive=True, name="only")])
        self.longest, self.waiting = {}, collections.deque()
        self.slots = slots.Slots(self)
        self.slots.all = [slot.Slot(number) for number in range(count)]

    def receive(self, message):
        self.done.append(json.loads(message)["done"])

    def pump(self):
        if self.machine.left:
            self.machine.finish_one()
        while self.waiting:
            handler, arguments = self.waiting.popleft()
            handler(*arguments)


def dealt(cpus, speeds, used, seed):
    machine = batch.time = slot.time = slots.time = Machine(cpus, seed)
    context = Context(machine, len(speeds))
    for each, speed in zip(context.slots.all, speeds):
        each.actor, each.node, each.machine, each.state, each.cpus = machine.actor(speed), 0, "machine", slot.READY, cpus
    machine.now = 1000.0
    batch.Batch(context, b'{"workload":"none"', range(5, 17), 1000, context.slots.all[:used], {}, True).run()

    check_spans(context.done, machine.now - 1000.0)
    return [each.dealt for each in context.slots.all]


def check_spans(done, end):
    """Each task has one span, within the batch, and the spans of a slot follow one another."""
    assert sorted(span["task"] for span in done) == list(range(5, 17)), done
    ends = collections.Counter()

    for span in done:
        assert ends[span["slot"]] - 1e-6 <= span["start"] <= span["end"] <= end + 1e-6, done
        ends[span["slot"]] = span["end"]


def main():
    cpus, speeds, used, batches = (json.loads(argument) for argument in sys.argv[1:])
    print([dealt(cpus, speeds, used, seed) for seed in range(batches)])


main()
