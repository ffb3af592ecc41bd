"""One slot: a CPU of some node with an actor on it, and the requests that are sent there."""

import json
import time

ABSENT, MAKING, PREPARING, READY = "absent", "making", "preparing", "ready"


class Slot:
    """One CPU and its calls, the oldest first."""

    def __init__(self, number):
        self.number = number
        self.node = None  # its number, once it is known
        self.machine = None
        self.cpus = None  # how many that machine has, whatever its nodes claim; known with the first actor
        self.memory = None  # bytes that are available on that machine, if known
        self.dealt = 0  # how many tasks of this batch it was given
        self.missing = time.monotonic()  # since when it has no actor that works
        self.losses = 0  # during the command under way
        self.generation = 0  # of its actor: what an earlier one reports is no longer of interest
        self.clear()

    def clear(self):
        self.actor, self.state = None, ABSENT
        self.target = None  # the node where its actor is to be made
        self.retry = 0.0  # when to make it, at the earliest
        self.calls = {}  # by number
        self.request = None  # the batch's request that the actor has, and goes on with
        self.since = time.monotonic()  # when the oldest call began, or the actor


class Call:
    """A request to a slot, and what came of it."""

    __slots__ = ("handler", "task", "answer", "start", "end")

    def __init__(self, handler, task):
        self.handler, self.task = handler, task

    def complete(self, answer, start, end):
        """Takes the answer, or the reason why there is none, with the time for which the slot had this call alone."""
        self.answer, self.start, self.end = answer, start, end


def ending(number, of=1, more=b""):
    """What makes a batch's request, which is JSON text without its closing brace, the one for this task, with more fields.

    Beyond the last of the workload's tasks their numbers go on, and the work is repeated.
    """
    return b',"id":%d,"task":%d%b}\n' % (number, number % of, more)


def understood(answer):
    """An answer as a dictionary; an empty one where there is only the reason why there is none."""
    return {} if isinstance(answer, str) else json.loads(answer)


def done_line(slot, task, answer, start=0.0, end=0.0):
    """What parbench is sent of a task's answer, which began and ended this many seconds after the batch."""
    return b'{"done":{"task":%d,"slot":%d,"node":%d,"start":%.9f,"end":%.9f,"answer":%s}}' % (
        task, slot.number, slot.node, start, end, answer.strip()
    )


def reason(error):
    """A line that says why a call was lost; Ray's own texts are pages."""
    known = {
        "ActorDiedError": "its Ray worker died",
        "ActorUnavailableError": "its Ray worker cannot be reached",
        "NodeDiedError": "the node died",
        "WorkerCrashedError": "its Ray worker crashed",
        "ActorUnschedulableError": "the node is gone",
    }
    name = type(error).__name__
    first = (str(error).strip().splitlines() or [""])[0]

    return known.get(name, f"{name}: {first}")
