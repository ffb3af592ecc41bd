"""The slots: each a CPU of some node with an actor on it, which owns a worker process. Lost ones are replaced."""

import collections
import hashlib
import sys
import time

from parbench_ray import worker
from parbench_ray.line import Trouble
from parbench_ray.slot import ABSENT, MAKING, PREPARING, READY, Call, Slot, ending, reason, understood
from parbench_ray.watch import LOOK_S

RETRIES = 3  # how often something is done again that was lost with its slot
STALLED_S = 5.0  # a node that has not started its first actor by then is left for one that has room


class Slots:
    """All slots, and how they come to be."""

    def __init__(self, context):
        self.context = context
        self.all = []
        self.avoided = {}  # nodes that did not work: number -> why
        self.shipped = None  # the program that tasks run, where the nodes are given it
        self.refused = {}  # those that never will: number -> why
        self.preparation = None  # the request that makes a new worker process ready
        self.numbers = 0  # of calls so far
        self.last_loss = None  # why a slot was lost last
        self.fresh = False  # whether a slot has become ready since this was last reset

    def open(self):
        """Makes the slots and waits until each has its worker process."""
        context, init = self.context, self.context.init

        self.program = self.pack(init["program"])
        self.worker = self.foreign(init["worker"])

        # The nodes have no such modules: the class itself travels, with what it uses.
        context.ray.cloudpickle.register_pickle_by_value(sys.modules["parbench_ray"])
        actor = context.ray.remote(num_cpus=1, max_restarts=0, enable_task_events=False)
        self.actor_class = actor(worker.Worker)

        cpus = sum(node.cpus for node in context.nodes.all)
        if 0 < cpus < init["slots"] and not init["may_grow"]:
            raise Trouble("slots", f"the cluster has {cpus} CPUs and {init['slots']} are asked for; one that grows on "
                                   "demand needs time for that")

        self.all = [Slot(number) for number in range(init["slots"])]
        for slot in self.all:
            self.make(slot)
        self.fill()

    def pack(self, file):
        """A program for the nodes: its digest, the reference to its bytes, which is not to be resolved on the way, and its
        path here."""
        try:
            with open(file, "rb") as opened:
                program = opened.read()
        except OSError as error:
            raise Trouble("task", f"cannot read {file}: {error.strerror}") from error

        return hashlib.sha256(program).hexdigest(), [self.context.ray.put(program)], file

    def foreign(self, worker):
        """The program that does tasks in place of parbench, if one does: its command, and its packed file if it is sent."""
        if worker is None:
            return None
        return worker["words"], self.pack(worker["file"]) if "file" in worker else None

    def ship(self, file):
        """Starts the slots again, on nodes that have a copy of this program."""
        self.shipped, self.preparation = self.pack(file), None
        self.release()
        self.restore()

    def ready(self, slots=None):
        """How many are ready, of all slots or of some."""
        return sum(slot.state == READY for slot in (self.all if slots is None else slots))

    # How an actor comes to be.

    def make(self, slot):
        """Begins to make the actor of a slot, where there is room."""
        slot.generation += 1
        slot.target, slot.state, slot.since = self.choose(), MAKING, time.monotonic()
        self.context.aside.do(self.create, slot, slot.generation, slot.target)

    def choose(self):
        """The number of the node with the most free CPUs; None where no node has one, and Ray is to wait for any."""
        nodes = self.context.nodes.all
        promised = collections.Counter(slot.target for slot in self.all if slot.state == MAKING)
        room = {number: node.free - promised[number] for number, node in enumerate(nodes) if node.alive}
        free = [number for number, left in room.items() if left > 0]
        return max(free, key=lambda number: (number not in self.avoided, room[number]), default=None)

    def create(self, slot, generation, target):
        """On the thread for calls that may block: makes the actor, and has it start its worker process."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        init, post = self.context.init, self.context.events.post
        options = {}
        if target is not None:
            # Should somebody else be quicker, any other node will do.
            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(
                self.context.nodes.all[target].id, soft=True, _spill_on_unavailable=True
            )

        try:
            actor = self.actor_class.options(**options).remote()
            post(self.made, slot, generation, actor)
            start = actor.start.remote(self.program, self.worker, self.shipped, init["arch"], init["environment"],
                                       init["folder"])
            start._on_completed(lambda started: post(self.started, slot, generation, started))
        except Exception as error:  # Ray raises many kinds
            post(self.started, slot, generation, error)

    def made(self, slot, generation, actor):
        if slot.generation == generation:
            slot.actor = actor
        else:
            self.context.aside.do(self.kill, actor)

    def started(self, slot, generation, started):
        if slot.generation != generation:
            return
        if isinstance(started, Exception):
            self.failed(slot, slot.target, reason(started))
            return

        number = self.context.nodes.numbers.get(started["node"])
        if number is None:  # it joined a moment ago
            self.context.aside.do(self.look_again, slot, generation, started)
        elif "wrong" in started:
            self.refused[number] = started["wrong"]
            self.failed(slot, number, started["wrong"])
        else:
            slot.node, slot.cpus, slot.memory = number, started["cpus"], started["memory"]
            slot.machine = self.context.nodes.all[number].machine
            self.context.note_node(number, started["model"])
            self.prepare(slot)

    def look_again(self, slot, generation, started):
        """On the thread for calls that may block: looks for a node that is not known yet."""
        time.sleep(LOOK_S / 4)
        self.context.nodes.try_look()
        self.context.events.post(self.started, slot, generation, started)

    def failed(self, slot, node, why):
        """The actor could not be made: another attempt follows."""
        if node is not None:
            self.avoided[node] = why
        self.discard(slot)
        slot.retry = time.monotonic() + LOOK_S

    def prepare(self, slot):
        """Has a new worker process do what the others have done before the first task."""
        if self.preparation:
            slot.state = PREPARING
            self.call(slot, self.preparation, ending(0), self.prepared)
        else:
            slot.state, self.fresh = READY, True

    def prepared(self, slot, call):
        answer = understood(call.answer)
        if "error" in answer:
            # Other nodes may have what this one lacks.
            self.refused[slot.node] = answer["error"]
            self.failed(slot, slot.node, answer["error"])
        elif answer:
            slot.state, self.fresh = READY, True
        else:
            self.renew(slot, f"node {self.context.nodes.all[slot.node].name}: {call.answer}")

    # Calls.

    def call(self, slot, request, end, handler, task=None):
        """Sends a batch's request with this end to a slot. The handler is called with the slot and the completed call."""
        if not slot.calls:
            slot.since = time.monotonic()

        self.numbers += 1
        number, generation, post = self.numbers, slot.generation, self.context.events.post
        slot.calls[number] = Call(handler, task)
        changed, slot.request = slot.request != request, request
        answer = slot.actor.call.remote(end, request if changed else None)
        answer._on_completed(lambda value: post(self.answered, slot, generation, number, value))

    def answered(self, slot, generation, number, value):
        if slot.generation != generation:
            return
        if isinstance(value, Exception):
            self.lose(slot, reason(value))
            return

        call, now = slot.calls.pop(number), time.monotonic()
        call.complete(value, slot.since, now)
        slot.since = now
        call.handler(slot, call)

    # How one is lost, and replaced.

    def lose(self, slot, why):
        """Gives up a slot, and begins to make it again elsewhere or there."""
        why = f"node {self.context.nodes.all[slot.node].name}: {why}"
        tasks = [call.task for call in slot.calls.values() if call.task is not None]

        self.discard(slot)
        self.context.lost(tasks, why)
        self.count(slot, why)
        self.make(slot)

    def renew(self, slot, why):
        """The worker process of a slot has ended, and its actor starts another one."""
        slot.state = PREPARING
        self.context.lost([], why)
        self.count(slot, why)
        self.prepare(slot)

    def count(self, slot, why):
        """Takes note that a slot was lost, or its worker process."""
        self.last_loss = why
        slot.losses += 1
        slot.missing = time.monotonic()

        self.context.line.send(lost={"why": why})
        if slot.losses > RETRIES:
            raise Trouble("lost", f"a slot was lost {slot.losses} times, at last on {why}")

    def discard(self, slot):
        actor = slot.actor
        slot.clear()
        slot.generation += 1
        if actor:
            # One that only cannot be reached would keep the CPU from the next.
            self.context.aside.do(self.kill, actor)

    def kill(self, actor):
        try:
            self.context.ray.kill(actor)
        except Exception:  # it is gone already, or its node is
            pass

    def release(self):
        """Gives the CPUs back to others, until they are asked for again."""
        for slot in self.all:
            self.discard(slot)

    def restore(self):
        """Waits until every slot is ready, those that were lost or released included."""
        for slot in self.all:
            slot.missing, slot.losses = time.monotonic(), 0
        self.fill()

    def fill(self):
        """Waits until every slot is ready and has no call under way."""
        while any(slot.state != READY or slot.calls for slot in self.all) and not self.context.line.lost:
            self.context.pump()
            self.judge(None)

    # What will never answer: a stopped node raises nothing.

    def judge(self, limit_of_tasks):
        """Looks after slots that are made, and gives up calls and actors that take too long."""
        now, most = time.monotonic(), self.context.init["task_timeout"]
        for slot in self.all:
            if slot.state in (ABSENT, MAKING):
                self.pursue(slot, now)
            elif not self.context.nodes.all[slot.node].alive:
                self.lose(slot, "the node is gone")
            elif slot.calls:
                is_task = slot.state == READY and limit_of_tasks is not None
                limit = limit_of_tasks if is_task else most
                if now - slot.since > limit:
                    which = ", the most for a task" if limit >= most else ""
                    self.lose(slot, f"no answer within {now - slot.since:.0f} s{which}")

    def pursue(self, slot, now):
        """Looks after a slot that has no actor yet."""
        nodes = self.context.nodes.all
        if now - slot.missing > self.context.init["start_timeout"]:
            raise self.trouble()

        target = slot.target
        gone = target is not None and not nodes[target].alive
        stalled = target is not None and now - slot.since > STALLED_S and not any(
            other.state in (PREPARING, READY) and other.node == target for other in self.all
        )

        if slot.state == ABSENT:
            if now >= slot.retry:
                self.hopeless()
                self.make(slot)
        elif gone or (stalled and self.others_have_room(target)):
            self.avoided[target] = "the node is gone" if gone else "it does not start Ray workers"
            self.discard(slot)
            self.make(slot)

    def others_have_room(self, target):
        return any(node.alive and node.free > 0 and number != target and number not in self.avoided
                   for number, node in enumerate(self.context.nodes.all))

    def hopeless(self):
        """Ends what no waiting would mend: nodes that refuse the work, and too few others."""
        nodes = self.context.nodes.all
        left = sum(node.cpus for number, node in enumerate(nodes) if number not in self.refused)

        if self.refused and left < len(self.all) and not self.context.init["may_grow"]:
            number, why = next(iter(self.refused.items()))
            raise Trouble("node", f"node {nodes[number].name}: {why}")

    def trouble(self):
        """Why some slots are missing still."""
        context, wanted, limit = self.context, len(self.all), self.context.init["start_timeout"]
        nodes = [node for node in context.nodes.all if node.alive]
        cpus, ready = sum(node.cpus for node in nodes), self.ready()

        if self.avoided:
            number, why = next(reversed(self.avoided.items()))
            why = f"node {context.nodes.all[number].name}: {why}"
        elif cpus < wanted:
            why = f"it has {cpus}"
        elif any(slot.state != READY and slot.target is None for slot in self.all):
            # No node had a CPU free. Whether one is free now says nothing: a worker that starts holds it.
            why = "others use them"
        else:
            why = "their workers were still starting"

        why = f"the cluster granted {ready} of {wanted} CPUs within {limit:.0f} s: {why}"
        if self.last_loss:
            why = f"a slot was lost ({self.last_loss}) and could not be replaced: {why}"
        return Trouble("slots", why)
