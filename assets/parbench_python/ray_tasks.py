"""Plain Ray tasks of the function, as its documentation has them, or actors that call it."""

import os
import socket
import sys
import time

from parbench_python.trouble import Trouble, last_line

WAIT_S = 60  # for the CPUs of a cluster
REST_S = 0.05  # of a task that keeps a worker busy until the others have started
LOOPBACK = ("127.", "localhost:", "[::1]:")
# Ray gives up on a wrong address within seconds instead of minutes.
SETTINGS = {
    "RAY_NUM_REDIS_GET_RETRIES": "1",
    "RAY_gcs_server_request_timeout_seconds": "5",
    "RAY_py_gcs_connect_timeout_s": "20",
    "RAY_gcs_rpc_server_connect_timeout_s": "20",
}
QUIET = {"log_to_driver": False, "logging_level": "critical", "configure_logging": False}


class RayTasks:
    """`ray.get([remote.remote(item) for item in items])`."""

    ray = None  # once this process has joined a cluster
    rested_s = 0.0  # of starting, in which everything had started already

    def __init__(self, work, workers, options):
        if RayTasks.ray is None:
            RayTasks.ray = join(options)
        cpus = int(self.ray.cluster_resources().get("CPU", 0))
        if workers > cpus:
            raise Trouble(f"{workers} workers are more than the {cpus} CPUs of the Ray cluster: use a smaller -j")

        # A Ray of this run was started by parbench itself; what others use on their nodes is not seen.
        self.root = os.getppid() if options["token"] else None
        self.workers = workers
        self.uses_actors = options["ray_actors"]
        self.detail = f"Ray {self.ray.__version__}, {'actors' if self.uses_actors else 'tasks'}"
        self.actors, self.group = [], None
        # The nodes need not have the user's file, nor this one: the functions themselves travel.
        for module in (options["module"], __name__):
            self.ray.cloudpickle.register_pickle_by_value(sys.modules[module])
        try:
            self.start(work, {"num_cpus": 1, **self.place(workers, cpus)})
        except self.ray.exceptions.GetTimeoutError:
            raise Trouble(f"the Ray cluster did not grant {workers} CPUs within {WAIT_S} s: is it busy?")

    def place(self, workers, cpus):
        """Where the cluster has more CPUs than workers, a placement group keeps the tasks to their number."""
        if workers == cpus:
            return {}

        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        self.group = self.ray.util.placement_group([{"CPU": 1}] * workers)
        if not self.group.wait(WAIT_S):
            raise Trouble(f"the Ray cluster did not grant {workers} CPUs within {WAIT_S} s: is it busy?")
        return {"scheduling_strategy": PlacementGroupSchedulingStrategy(self.group)}

    def start(self, work, choice):
        remote, get = self.ray.remote, self.ray.get
        if self.uses_actors:
            caller = remote(Caller).options(max_restarts=0, **choice)
            self.actors = [caller.remote(work.function, work.takes_item) for _ in range(self.workers)]
            get([actor.is_ready.remote() for actor in self.actors], timeout=WAIT_S)
            return

        # Made here, since the cluster is sent a function as it is first used, and that is no part of an arm.
        self.remotes = {
            is_empty: self.remotes_of(function, takes_item, {"max_retries": 0, **choice})
            for is_empty, function, takes_item in ((False, work.function, work.takes_item), (True, nothing, True))
        }
        self.start_all(remote(rest).options(max_retries=0, **choice))

    def start_all(self, rest):
        """A worker process takes a task only while it is idle, so that tasks that rest start all of them."""
        waiting = [rest.remote() for _ in range(2 * self.workers)]
        until = time.perf_counter() + WAIT_S
        first_ends = {}
        while waiting:
            done, waiting = self.ray.wait(waiting, timeout=max(0.0, until - time.perf_counter()))
            if not done:
                raise self.ray.exceptions.GetTimeoutError
            first_ends.setdefault(self.ray.get(done[0]), time.perf_counter())
        # The last one to start rested first of all.
        self.rested_s = time.perf_counter() - max(first_ends.values()) + REST_S

    def remotes_of(self, function, takes_item, choice):
        """The function as a remote one, for an item and for many."""
        many = self.ray.remote(lambda items: call_all(function, items, takes_item))
        return self.ray.remote(named(function)).options(**choice), many.options(**choice)

    def run(self, work):
        if self.uses_actors:
            return self.on_actors(work)

        one, many = self.remotes[work.is_empty]
        if work.chunk_for(self.workers) > 1:
            chunks = [many.remote(chunk) for chunk in work.chunks(self.workers)]
            return [result for chunk in self.ray.get(chunks) for result in chunk]
        if work.takes_item:
            return self.ray.get([one.remote(item) for item in work.items])
        return self.ray.get([one.remote() for _ in work.items])

    def on_actors(self, work):
        pool = self.ray.util.ActorPool(self.actors)
        method = "call_nothing" if work.is_empty else "call"
        chunks = pool.map(lambda actor, chunk: getattr(actor, method).remote(chunk), work.chunks(self.workers))
        return [result for chunk in chunks for result in chunk]

    def close(self):
        if RayTasks.ray is not None:
            # Whatever it has on the cluster goes with it.
            self.ray.shutdown()
            RayTasks.ray = None


class Caller:
    """An actor that calls the function."""

    def __init__(self, function, takes_item):
        self.function = function
        self.takes_item = takes_item

    def is_ready(self):
        return True

    def call(self, items):
        return call_all(self.function, items, self.takes_item)

    def call_nothing(self, items):
        return call_all(nothing, items, True)


def call_all(function, items, takes_item):
    return [function(item) if takes_item else function() for item in items]


def nothing(item):
    return bool(item)


def rest():
    """Keeps a worker process busy; returns which one it is."""
    time.sleep(REST_S)
    return socket.gethostname(), os.getpid()


def named(function):
    """Ray asks a function for its name, which `functools.partial` has none of."""
    return function if hasattr(function, "__name__") else lambda *items: function(*items)


def join(options):
    os.environ.update(SETTINGS)
    if options["address"].startswith(LOOPBACK):
        # Without it Ray puts a routable address in place of the loopback's, and waits for it.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    if options["token"]:
        os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"] = "token", options["token"]
    try:
        import ray
    except ImportError:
        raise Trouble("this Python has no Ray: install it (pip install ray) or name another Python with --python")

    # Ray has one thread for numpy and others unless something else is said, as these have by default, too.
    threads = {name: os.environ.get(name, str(os.cpu_count())) for name in options["variables"]}
    is_usual = set(threads.values()) == {"1"}
    runtime = {} if is_usual else {"runtime_env": {"env_vars": threads}}
    # Ray lets workers import what lies beside a script, and this process is not started by the name of one.
    job = ray.job_config.JobConfig()
    getattr(job, "_py_driver_sys_path", []).append(os.path.dirname(sys.modules[options["module"]].__file__))
    try:
        ray.init(address=options["address"], job_config=job, **runtime, **QUIET)
    except Exception as error:
        raise Trouble(f"cannot join the Ray at {options['address']}: {last_line(error)}")
    return ray
