"""The CPU time of this process and of everything that it has started."""

import os
import time

TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01


class Meter:
    """Measures from when it is made: this process and everything below `root`; nothing where that is None."""

    def __init__(self, root):
        self.root = root
        # Reading of the others takes CPU time of this process: what is measured begins behind it, and ends before it.
        self.before = self.of_others(), of_this_process()

    def used(self):
        """Seconds in user code and in the system."""
        if self.root is None:
            return None
        now = of_this_process(), self.of_others()
        total, user, system = (sum(after) - sum(before) for before, after in zip(zip(*self.before), zip(*now)))
        # The system's ticks are coarse: they say how the exact figure is cut.
        system_s = total * system / (user + system) if user + system > 0 else 0.0
        return {"user_s": max(0.0, total - system_s), "system_s": max(0.0, system_s)}

    def of_others(self):
        """Seconds on CPUs, and of user code and of the system in ticks, of everything below the root but this process."""
        total = user = system = 0.0
        others = descendants(self.root) - {os.getpid()} if self.root is not None else ()
        for process in others:
            times = times_of(process)
            user, system = user + times[0], system + times[1]
            total += run_time(process)
        return total, user, system


def of_this_process():
    """The same of this process, with the children that it has waited for."""
    own = os.times()
    user, system = own.user + own.children_user, own.system + own.children_system
    return time.process_time() + own.children_user + own.children_system, user, system


def descendants(root):
    found, waiting = set(), [root]
    while waiting:
        below = set(children(waiting.pop())) - found
        found |= below
        waiting += below
    return found


def children(process):
    found = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    except (OSError, ValueError):
        pass
    return found


def times_of(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            figures = file.read().rpartition(")")[2].split()
        user, system, user_of_children, system_of_children = (int(figure) for figure in figures[11:15])
    except (OSError, ValueError):
        return 0.0, 0.0
    return (user + user_of_children) * TICK_S, (system + system_of_children) * TICK_S


def run_time(process):
    """Seconds on a CPU of all threads, by schedstat; by ticks where there is none."""
    total = 0
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return sum(times_of(process))
    return total / 1e9
