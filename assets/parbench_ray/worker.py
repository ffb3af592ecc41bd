"""What runs on the nodes: the program's copy there, and one process of it that does tasks."""

import contextlib
import hashlib
import os
import platform
import subprocess
import tempfile
import threading
import time

KEPT_S = 7 * 86400.0  # a node keeps a program for so long after its last use


class Worker:
    """In the actor's process: the program on this node, and one process of it that does tasks."""

    def __init__(self):
        self.child = None

    def start(self, packed, digest, arch, environment, folder):
        """Makes the worker process ready. Returns the CPUs of the machine, or what went wrong, as text."""
        here = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        if here != arch:
            return f"it is {here}, and this parbench is built for {arch}: use nodes of one kind"
        try:
            self.program = self._installed(packed, digest)
        except OSError as error:
            return f"the program cannot be stored there: {error}"
        self.environment, self.folder = {**os.environ, **environment}, folder
        return self._spawned() or os.cpu_count() or 1

    def _installed(self, packed, digest):
        """The program's path. Its bytes are fetched only where no earlier run has left the very same ones."""
        import ray

        folder = os.path.join(tempfile.gettempdir(), f"parbench-{os.getuid()}")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.stat(folder).st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else")
        path = os.path.join(folder, digest)
        if not self._is(path, digest):
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
                file.write(ray.get(packed[0]))
                os.fchmod(file.fileno(), 0o700)
            if not self._is(file.name, digest):
                os.unlink(file.name)
                raise OSError("it arrived damaged")
            os.replace(file.name, path)
        os.utime(path)
        with contextlib.suppress(FileNotFoundError):  # another slot here may be quicker
            for other in os.scandir(folder):
                if time.time() - other.stat().st_mtime > KEPT_S:
                    os.unlink(other.path)
        return path

    @staticmethod
    def _is(path, digest):
        try:
            with open(path, "rb") as file:
                return hashlib.sha256(file.read()).hexdigest() == digest
        except FileNotFoundError:
            return False

    def _spawned(self):
        try:
            self.child = subprocess.Popen(
                [self.program, "worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.environment,
                cwd=self.folder if os.path.isdir(self.folder) else None,
            )
        except OSError as error:
            return f"the worker process does not start: {error}"
        if self.child.stdout.readline().endswith(b"\n"):
            # Nobody reads it any more; a full pipe would stop the process.
            threading.Thread(target=self.child.stderr.read, daemon=True).start()
            return ""
        complaint = self.child.stderr.read().decode(errors="replace").strip().splitlines()
        return f"the worker process does not start: {complaint[-1] if complaint else self._ended()}"

    def _ended(self):
        self.child.kill()
        code = self.child.wait()
        self.child = None
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def call(self, request):
        """The answer to a request, or the reason why there is none, as text; then the next one has a new process."""
        if self.child is None:
            wrong = self._spawned()
            if wrong:
                return wrong
        try:
            self.child.stdin.write(request)
            self.child.stdin.flush()
            answer = self.child.stdout.readline()
        except OSError:
            answer = b""
        return answer if answer.endswith(b"\n") else f"its worker process ended with {self._ended()}"
