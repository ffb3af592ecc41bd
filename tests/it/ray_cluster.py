"""A Ray cluster on loopback for the tests: a head without CPUs and some nodes with one each.

Prints its address, then does what it is told, a line each, and answers with `ok`: `kill N`, `stop N` and `worker N`
for node N's whole processes, the same stopped, and its Ray workers alone. The end of its input ends it.
"""

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
    stopped = []
    for line in sys.stdin:
        what, number = line.split()
        them = processes(nodes[int(number)])
        if what == "worker":
            them = [pid for pid in them if is_worker(pid)]
        for pid in them:
            os.kill(pid, signal.SIGSTOP if what == "stop" else signal.SIGKILL)
        stopped += them if what == "stop" else []
        print("ok", file=out)
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)
    cluster.shutdown()


main()
