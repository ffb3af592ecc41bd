"""A Ray cluster on loopback for the tests: a head without CPUs and some nodes with one each.

Prints its address, then reads commands, a line each, and answers each with `ok`: `kill N`, `stop N` and `worker N`
for node N's whole processes, the same stopped, and its Ray workers alone; `freeze N` and `go N` stop and continue node
N's Ray workers with their worker processes, or the control service where N is `gcs`; `add 1` adds a node. The end of its
input ends it.
"""

import contextlib
import os
import signal
import sys

import ray.cluster_utils


def descendants(pid):
    children = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            children += [int(child) for child in file.read().split()]
    return [*children, *(below for child in children for below in descendants(child))]


def processes(node):
    """The raylet and everything under it."""
    raylet = node.all_processes["raylet"][0].process.pid
    return [raylet, *descendants(raylet)]


def is_worker(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read().startswith("ray::Worker")


def main():
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    usual = {"node_ip_address": "127.0.0.1", "object_store_memory": 128 << 20}
    head = {**usual, "num_cpus": 0, "include_dashboard": False}
    cluster = ray.cluster_utils.Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(**usual, num_cpus=1) for _ in range(int(sys.argv[1]))]
    print(cluster.address, file=out)
    stopped = set()
    for line in sys.stdin:
        what, which = line.split()
        if what == "add":
            nodes.append(cluster.add_node(**usual, num_cpus=1))
        elif which == "gcs":
            them = [cluster.head_node.all_processes["gcs_server"][0].process.pid]
        else:
            them = processes(nodes[int(which)])
            if what not in ("kill", "stop"):
                them = [pid for pid in them if is_worker(pid)]
                them += [child for pid in them for child in descendants(pid)]
        if what != "add":
            deal(what, them, stopped)
        print("ok", file=out)
    deal("kill", list(stopped), stopped)
    cluster.shutdown()


def deal(what, them, stopped):
    """Does to these processes what was asked for."""
    number = {"stop": signal.SIGSTOP, "freeze": signal.SIGSTOP, "go": signal.SIGCONT}.get(what, signal.SIGKILL)
    for pid in them:
        with contextlib.suppress(ProcessLookupError):  # one may end with another
            os.kill(pid, number)
    if number == signal.SIGSTOP:
        stopped.update(them)
    else:
        stopped.difference_update(them)


main()
