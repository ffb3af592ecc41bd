"""Runs parbench's tasks on a Ray cluster: one actor for each CPU slot, each with one `parbench worker` process.

Started by `parbench --engine ray`, which sends JSON lines to stdin and reads JSON lines from stdout. It dispatches,
repeats what was lost and watches the nodes; it times nothing, decides nothing about rounds and looks into no
workload. The end of its input ends it, with every actor and with the Ray that it started.
"""

import collections
import hashlib
import json
import math
import platform
import sys
import time

from parbench_ray import worker
from parbench_ray.cluster import join
from parbench_ray.line import Line, Trouble

RETRIES = 3  # how often a task is done again
LOOK_S = 1.0  # how often nodes and deadlines are looked at
LEAST_DEADLINE_S = 10.0  # no task is given up earlier, unless the user says so
DEADLINE_TIMES = 20.0  # nor before it has taken so many times as long as the longest so far
SHORT_S = 0.002  # of tasks that are shorter, the next ones wait at the slot, or the way to it is all that is seen
LATE_S = 0.1  # a task is not late before, nor before it has taken twice as long as the longest so far
AHEAD = 4  # so many, with the one that runs


class Slot:
    """In the driver: one CPU of one node, and its calls, the oldest first."""

    def __init__(self, number, node, machine):
        self.number, self.node, self.machine = number, node, machine
        self.cpus = None  # how many that machine has, whatever its nodes claim; known with the first actor
        self.actor = None
        self.calls = {}  # ref -> task
        self.dealt = 0  # how many tasks of this batch it was given
        self.since = 0.0  # when the oldest call began, or the actor


class Driver:
    """The cluster, its slots and the batch under way."""

    def __init__(self, line, ray, init):
        self.line, self.ray, self.init = line, ray, init
        self.calls = {}  # of tasks: ref -> slot
        self.starts = {}  # of actors that are being made: ref -> slot
        self.longest = {}  # seconds of the longest answer so far, by request
        self.looked = 0.0

    def connect(self):
        """Joins the cluster and looks at its nodes."""
        join(self.ray, self.init["address"])
        self.nodes = [node for node in self.ray.nodes() if node["Alive"]]
        self.machines = [f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})" for node in self.nodes]
        self.names = self.machines
        if len(set(self.names)) < len(self.names):
            self.names = [f"{name} {node['NodeID'][:8]}" for name, node in zip(self.names, self.nodes)]

    def place(self):
        """Makes the slots, spread over the nodes, and waits until each has its worker process."""
        room = [int(node["Resources"].get("CPU", 0)) for node in self.nodes]
        wanted = self.init["slots"]
        if sum(room) < wanted:
            raise Trouble("slots", f"the cluster has {sum(room)} CPUs and {wanted} are asked for: use fewer with -j")
        with open(self.init["program"], "rb") as file:
            program = file.read()
        self.digest = hashlib.sha256(program).hexdigest()
        self.packed = [self.ray.put(program)]
        # The nodes have no such modules: the class itself travels, with what it uses.
        self.ray.cloudpickle.register_pickle_by_value(sys.modules["parbench_ray"])
        self.actor_class = self.ray.remote(num_cpus=1, max_restarts=0, enable_task_events=False)(worker.Worker)
        self.slots = []
        for number in range(wanted):
            node = max(range(len(room)), key=lambda index: room[index])
            room[node] -= 1
            self.slots.append(Slot(number, node, self.machines[node]))
            self.make(self.slots[-1])
        limit = time.monotonic() + self.init["patience"]
        while self.starts and not self.line.gone():
            left = limit - time.monotonic()
            if left <= 0:
                granted = wanted - len(self.starts)
                raise Trouble("slots", f"the cluster granted {granted} of {wanted} CPUs within "
                                       f"{self.init['patience']:.0f} s: others use them; use fewer with -j, or wait")
            self.settle(self.ray.wait(list(self.starts), timeout=min(left, LOOK_S))[0], strict=True)

    def make(self, slot):
        """Begins to make the actor of a slot."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        node = NodeAffinitySchedulingStrategy(self.nodes[slot.node]["NodeID"], soft=False)
        slot.actor = None
        slot.making = self.actor_class.options(scheduling_strategy=node).remote()
        init = self.init
        start = slot.making.start.remote(
            self.packed, self.digest, init["arch"], init["environment"], init["folder"]
        )
        slot.since = time.monotonic()
        self.starts[start] = slot

    def settle(self, refs, strict=False):
        """Takes up the actors that are made."""
        for ref in refs:
            slot = self.starts.pop(ref)
            try:
                started = self.ray.get(ref)
            except self.ray.exceptions.RayError as error:
                started = reason(error)
            if not isinstance(started, str):
                slot.actor, slot.cpus = slot.making, started
            elif strict:
                raise Trouble("node", f"node {self.names[slot.node]}: {started}")
            else:
                self.slots.remove(slot)

    def ready(self, seconds):
        used = collections.Counter(slot.node for slot in self.slots)
        nodes = [{"name": name, "slots": used[index]} for index, name in enumerate(self.names)]
        self.line.say(ready={"nodes": nodes, "seconds": seconds})

    def run(self, run):
        """Does a batch: every task once on any slot, or, with `each`, the same on every slot."""
        request = json.dumps(run["request"], separators=(",", ":"))[:-1].encode()
        try:
            if run["each"]:
                # What the first on a node prepares, the others find.
                firsts = list({slot.node: slot for slot in reversed(self.slots)}.values())
                self.on_each(request, firsts)
                self.on_each(request, [slot for slot in self.slots if slot not in firsts])
            else:
                self.on_any(request, run["tasks"], run["at_once"])
        except Trouble as trouble:
            self.line.say(failed={"kind": trouble.kind, "message": str(trouble)})
        self.line.say(finished=True)

    def on_each(self, request, slots):
        refs = {slot.actor.call.remote(line_of(request, 0)): slot for slot in slots if slot.actor}
        waiting = dict(refs)
        while waiting and not self.line.gone():
            done, _ = self.ray.wait(list(waiting), timeout=LOOK_S)
            alive = self.alive()
            for ref, slot in list(waiting.items()):
                if ref in done:
                    del waiting[ref]
                    self.check_each(ref, slot)
                elif self.nodes[slot.node]["NodeID"] not in alive:
                    del waiting[ref]

    def check_each(self, ref, slot):
        try:
            answer = self.ray.get(ref)
        except self.ray.exceptions.RayError:
            return  # the slot is lost; the next batch will find that out and make it anew
        if isinstance(answer, bytes) and "error" in (told := json.loads(answer)):
            raise Trouble("task", f"node {self.names[slot.node]}: {told['error']}")

    def on_any(self, request, tasks, at_once):
        self.at_once = at_once
        self.todo, self.lost = collections.deque(range(tasks)), collections.Counter()
        self.request, self.failure = request, None
        here = collections.Counter(slot.machine for slot in self.slots)
        self.crowded = {slot.machine for slot in self.slots if here[slot.machine] > slot.cpus}
        for slot in self.slots:
            slot.dealt = 0
        try:
            while (self.todo or self.calls) and not self.line.gone():
                self.assign()
                if not self.calls and not self.starts:
                    raise Trouble("lost", "no node is left that could do tasks")
                done, _ = self.ray.wait([*self.calls, *self.starts], timeout=LOOK_S)
                self.settle([ref for ref in done if ref in self.starts])
                for ref in done:
                    if ref in self.calls:
                        self.answered(ref)
                if time.monotonic() - self.looked > LOOK_S:
                    self.look()
        finally:
            for slot in self.slots:
                slot.calls.clear()
            self.calls.clear()
        if self.failure:
            raise self.failure

    def assign(self):
        depth = AHEAD if self.longest.get(self.request, math.inf) < SHORT_S else 1
        order = sorted(self.slots, key=lambda slot: slot.dealt) if self.crowded else self.slots
        for ahead in range(depth):
            for slot in order:
                room = self.at_once is None or len(self.calls) < self.at_once
                free = slot.actor and len(slot.calls) <= ahead
                if room and self.todo and free and not self.leaves_it(slot):
                    if not slot.calls:
                        slot.since = time.monotonic()
                    task = self.todo.popleft()
                    slot.dealt += 1
                    ref = slot.actor.call.remote(line_of(self.request, task))
                    self.calls[ref], slot.calls[ref] = slot, task

    def leaves_it(self, slot):
        """Whether a free slot leaves the next task to others of its machine.

        Where nodes claim more CPUs than their machine has, which slot is quick is chance. While others keep every
        CPU busy, one more running task would finish nothing earlier, so no slot there is dealt more than another
        then. A slot that is late, and may be hung, holds nobody up.
        """
        if slot.machine not in self.crowded:
            return False
        late = time.monotonic() - max(LATE_S, 2 * self.longest.get(self.request, math.inf))
        here = [other for other in self.slots if other.actor and other.machine == slot.machine]
        here = [other for other in here if not other.calls or other.since > late]
        busy = sum(bool(other.calls) for other in here)
        return busy >= slot.cpus and slot.dealt > min(other.dealt for other in here)

    def answered(self, ref):
        slot = self.calls[ref]
        try:
            answer = self.ray.get(ref)
        except self.ray.exceptions.RayError as error:
            self.lose(slot, reason(error))
            return
        del self.calls[ref]
        task, slot.since = slot.calls.pop(ref), time.monotonic()
        if isinstance(answer, str):
            self.again(task, slot, answer)
            return
        told = json.loads(answer)
        if "error" in told:
            self.todo.clear()
            self.failure = self.failure or Trouble("task", f"task {task + 1}: {told['error']}")
        elif told["id"] != task:
            self.again(task, slot, f"it answered {told['id']}")
        else:
            self.longest[self.request] = max(self.longest.get(self.request, 0.0), told["seconds"])
            self.line.say_raw(b'{"done":{"task":%d,"slot":%d,"node":%d,"answer":%s}}' % (task, slot.number, slot.node, answer.strip()))

    def again(self, task, slot, why):
        """Puts a task back that was lost with its slot."""
        self.lost[task] += 1
        why = f"node {self.names[slot.node]}: {why}"
        if self.lost[task] > RETRIES:
            self.todo.clear()
            self.failure = self.failure or Trouble("task", f"task {task + 1} was lost {RETRIES + 1} times; {why}")
        elif not self.failure:
            self.line.say(rerun={"task": task, "why": why})
            self.todo.appendleft(task)

    def lose(self, slot, why):
        """Puts the tasks of a lost slot back, and makes it anew if its node is there."""
        for ref in slot.calls:
            del self.calls[ref]
        # Only the first one was under way; the others are done for the first time.
        for task in reversed(list(slot.calls.values())[1:]):
            self.todo.appendleft(task)
        self.again(next(iter(slot.calls.values())), slot, why)
        slot.calls.clear()
        self.ray.kill(slot.actor)  # one that only cannot be reached would keep the CPU from the next
        if self.nodes[slot.node]["NodeID"] in self.alive():
            self.make(slot)
        else:
            self.slots.remove(slot)

    def alive(self):
        return {node["NodeID"] for node in self.ray.nodes() if node["Alive"]}

    def look(self):
        """Gives up what will never answer: a stopped node raises nothing."""
        self.looked = time.monotonic()
        alive = self.alive()
        deadline = self.init["task_timeout"]
        longest = self.longest.get(self.request)
        if longest is not None:
            deadline = min(deadline, max(LEAST_DEADLINE_S, DEADLINE_TIMES * longest))
        for slot in [slot for slot in self.slots if slot.calls]:
            waited = self.looked - slot.since
            if self.nodes[slot.node]["NodeID"] not in alive:
                why = "the node is gone"
            elif waited > deadline:
                why = f"no answer within {waited:.0f} s"
            else:
                continue
            self.lose(slot, why)
        for ref, slot in list(self.starts.items()):
            if self.nodes[slot.node]["NodeID"] not in alive or self.looked - slot.since > self.init["patience"]:
                del self.starts[ref]
                self.slots.remove(slot)


def line_of(request, task):
    """The request for one task, from a whole batch's, which is JSON text without its closing brace."""
    return b'%s,"id":%d,"task":%d}\n' % (request, task, task)


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


def main():
    line = Line()
    python = {"python": platform.python_version(), "executable": sys.executable}
    try:
        import ray
    except ImportError as error:
        line.say(hello={**python, "ray": None, "why": str(error)})
        return
    line.say(hello={**python, "ray": ray.__version__})
    init = line.hear()
    if init is None:
        return
    driver = Driver(line, ray, init)
    try:
        began = time.monotonic()
        driver.connect()
        line.say(joined=True)
        joined = time.monotonic()
        driver.place()
        driver.ready({"cluster": joined - began, "slots": time.monotonic() - joined})
        while (message := line.hear()) is not None:
            driver.run(message)
    except Trouble as trouble:
        line.say(trouble={"kind": trouble.kind, "message": str(trouble)})
    finally:
        ray.shutdown()
