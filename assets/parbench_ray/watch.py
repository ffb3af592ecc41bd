"""Watches what may stop answering: the cluster's control service, this program's own thread, and parbench."""

import collections
import os
import threading
import time

LOOK_S = 1.0  # how often the nodes are asked for, and parbench is sent a sign of life
END_LOOK_S = 0.2  # how often to see whether parbench has left
LEAST_SERVICE_S = 5.0  # a shorter silence says nothing: it is asked once a second, and a machine may be loaded
SERVICE_S = 45.0  # the longest silence of the control service; Ray itself ends this process after 60 s


def kind_of_silence(patience):
    """The kind of the trouble when something does not answer for that long: `late` where the user can allow more."""
    return "late" if patience < SERVICE_S else "silent"


class Node:
    """What is known of a node of the cluster."""

    def __init__(self, description):
        self.id = description["NodeID"]
        self.host = description["NodeManagerHostname"]
        self.machine = f"{self.host} ({description['NodeManagerAddress']})"
        self.name = self.machine
        self.alive, self.cpus, self.free = False, 0, 0


class Nodes:
    """The cluster's nodes, in the order in which they were first seen. A thread asks for them again and again."""

    def __init__(self, ray):
        self.ray = ray
        self.all = []  # by number
        self.numbers = {}  # by Ray's identifier
        self.answered = time.monotonic()
        self.looking = threading.Lock()
        self.look()

    def watch(self):
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            time.sleep(LOOK_S)
            self.try_look()

    def try_look(self):
        try:
            self.look()
        except Exception:  # the next answer counts, or that it does not come
            pass

    def look(self):
        from ray._private.state import available_resources_per_node

        described, free = self.ray.nodes(), available_resources_per_node()
        with self.looking:
            self.take_up(described, free)
        self.answered = time.monotonic()

    def take_up(self, described, free):
        fresh = [Node(each) for each in described if each["Alive"] and each["NodeID"] not in self.numbers]
        named = collections.Counter(node.machine for node in [*self.all, *fresh])

        for node in fresh:
            if named[node.machine] > 1:
                node.name = f"{node.machine} {node.id[:8]}"
            self.all.append(node)
            self.numbers[node.id] = len(self.all) - 1

        for each in described:
            if each["NodeID"] in self.numbers:
                node = self.all[self.numbers[each["NodeID"]]]
                node.alive = each["Alive"]
                node.cpus = int(each["Resources"].get("CPU", 0)) if node.alive else 0
                node.free = int(free.get(node.id, {}).get("CPU", 0)) if node.alive else 0

    def silence(self):
        """For how many seconds the control service has not answered."""
        return time.monotonic() - self.answered

    def forgive(self):
        """Starts counting again: this process was held up, so it could not hear the service."""
        self.answered = time.monotonic()


class Guard:
    """Reports that this process lives, and ends it when nothing else can."""

    def __init__(self, line, patience, end):
        self.line, self.patience, self.end = line, patience, end
        self.busy = False  # whether parbench waits for an answer
        self.moved = time.monotonic()  # when the driver's own thread last showed that it goes on
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        spoken = 0.0
        while True:
            time.sleep(END_LOOK_S)
            now = time.monotonic()
            # Parbench does not read while it asks for nothing, and the pipe would fill.
            if self.busy and now - spoken > LOOK_S:
                self.line.send(alive=True)
                spoken = now

            # As long as it waits, parbench sends nothing: what can be read then is the end.
            if self.busy and self.line.at_end() and self.busy:
                self.line.lost = True
                self.end()

            if self.busy and now - self.moved > self.patience:
                message = f"a call of Ray has not returned for {self.patience:.0f} s"
                self.line.send(trouble={"kind": kind_of_silence(self.patience), "message": message})
                os._exit(1)
