"""A Ray cluster on loopback for the tests: a head without CPUs and some nodes with one each.

Prints its address, then reads commands, a line each, and answers each with `ok`. `kill N`, `stop N` and `worker N` kill
node N's whole processes, stop them, and kill its Ray workers alone; `freeze N` and `go N` stop and continue node N's Ray
workers with their worker processes. With `gcs` as N it is the control service. `add N` adds a node with N CPUs, `foreign N`
one that calls itself a machine of another kind, `slow N` one whose Ray workers never come to be, `broken N` one whose
processes have the variable BROKEN. `wanted N` waits until N actors wait for a CPU. The end of its input
ends it.
"""

import contextlib
import os
import signal
import sys
import tempfile
import time

import ray.cluster_utils


MODULES = {
    "foreign": "import platform; platform.machine = lambda: 'riscv64'",
    "slow": "import signal, sys; any('default_worker' in word for word in sys.orig_argv) and signal.pause()",
}


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
            nodes.append(cluster.add_node(**usual, num_cpus=int(which)))
        elif what in MODULES:
            variables = {"PYTHONPATH": modules(MODULES[what])}
            nodes.append(cluster.add_node(**usual, num_cpus=int(which), env_vars=variables))
        elif what == "broken":
            variables = {"BROKEN": "1"}
            nodes.append(cluster.add_node(**usual, num_cpus=int(which), env_vars=variables))
        elif what == "wanted":
            while len(cluster.global_state.actor_table(None, actor_state_name="PENDING_CREATION")) < int(which):
                time.sleep(0.1)
        else:
            deal(what, chosen(what, which, cluster, nodes), stopped)
        print("ok", file=out)

    deal("kill", list(stopped), stopped)
    cluster.shutdown()


def modules(text):
    """A folder whose Pythons run this text when they start."""
    folder = tempfile.mkdtemp(dir=os.environ["HOME"])  # which goes with the test
    with open(os.path.join(folder, "sitecustomize.py"), "w") as file:
        file.write(text)
    return folder


def chosen(what, which, cluster, nodes):
    """The processes that a command is about."""
    if which == "gcs":
        return [cluster.head_node.all_processes["gcs_server"][0].process.pid]

    them = processes(nodes[int(which)])
    if what not in ("kill", "stop"):
        them = [pid for pid in them if is_worker(pid)]
        them += [child for pid in them for child in descendants(pid)]
    return them


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
