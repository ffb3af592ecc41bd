"""Stands in for the Python that drives Ray: the same conversation, with no Ray behind it and one worker process.

Arguments: how far it gets before it stops for good (`hello`, `joined`, or `end` for never); how many slots stayed ready
in each of the batches that the test is about, the last number also in all that follow; how many tasks these batches' workload
has. Writes those numbers to the file `batches`, a line each.
"""

import json
import os
import signal
import subprocess
import sys

LAST, SLOTS, TASKS = sys.argv[1], [int(slots) for slots in sys.argv[2].split(",")], int(sys.argv[3])


def send(kind, content):
    print(json.dumps({kind: content}), flush=True)
    if kind == LAST:
        os.kill(os.getpid(), signal.SIGSTOP)


def ready_slots(batch):
    """How many slots this batch has, of those that it may use."""
    request = batch["request"]
    if request["do"] != "task" or request["params"]["tasks"] != TASKS:
        return batch["slots"]

    slots = SLOTS.pop(0) if len(SLOTS) > 1 else SLOTS[0]
    with open("batches", "a") as file:
        print(slots, file=file)
    return slots


def ask(worker, request):
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def do(worker, batch):
    for task in range(batch["first"], batch["first"] + batch["tasks"]):
        answer = ask(worker, {**batch["request"], "id": task, "task": task % batch["of"]})
        if batch["scope"] != "slots":
            send("done", {"task": task, "slot": 0, "node": 0, "start": 0.0, "end": 0.0, "answer": answer})


def main():
    send("hello", {"python": "3", "executable": sys.executable, "ray": "2"})
    init = json.loads(sys.stdin.readline())
    send("joined", {"nodes": 1, "cpus": init["slots"]})

    worker = subprocess.Popen([init["program"], "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    worker.stdout.readline()
    send("node", {"number": 0, "name": "stand-in", "here": True})
    send("ready", {"slots": {0: init["slots"]}, "seconds": {"cluster": 0.0, "slots": 0.0}})

    for line in sys.stdin:
        message, slots = json.loads(line), init["slots"]
        if "batch" in message:
            slots = ready_slots(message["batch"])
            do(worker, message["batch"])
        send("finished", {"slots": slots, "held": 0.0, "placed": None})


main()
