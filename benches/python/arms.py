"""Compares what `parbench python` times with what a user would write, in one interpreter and in turns:

    python3 benches/python/arms.py --engines threads,processes,ray

Each round runs both sides of an engine once, the side that begins alternating. The ratio is parbench's time over that of
the hand-written line, so that 1.02 means 2 % slower; the interval is the sign test's, of 95 % at least.
"""

import argparse
import concurrent.futures
import contextlib
import math
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "assets"))

from parbench_python.executors import Processes, Threads  # noqa: E402
from parbench_python.ray_tasks import RayTasks  # noqa: E402
from parbench_python.survey import survey  # noqa: E402
from parbench_python.work import Work  # noqa: E402


def steps_in(seconds: float) -> int:
    """The steps of `spin` that take `seconds` on this CPU, by the shortest of five runs."""
    steps = 100_000
    best = math.inf
    for _ in range(5):
        began = time.perf_counter()
        spin(steps)
        best = min(best, time.perf_counter() - began)

    return max(1, round(steps * seconds / best))


def spin(steps: int) -> int:
    total = 0
    for step in range(steps):
        total += step & 7
    return total


def rest(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


# The hand-written side of each engine: a context that gives a function of no arguments to time.


@contextlib.contextmanager
def own_threads(function, items, workers):
    with concurrent.futures.ThreadPoolExecutor(workers) as executor:
        yield lambda: list(executor.map(function, items))


@contextlib.contextmanager
def own_processes(function, items, workers):
    with concurrent.futures.ProcessPoolExecutor(workers) as executor:
        yield lambda: list(executor.map(function, items))


@contextlib.contextmanager
def own_ray(function, items, workers):
    import ray

    remote = ray.remote(function)
    yield lambda: ray.get([remote.remote(item) for item in items])


ENGINES = {
    "threads": (Threads, own_threads),
    "processes": (Processes, own_processes),
    "ray": (RayTasks, own_ray),
}


def timed(run) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def rounds_of(ours, theirs, rounds: int) -> list[tuple[float, float]]:
    """Seconds of both sides, round by round, after one untimed pass of each."""
    ours()
    theirs()
    times = []
    for number in range(rounds):
        if number % 2:
            own, hand = timed(ours), timed(theirs)
        else:
            hand, own = timed(theirs), timed(ours)
        times.append((own, hand))

    return times


def median_with_interval(values: list[float]) -> tuple[float, float, float]:
    """The median, and the narrowest pair of order statistics that holds it with 95 % by the sign test."""
    ordered = sorted(values)
    count = len(ordered)
    outside, left_out = 0.0, 0
    for rank in range(count // 2):
        outside += 2 * math.comb(count, rank) / 2**count
        if outside > 0.05:
            break
        left_out = rank
    return statistics.median(ordered), ordered[left_out], ordered[count - 1 - left_out]


def compared(engine: str, function, items: list, workers: int, rounds: int) -> str:
    made, own = ENGINES[engine]
    if engine == "ray":
        import ray

        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
        RayTasks.ray = ray

    work = Work(function, items, True, "1")
    options = {
        "survey": survey(work, lambda index: None, True),
        "module": function.__module__,
        "start_method": None,
        "ray_actors": False,
        "token": None,
    }
    arm = made(work, workers, options)
    try:
        with own(function, items, workers) as hand_written:
            times = rounds_of(lambda: arm.run(work), hand_written, rounds)
    finally:
        arm.close()

    ratio, low, high = median_with_interval([own / hand for own, hand in times])
    own_s = statistics.median(own for own, _ in times)
    hand_s = statistics.median(hand for _, hand in times)
    name = f"{engine} {workers}"
    return f"| {name} | {function.__name__} | {hand_s * 1e3:.1f} ms | {own_s * 1e3:.1f} ms | {ratio:.3f} [{low:.3f}, {high:.3f}] |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engines", default="threads,processes", help="threads, processes, ray")
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--task-ms", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=31)
    given = parser.parse_args()

    seconds = given.task_ms / 1e3
    work = {"rest": (rest, seconds), "spin": (spin, steps_in(seconds))}
    print("| engine | task | hand-written | parbench | ratio |")
    print("|---|---|---|---|---|")
    for engine in given.engines.split(","):
        # Threads take turns at Python code, so that only tasks that wait tell how they are handed out.
        for function, argument in [work["rest"]] if engine == "threads" else work.values():
            print(compared(engine, function, [argument] * given.tasks, given.workers, given.rounds), flush=True)


if __name__ == "__main__":
    main()
