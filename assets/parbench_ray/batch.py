"""A batch of tasks: each is done once, on the next free slot. What is lost is done again."""

import collections
import math
import time

from parbench_ray.line import Trouble
from parbench_ray.slot import READY, done_line, ending, understood
from parbench_ray.slots import RETRIES
from parbench_ray.watch import LOOK_S

LEAST_DEADLINE_S = 10.0  # no task is given up earlier, unless the user wants that
DEADLINE_TIMES = 20.0  # nor before it has taken this many times as long as the longest so far
SHORT_S = 0.002  # shorter tasks wait at the slot, or the way to it would be all that is measured
LATE_S = 0.1  # a task is not late before, nor before it has taken twice as long as the longest so far
MEMORY_SHARE = 0.9  # of what is available on a machine; the rest is for Ray and others there
AHEAD = 4  # tasks at one slot, with the one that runs
ENDING_S = 2.0  # for a worker process to end the program of a task that has run out of time, and to name it


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
        raise Trouble("memory", f"a task needs {task_bytes / 1e6:.0f} MB of memory, which no node has: take other nodes")
    return limits


class Batch:
    """The tasks of one request on the slots that may be used, and the longest that an earlier one of the same took."""

    def __init__(self, context, request, tasks, of, slots, at_once, in_process, more=b""):
        self.context, self.slots, self.request, self.at_once = context, slots, request, at_once
        self.of = of  # how many tasks the workload has
        self.more = more  # fields of each task's request that are no part of what the slots keep
        self.in_process = in_process  # whether worker processes do the work themselves, or start programs for it
        self.began = time.monotonic()
        self.todo = collections.deque(tasks)
        self.running = 0  # tasks at slots
        self.lost = collections.Counter()  # how often, by task
        self.failure = None

        here = collections.Counter(slot.machine for slot in slots)
        self.crowded = {slot.machine for slot in slots if slot.cpus and here[slot.machine] > slot.cpus}
        self.standings = {}  # of crowded machines, until a task is dealt there
        self.depth = self.how_deep()
        for slot in slots:
            slot.dealt, slot.losses = 0, 0

    def run(self):
        context, looked = self.context, time.monotonic()
        self.assign()

        # Once a task has failed, nobody needs the others: their slots are given back with them.
        while (self.todo or self.running) and not self.failure and not context.line.lost:
            # All answers that are there are taken up first; only then are slots judged.
            context.pump()
            if context.slots.fresh:
                context.slots.fresh = False
                self.assign()

            if time.monotonic() - looked > LOOK_S:
                looked = time.monotonic()
                context.slots.judge(self.limit())

        if self.failure:
            raise self.failure

    def longest(self):
        return self.context.longest.get(self.request)

    def limit(self):
        """How long a task may take before its slot is given up."""
        most, longest = self.context.init["task_timeout"], self.longest()
        if not self.in_process:
            # The worker process ends a program that takes too long. Inputs differ, so the longest so far says nothing.
            return most + ENDING_S

        return most if longest is None else min(most, max(LEAST_DEADLINE_S, DEADLINE_TIMES * longest))

    # Dealing tasks.

    def how_deep(self):
        longest = self.longest()
        return AHEAD if longest is not None and longest < SHORT_S else 1

    def assign(self):
        """Deals tasks to all slots that have room, the idle ones first."""
        self.standings = {}
        order = self.slots
        if self.crowded:
            order = sorted(order, key=lambda slot: slot.dealt)

        for ahead in range(self.depth):
            for slot in order:
                if not self.todo:
                    return
                if slot.state == READY and len(slot.calls) <= ahead and not self.leaves_it(slot):
                    self.give(slot)

    def feed(self, slot):
        """Deals tasks to the slot that has answered: no other has got room thereby."""
        while self.todo and slot.state == READY and len(slot.calls) < self.depth and self.give(slot):
            pass

    def give(self, slot):
        """Deals the next task to a slot, if its machine has memory for it. Returns whether it was dealt."""
        if slot.machine in self.at_once:
            here = sum(len(other.calls) for other in self.slots if other.machine == slot.machine)
            if here >= self.at_once[slot.machine]:
                return False

        task = self.todo.popleft()
        self.standings.pop(slot.machine, None)
        slot.dealt += 1
        self.running += 1
        self.context.slots.call(slot, self.request, ending(task, self.of, self.more), self.answered, task)
        return True

    def leaves_it(self, slot):
        """Whether a free slot leaves the next task to others of its machine.

        Where nodes claim more CPUs than their machine has, which slot is quick is chance. While others keep every
        CPU busy, one more running task would finish nothing earlier, so no slot there is dealt more than another
        then. A slot that is late, and may be hung, holds no other up.
        """
        if slot.machine not in self.crowded:
            return False

        if slot.machine not in self.standings:
            self.standings[slot.machine] = self.standing(slot.machine)
        busy, fewest = self.standings[slot.machine]

        return busy >= slot.cpus and slot.dealt > fewest

    def standing(self, machine):
        """How many slots of a machine are busy, and the fewest tasks that one of them was dealt; without late ones."""
        longest = self.longest()
        late = time.monotonic() - max(LATE_S, 2 * (math.inf if longest is None else longest))
        here = [other for other in self.slots if other.state == READY and other.machine == machine]
        here = [other for other in here if not other.calls or other.since > late]
        busy = sum(bool(other.calls) for other in here)

        return busy, min((other.dealt for other in here), default=0)

    # Taking up answers.

    def answered(self, slot, call):
        self.running -= 1
        answer = understood(call.answer)
        if not answer:
            self.again(call.task, self.on_node(slot, call.answer))
            self.context.slots.renew(slot, self.on_node(slot, call.answer))
        elif "error" in answer:
            why = answer["error"]
            if len(self.context.nodes.all) > 1:
                why = self.on_node(slot, why)
            self.todo.clear()
            self.failure = self.failure or Trouble("task", f"task {call.task + 1}: {why}")
        elif answer["id"] != call.task:
            self.again(call.task, self.on_node(slot, f"it answered {answer['id']}"))
        else:
            self.done(slot, call, answer.get("seconds", 0.0))

        if self.crowded:
            self.assign()
        else:
            self.feed(slot)

    def done(self, slot, call, seconds):
        longest = self.longest()
        if longest is None or seconds > longest:
            self.context.longest[self.request] = seconds
            depth = self.how_deep()
            if depth != self.depth:
                self.depth = depth
                self.assign()

        # The nodes' clocks may differ, so both times are this one's. The worker's seconds are the work alone; the rest of
        # the time that the slot had the task went into the way there and back.
        start = max(call.start, call.end - seconds)
        self.context.line.send_raw(done_line(slot, call.task, call.answer, start - self.began, call.end - self.began))

    def on_node(self, slot, why):
        return f"node {self.context.nodes.all[slot.node].name}: {why}"

    def again(self, task, why):
        """Puts a task back that was lost with its slot."""
        self.lost[task] += 1
        if self.lost[task] > RETRIES:
            raise Trouble("task", f"task {task + 1} was lost {RETRIES + 1} times; {why}")

        if not self.failure:
            self.context.line.send(rerun={"task": task, "why": why})
            self.todo.appendleft(task)

    def give_back(self, tasks, why):
        """Takes back the tasks of a lost slot, the one that was under way first."""
        self.running -= len(tasks)
        # The others will be done for the first time.
        if not self.failure:
            self.todo.extendleft(reversed(tasks[1:]))
        if tasks:
            self.again(tasks[0], why)

        self.assign()
