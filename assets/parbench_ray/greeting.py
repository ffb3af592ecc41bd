"""The first line of a program that uses Ray: which Python it runs on, and which Ray that has."""

import platform
import sys


def greet(line):
    """Imports Ray and says hello. Returns Ray, or None where there is no Ray."""
    python = {"python": platform.python_version(), "executable": sys.executable}
    try:
        import ray
    except ImportError as error:
        line.send(hello={**python, "ray": None, "why": str(error)})
        return None

    line.send(hello={**python, "ray": ray.__version__})
    return ray


def introduce(line):
    """Says hello and waits for parbench's first message. Returns Ray and the message, which is None where there is no Ray
    or parbench has left."""
    ray = greet(line)
    return ray, line.receive() if ray else None
