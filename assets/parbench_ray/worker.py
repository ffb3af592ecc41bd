"""What runs on the nodes: a process of the program that does tasks."""

import ctypes
import json
import os
import platform
import secrets
import signal
import subprocess
import threading

from parbench_ray.folder import Unusable, installed


class Worker:
    """In the actor's process: the program on this node, and one process of it that does tasks."""

    def __init__(self):
        self.child = None
        self.request = None  # of the batch, without its end
        self.short = None  # the same without the parameters
        self.had = None  # the last that the process was sent
        self.guard = None  # ends what the worker process has started, once its input ends

    def start(self, program, worker, shipped, arch, environment, folder):
        """Makes the worker process ready. Returns the node, with what the machine is or what went wrong."""
        import ray

        node = ray.get_runtime_context().get_node_id()
        wrong = self._started(program, worker, shipped, arch, environment, folder)
        return {"node": node, "wrong": wrong} if wrong else {
            "node": node,
            "cpus": os.cpu_count() or 1,
            "memory": self.hello.get("memory_available_bytes"),
            "model": self.hello.get("cpu_model"),
        }

    def _started(self, program, worker, shipped, arch, environment, folder):
        """Makes the worker process ready. Returns what went wrong, or nothing."""
        import ray

        here = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        if here != arch:
            return f"it is {here}, and this parbench is built for {arch}: use nodes of one kind"

        try:
            digest, packed, _ = program
            self.program = installed(digest, lambda: ray.get(packed[0]))
            self.command, self.foreign = [self.program, "worker"], worker is not None
            if worker:
                self.command, sent = worker
                if sent:
                    digest, packed, _ = sent
                    self.command = [installed(digest, lambda: ray.get(packed[0])), *self.command[1:]]
            if shipped:
                digest, packed, file = shipped
                copy = installed(digest, lambda: ray.get(packed[0]))
                environment = {**environment, "PARBENCH_SHIPPED": copy, "PARBENCH_SHIPPED_FROM": file}
        except Unusable as unusable:
            return str(unusable)

        self.environment, self.folder = {**os.environ, **environment}, folder
        return self._spawned()

    def _spawned(self):
        mark = secrets.token_hex(16)
        try:
            self.guard = subprocess.Popen(
                [self.program, "worker", "--guard", mark],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=outlive_parent,
            )
            self.guard.wait()
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**self.environment, "PARBENCH_GUARD": mark},
                cwd=self.folder if os.path.isdir(self.folder) else None,
                preexec_fn=die_with_parent,
            )
        except OSError as error:
            return f"the worker process does not start: {error}"

        self.had = None
        self.words = LastWords(self.child.stderr)
        hello = self.child.stdout.readline()
        self.hello = understood(hello)
        if "parbench_worker" in self.hello:
            return ""

        problem = "it does not speak the worker protocol" if hello else ""
        ended = self._ended()
        return f"the worker process does not start: {problem or self.words.last() or ended}"

    def _ended(self):
        self.child.kill()
        code = self.child.wait()
        self.child = None
        self.guard.stdin.close()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def call(self, end, request):
        """The answer to the batch's request with this end, or the reason why there is none, as text; then the next one has
        a new process. The request is None where it is the one of the call before."""
        if request is not None:
            self.request, self.short = request, without_params(request)
        if self.child is None:
            wrong = self._spawned()
            if wrong:
                return wrong

        try:
            keeps = self.hello.get("keeps_params") and self.had == self.request
            self.child.stdin.write((self.short if keeps else self.request) + end)
            self.had = self.request
            self.child.stdin.flush()
            answer = self.child.stdout.readline()
        except OSError:
            answer = b""

        if answer.endswith(b"\n"):
            # Only parbench's own answers are known to be well formed.
            if not self.foreign or "id" in understood(answer):
                return answer
            self._ended()
            return "its worker process sent an answer that is not one of the worker protocol"

        ended, words = self._ended(), self.words.last()
        return f"its worker process ended with {ended}" + (f", saying {json.dumps(words)}" if words else "")


class LastWords:
    """What a process writes to its standard error, read all the time: a full pipe would stop it."""

    def __init__(self, pipe):
        self.line = b""
        self.thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self.thread.start()

    def _read(self, pipe):
        for line in pipe:
            self.line = line.strip()[:200] or self.line

    def last(self):
        """The last line of a process that has ended."""
        self.thread.join(1.0)  # another process may hold the pipe open
        return self.line.decode(errors="replace")


def understood(line):
    """A line as a dictionary; an empty one where it is no JSON object."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def without_params(request):
    """A batch's request for a worker process that has its parameters."""
    fields = json.loads(request + b"}")
    fields.pop("params", None)
    return json.dumps(fields, separators=(",", ":"))[:-1].encode()


def outlive_parent():
    """In a guard before its program runs. Ray ends the children of its workers with them, but not theirs."""
    os.setsid()
    if os.fork():
        os._exit(0)


def die_with_parent():
    """In a worker process before its program runs: makes it end with its actor, even while it is stopped."""
    if hasattr(signal, "SIGKILL") and platform.system() == "Linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
