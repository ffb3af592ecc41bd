"""What other threads report, taken up by the driver's own thread; and a thread for calls that may block."""

import queue
import threading
import time

HELD_S = 2.0  # a wait that takes this much longer than asked for means that this process was stopped


class Events:
    """Handlers with their arguments, called on the driver's thread in the order in which they came."""

    def __init__(self):
        self.queue = queue.SimpleQueue()

    def post(self, handler, *arguments):
        self.queue.put((handler, arguments))

    def take(self, seconds):
        """Waits for a first event, takes up all there are, and returns for how many seconds this process was held up."""
        began = time.monotonic()
        try:
            handler, arguments = self.queue.get(timeout=seconds)
        except queue.Empty:
            handler = None
        held = time.monotonic() - began - seconds

        while handler:
            handler(*arguments)
            try:
                handler, arguments = self.queue.get_nowait()
            except queue.Empty:
                handler = None

        return held if held > HELD_S else 0.0


class Aside:
    """Calls of Ray that ask its control service, one after another: they block while the service does not answer."""

    def __init__(self):
        self.queue = queue.SimpleQueue()
        threading.Thread(target=self.run, daemon=True).start()

    def do(self, call, *arguments):
        self.queue.put((call, arguments))

    def run(self):
        while True:
            call, arguments = self.queue.get()
            call(*arguments)
