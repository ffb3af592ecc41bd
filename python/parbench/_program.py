"""The program `parbench`: where it is, and how it is run and ended."""

import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys

NAME = "parbench.exe" if os.name == "nt" else "parbench"
VARIABLE = "PARBENCH_BINARY"
END_S = 10  # for the program to end its processes after Ctrl-C
# A process that waits for the end of this one, which may be killed, as a notebook's kernel is that is started again. It ends
# the program as Ctrl-C does, and removes what this one would have removed.
GUARD = """
import os, shutil, signal, sys, time

process, folder = int(sys.argv[1]), sys.argv[2]
sys.stdin.read()
# Where nobody waits for it, an ended program keeps its number: the last look is after the signal that nothing outlives.
for number, seconds in [(signal.SIGINT, float(sys.argv[3])), (signal.SIGKILL, 1)]:
    try:
        os.kill(process, number)
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            os.kill(process, 0)
            time.sleep(0.05)
    except OSError:
        break
shutil.rmtree(folder, ignore_errors=True)
"""


class Error(Exception):
    """What is wrong and how to fix it, in one line."""


def path():
    """The program that PARBENCH_BINARY names, or else that of the wheel, or else the one on the PATH."""
    named = os.environ.get(VARIABLE)
    if named:
        if shutil.which(named) is None:
            raise Error(f"{VARIABLE} names {named}, which is not a program: name parbench, or unset the variable")
        return named

    found = of_wheel() or shutil.which(NAME)
    if found is None:
        raise Error(f"the program parbench is not installed: install its wheel, or name the program by {VARIABLE}")
    return found


def of_wheel():
    """The program that was installed together with this package: the list of installed files names it."""
    try:
        files = importlib.metadata.files("parbench") or []
    except importlib.metadata.PackageNotFoundError:
        return None

    programs = (os.path.normpath(file.locate()) for file in files if file.name == NAME)
    return next((program for program in programs if shutil.which(program)), None)


def run(arguments, folder, environment=None, stored=None):
    """Runs the program with `arguments` and waits for it. `folder` takes what it prints. Returns its standard output. Where it
    has `stored` a run in spite of an error, a part was left out, such as an engine that one of several Pythons lacks."""
    output, errors = os.path.join(folder, "stdout"), os.path.join(folder, "stderr")
    with open(output, "wb") as stdout, open(errors, "wb") as stderr:
        # A terminal sends Ctrl-C to a whole group of processes, and a second one would end the program at once:
        # in a group of its own it gets the one from here.
        process = subprocess.Popen(
            [path(), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            start_new_session=True,
        )
        guard = None
        try:
            guard = guard_of(process, folder)
            code = process.wait()
        except BaseException:
            end(process)
            raise
        finally:
            dismiss(guard)

    said = read(errors)
    is_in_part = code == 2 and stored is not None and os.path.exists(stored)
    if code != 0 and not is_in_part:
        raise Error(error_of(said, code))
    if sys.stderr:
        sys.stderr.write(said)
    return read(output)


def guard_of(process, folder):
    """The process that outlives this one, to end the program."""
    if os.name == "nt" or not sys.executable:
        return None
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", GUARD, str(process.pid), folder, str(END_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def dismiss(guard):
    if guard is not None:
        guard.kill()
        guard.wait()
        guard.stdin.close()


def end(process):
    """Asks the program to end itself and all that it has started, as Ctrl-C does, and waits for that."""
    try:
        if os.name == "nt":
            process.terminate()
        else:
            process.send_signal(signal.SIGINT)
        process.wait(END_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def error_of(said, code):
    """The line of an error, or what is known where the program ended without one."""
    lines = said.splitlines()
    for line in lines:
        if line.startswith("error: "):
            return line[len("error: ") :]
    last = f": {lines[-1]}" if lines else ""
    return f"parbench ended with status {code}{last}"


def read(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()
