"""The conversation with parbench: JSON lines on stdin and stdout."""

import json
import os
import select
import sys
import threading


class Trouble(Exception):
    """Ends the driver or the batch: a kind that parbench knows, and a line for the user."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Line:
    """The two ends of the conversation, on descriptors of its own: Ray prints to stdout, and the user's code may read
    stdin, which is empty for it."""

    def __init__(self):
        self.out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self.input = os.fdopen(os.dup(0), "rb")
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        self.lost = False
        self.writing = threading.Lock()

    def receive(self):
        """The next message, or None when there will be no more."""
        line = b"" if self.lost else self.input.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def at_end(self):
        """Whether parbench has left. It sends nothing while it waits, so all there is to read is the end."""
        return self.lost or bool(select.select([self.input], [], [], 0)[0])

    def send(self, **message):
        self.send_raw(json.dumps(message, separators=(",", ":")).encode())

    def send_raw(self, message):
        try:
            with self.writing:
                self.out.write(message + b"\n")
        except OSError:
            self.lost = True
