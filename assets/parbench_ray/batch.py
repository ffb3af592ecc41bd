"""A batch of tasks: each is done once, on the next free slot. What is lost is done again."""

import collections
import json
import math
import time

from parbench_ray.line import Trouble
from parbench_ray.slot import READY, line_of
from parbench_ray.slots import RETRIES
from parbench_ray.watch import LOOK_S

LEAST_DEADLINE_S = 10.0  # no task is given up earlier, unless the user says so
DEADLINE_TIMES = 20.0  # nor before it has taken this many times as long as the longest so far
SHORT_S = 0.002  # of tasks that are shorter, the next ones wait at the slot, or the way to it is all that is seen
LATE_S = 0.1  # a task is not late before, nor before it has taken twice as long as the longest so far
MEMORY_SHARE = 0.9  # of what can be had on a machine; the rest is for Ray and others there
AHEAD = 4  # tasks at one slot, with the one that runs


def at_once(slots, task_bytes, memory):
    """How many tasks a machine's memory holds, for each machine where memory is what counts."""
    if not task_bytes:
        return {}
    limits = {}
    for slot in slots:
        here = memory if memory is not None else slot.memory and slot.memory * MEMORY_SHARE
        if here is not None and slot.machine is not None:
            limits[slot.machine] = max(limits.get(slot.machine, 0), int(here // task_bytes))
    if limits and not any(limits.values()) and all(slot.machine in limits for slot in slots):
        raise Trouble("task", f"a task needs {task_bytes / 1e6:.0f} MB of memory, which no node has: use other nodes, or "
                              "allow it with --memory")
    return limits


class Batch:
    """The tasks of one request, and the longest that an earlier one of the same took."""

    def __init__(self, context, request, tasks, task_bytes, memory):
        self.context, self.slots, self.request = context, context.slots, request
        self.at_once = at_once(self.slots.all, task_bytes, memory)
        self.todo = collections.deque(range(tasks))
        self.running = 0  # tasks at slots
        self.lost = collections.Counter()  # how often, by task
        self.failure = None

        here = collections.Counter(slot.machine for slot in self.slots.all)
        crowded = {slot.machine for slot in self.slots.all if slot.cpus and here[slot.machine] > slot.cpus}
        self.crowded = crowded
        self.depth = self.how_deep()
        for slot in self.slots.all:
            slot.dealt, slot.losses = 0, 0

    def run(self):
        context, looked = self.context, time.monotonic()
        self.assign()
        while (self.todo or self.running) and not context.line.lost:
            # All answers that are there are taken up first; only then is anybody judged.
            context.pump()
            if self.slots.fresh:
                self.slots.fresh = False
                self.assign()
            if time.monotonic() - looked > LOOK_S:
                looked = time.monotonic()
                self.slots.judge(self.deadline())
        if self.failure:
            raise self.failure

    def longest(self):
        return self.context.longest.get(self.request)

    def deadline(self):
        """How long a task may take, from what the longest so far took."""
        longest = self.longest()
        return None if longest is None else max(LEAST_DEADLINE_S, DEADLINE_TIMES * longest)

    # Who does what.

    def how_deep(self):
        longest = self.longest()
        return AHEAD if longest is not None and longest < SHORT_S else 1

    def assign(self):
        """Deals tasks to all that have room, the ones that have nothing first."""
        order = self.slots.all
        if self.crowded:
            order = sorted(order, key=lambda slot: slot.dealt)
        for ahead in range(self.depth):
            for slot in order:
                if not self.todo:
                    return
                if slot.state == READY and len(slot.calls) <= ahead and not self.leaves_it(slot):
                    self.give(slot)

    def feed(self, slot):
        """Deals tasks to the slot that has answered: nobody else has got room thereby."""
        while self.todo and slot.state == READY and len(slot.calls) < self.depth and self.give(slot):
            pass

    def give(self, slot):
        if slot.machine in self.at_once:
            here = sum(len(other.calls) for other in self.slots.all if other.machine == slot.machine)
            if here >= self.at_once[slot.machine]:
                return False
        task = self.todo.popleft()
        slot.dealt += 1
        self.running += 1
        self.slots.call(slot, line_of(self.request, task), self.answered, task)
        return True

    def leaves_it(self, slot):
        """Whether a free slot leaves the next task to others of its machine.

        Where nodes claim more CPUs than their machine has, which slot is quick is chance. While others keep every
        CPU busy, one more running task would finish nothing earlier, so no slot there is dealt more than another
        then. A slot that is late, and may be hung, holds nobody up.
        """
        if slot.machine not in self.crowded:
            return False
        longest = self.longest()
        late = time.monotonic() - max(LATE_S, 2 * (math.inf if longest is None else longest))
        here = [other for other in self.slots.all if other.state == READY and other.machine == slot.machine]
        here = [other for other in here if not other.calls or other.since > late]
        busy = sum(bool(other.calls) for other in here)
        return busy >= slot.cpus and slot.dealt > min(other.dealt for other in here)

    # What came of it.

    def answered(self, slot, answer, task):
        self.running -= 1
        told = {} if isinstance(answer, str) else json.loads(answer)
        if not told:
            self.again(task, self.on_node(slot, answer))
            self.slots.renew(slot, self.on_node(slot, answer))
        elif "error" in told:
            self.todo.clear()
            self.failure = self.failure or Trouble("task", f"task {task + 1}: {told['error']}")
        elif told["id"] != task:
            self.again(task, self.on_node(slot, f"it answered {told['id']}"))
        else:
            self.done(slot, answer, task, told["seconds"])

        if self.crowded:
            self.assign()
        else:
            self.feed(slot)

    def done(self, slot, answer, task, seconds):
        longest = self.longest()
        if longest is None or seconds > longest:
            self.context.longest[self.request] = seconds
            deep = self.how_deep()
            if deep != self.depth:
                self.depth = deep
                self.assign()
        self.context.line.say_raw(
            b'{"done":{"task":%d,"slot":%d,"node":%d,"answer":%s}}' % (task, slot.number, slot.node, answer.strip())
        )

    def on_node(self, slot, why):
        return f"node {self.context.nodes.all[slot.node].name}: {why}"

    def again(self, task, why):
        """Puts a task back that was lost with its slot."""
        self.lost[task] += 1
        if self.lost[task] > RETRIES:
            raise Trouble("task", f"task {task + 1} was lost {RETRIES + 1} times; {why}")
        if not self.failure:
            self.context.line.say(rerun={"task": task, "why": why})
            self.todo.appendleft(task)

    def give_back(self, tasks, why):
        """Takes back the tasks of a lost slot, the one that was under way first."""
        self.running -= len(tasks)
        # The others are done for the first time.
        if not self.failure:
            self.todo.extendleft(reversed(tasks[1:]))
        if tasks:
            self.again(tasks[0], why)
        self.assign()
