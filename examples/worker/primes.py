#!/usr/bin/env python3
"""A parbench worker in Python 3.9 or later, without packages: counts primes.

Replace `Workload` by your own work. Below it stands the worker protocol, version 2, which need
not be changed (docs/worker-protocol.md).
"""

import json
import math
import os
import sys
import time


class Workload:
    """The work. What a method raises becomes the error of one request; the worker goes on."""

    NAME = "primes"

    def __init__(self, params):
        """Makes ready what tasks need. Not timed, and kept for the next requests."""
        self.tasks = whole(params, "tasks", 1, 1_000_000, usual=16)
        self.size = whole(params, "size", 0, 1_000_000_000, usual=200_000)
        # What all tasks together get through, and the memory that one of them holds.
        self.work = {"amount": self.size, "unit": "numbers"}
        self.task_bytes = 0

    def task(self, index):
        """Does a task. Its result is any JSON, and depends on the parameters and the index only."""
        first = self.size * index // self.tasks
        end = self.size * (index + 1) // self.tasks
        return sum(1 for number in range(first, end) if is_prime(number))

    def combine(self, partials):
        """Makes the answer of the results of all tasks, in their order."""
        return sum(partials)

    def audit(self, index):
        """Does a task, and checks what its result cannot show: here nothing."""
        self.task(index)

    def cool_down(self):
        """Gives up what tasks keep for the next ones: here nothing."""

    def inputs(self):
        """The SHA-256 of the files that tasks read, or None where they read none."""
        return None


def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def whole(params, name, least, most, usual):
    value = params.get(name, usual)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


# The protocol.

PROTOCOL = 2
kept = {}


def main():
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a task prints must not get among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        write(answers, encoded({"parbench_worker": PROTOCOL}))
        for line in requests:
            write(answers, answer(line))
    except BrokenPipeError:
        # Nobody wants the answers any more.
        os._exit(0)


def write(answers, line):
    answers.write(line + b"\n")
    answers.flush()


def encoded(message):
    # Without spaces: a short line costs less.
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode()


def answer(line):
    number = None
    try:
        request = json.loads(line.decode("utf-8"))
        if not isinstance(request, dict) or type(request.get("id")) is not int or request["id"] < 0:
            raise ValueError("this is not a request: it has no id")
        number = request["id"]
        return encoded({"id": number, **served(request)})
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        return encoded({"id": number, "error": why})


def served(request):
    version = request.get("parbench_worker", PROTOCOL)
    if version != PROTOCOL:
        raise ValueError(
            f"the request is of version {version} of the worker protocol, "
            f"and this worker speaks version {PROTOCOL}"
        )
    workload, action = ready(request), request.get("do", "task")
    if action == "task":
        partial, seconds = timed(request, workload.tasks, workload.task)
        return {"partial": partial, "seconds": seconds}
    if action == "audit":
        return {"seconds": timed(request, workload.tasks, workload.audit)[1]}
    if action == "prepare":
        return {"seconds": 0.0}
    if action == "cool-down":
        workload.cool_down()
        return {"seconds": 0.0}
    if action == "inputs":
        return {"inputs": workload.inputs()}
    if action == "describe":
        return {name: getattr(workload, name) for name in ("tasks", "work", "task_bytes")}
    if action == "combine":
        partials = request.get("partials", [])
        if len(partials) != workload.tasks:
            raise ValueError(f"there are {len(partials)} partial results of {workload.tasks} tasks")
        return {"answer": workload.combine(partials)}
    raise ValueError(f"this is not a request: it cannot do {action}")


def ready(request):
    if request.get("workload") != Workload.NAME:
        raise ValueError(f"this worker knows only the workload {Workload.NAME}")
    if not isinstance(request.get("params"), dict):
        raise ValueError("this is not a request: it has no params")
    # As text: to Python, 1 and true are equal.
    key = json.dumps(request["params"])
    if key not in kept:
        kept.clear()
        kept[key] = Workload(request["params"])
    return kept[key]


def timed(request, tasks, work):
    index, slowdown = request.get("task", 0), request.get("slowdown", 1)
    if type(index) is not int or not 0 <= index < tasks:
        raise ValueError(f"there is no task {index}: {Workload.NAME} has {tasks}")
    start = time.perf_counter()
    result = work(index)
    end = start + (time.perf_counter() - start) * slowdown
    while time.perf_counter() < end:
        pass
    return result, time.perf_counter() - start


if __name__ == "__main__":
    main()
