"""Runs parbench's tasks on a Ray cluster: one actor for each CPU slot, each with one `parbench worker` process.

Started by `parbench --engine ray`, which sends JSON lines to stdin and reads JSON lines from stdout. It dispatches,
repeats what was lost, replaces lost slots and watches the nodes. The end of its input ends it, with every actor and with
the Ray that it started.
"""

import collections
import json
import os
import socket
import threading
import time

from parbench_ray.batch import Batch, at_once
from parbench_ray.cluster import join
from parbench_ray.events import Aside, Events
from parbench_ray.greeting import introduce
from parbench_ray.line import Line, Trouble
from parbench_ray.slot import done_line, ending, understood
from parbench_ray.slots import Slots
from parbench_ray.watch import LEAST_SERVICE_S, LOOK_S, SERVICE_S, Guard, Nodes, kind_of_silence

END_S = 0.7  # how long leaving may take: a cluster ends what a program that is gone had there
NOTED_S = 5.0  # a silence of the control service that a round is marked for


class Driver:
    """The cluster, its slots and the batch under way."""

    def __init__(self, line, ray, init):
        self.line, self.ray, self.init = line, ray, init
        self.patience = min(SERVICE_S, max(LEAST_SERVICE_S, init["task_timeout"]))
        self.events, self.aside = Events(), Aside()
        self.guard = Guard(line, self.patience + LOOK_S, self.end)
        self.longest = {}  # seconds of the longest answer so far, by request
        self.batch = None
        self.slots = Slots(self)
        self.here = socket.gethostname()
        self.used_nodes = set()
        self.last_placed = {}
        self.leaving = threading.Lock()
        self.reset()

    def reset(self):
        """Forgets what was noted for the command before."""
        self.used = self.slots.all  # the slots that the command may use
        self.least = len(self.used)  # the fewest of them that were ready
        self.held = 0.0  # for how many seconds this process, or the control service, did not go on

    def connect(self):
        """Joins the cluster and looks at its nodes."""
        join(self.ray, self.init["address"])
        self.nodes = Nodes(self.ray)
        self.nodes.watch()

    def pump(self):
        """Takes up what other threads report, waiting a moment for it."""
        self.guard.moved = time.monotonic()
        held = self.events.take(LOOK_S)
        if held:
            # Neither the service nor a slot is judged by a time in which this process did not listen.
            self.held += held
            self.nodes.forgive()
            for slot in self.slots.all:
                slot.since += held
                slot.missing += held

        silence = self.nodes.silence()
        if silence > NOTED_S:
            self.held = max(self.held, silence)
        if silence > self.patience:
            raise Trouble(kind_of_silence(self.patience),
                          f"the control service of the Ray cluster has not answered for {silence:.0f} s")

    def lost(self, tasks, why):
        """A slot was lost with these tasks."""
        self.note_ready()
        if self.batch:
            self.batch.give_back(tasks, why)

    def note_ready(self):
        """Takes note of how many of the slots that the command may use are ready."""
        self.least = min(self.least, self.slots.ready(self.used))

    def note_node(self, number, model):
        """A slot has come to be on this node."""
        if number not in self.used_nodes:
            self.used_nodes.add(number)
            node = self.nodes.all[number]
            self.line.send(node={"number": number, "name": node.name, "here": node.host == self.here, "model": model})

    def placed(self):
        """How many slots each node has that were ready there last, by its number; None where nothing has changed."""
        placed = dict(collections.Counter(slot.node for slot in self.slots.all if slot.node is not None))
        changed, self.last_placed = placed != self.last_placed, placed
        return placed if changed else None

    # Commands.

    def do(self, message):
        """Does what parbench asks for, and reports how that went."""
        self.reset()
        self.guard.moved, self.guard.busy = time.monotonic(), True

        try:
            if message == "restore":
                self.slots.restore()
            elif message == "release":
                self.slots.release()
            elif "ship" in message:
                self.slots.ship(message["ship"])
            else:
                self.run(message["batch"])
        except Trouble as trouble:
            self.batch = None
            self.slots.release()
            self.line.send(failed={"kind": trouble.kind, "message": str(trouble)})

        self.batch = None
        self.note_ready()
        self.guard.busy = False
        self.line.send(finished={"slots": self.least, "held": self.held, "placed": self.placed()})

    def run(self, run):
        """Does a batch: every task once on any slot, or the same on every slot, or on one of each node."""
        request = json.dumps(run["request"], separators=(",", ":"))[:-1].encode()
        self.used = self.slots.all[:run["slots"]]
        self.least = self.slots.ready(self.used)

        if run["scope"] == "any":
            tasks = range(run["first"], run["first"] + run["tasks"])
            room = at_once(self.used, run["task_bytes"], run["memory"])
            more = b',"arm":' + json.dumps(run["arm"]).encode() if "arm" in run else b""
            self.batch = Batch(self, request, tasks, run["of"], self.used, room, run["in_process"], more)
            self.batch.run()
            return

        if run["request"]["do"] == "prepare":
            self.slots.preparation = request
        self.slots.restore()

        # What the first on a node prepares, the others find.
        firsts = list({slot.node: slot for slot in reversed(self.slots.all)}.values())
        self.on_each(request, firsts, self.report if run["scope"] == "nodes" else self.check)
        if run["scope"] == "slots":
            self.on_each(request, [slot for slot in self.slots.all if slot not in firsts], self.check)

    def on_each(self, request, slots, handler):
        """Has these slots do a request. One that is lost meanwhile is replaced, and prepared like the others."""
        for slot in slots:
            self.slots.call(slot, request, ending(0), handler)
        self.slots.fill()

    def check(self, slot, call):
        """Takes an answer of which only the errors matter."""
        answer = understood(call.answer)
        node = f"node {self.nodes.all[slot.node].name}: "
        if "error" in answer:
            raise Trouble("task", node + answer["error"])
        if not answer:
            self.slots.renew(slot, node + call.answer)

    def report(self, slot, call):
        """Passes an answer on, unless it is an error."""
        self.check(slot, call)
        if not isinstance(call.answer, str):
            self.line.send_raw(done_line(slot, slot.number, call.answer))

    # The end.

    def end(self):
        """Leaves, whatever Ray does."""
        if not self.leaving.acquire(blocking=False):
            time.sleep(10 * LOOK_S)  # the other thread ends this process before that
        self.line.send(closing=True)
        self.events.post(lambda: None)

        leaving = threading.Thread(target=self.ray.shutdown, daemon=True)
        leaving.start()
        leaving.join(END_S)
        os._exit(0)


def main():
    line = Line()
    ray, init = introduce(line)
    if init is None:
        return

    driver = Driver(line, ray, init)
    try:
        began = time.monotonic()
        driver.connect()
        nodes = driver.nodes.all
        line.send(joined={"nodes": len(nodes), "cpus": sum(node.cpus for node in nodes)})

        joined = time.monotonic()
        driver.guard.moved, driver.guard.busy = joined, True
        driver.slots.open()
        driver.guard.busy = False
        seconds = {"cluster": joined - began, "slots": time.monotonic() - joined}
        line.send(ready={"slots": driver.placed(), "seconds": seconds})

        while (message := line.receive()) is not None:
            driver.do(message)
    except Trouble as trouble:
        line.send(trouble={"kind": trouble.kind, "message": str(trouble)})
    driver.end()
