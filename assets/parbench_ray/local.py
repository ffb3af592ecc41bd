"""A Ray that is started for a run: one for all its measurements, on loopback, in a folder that goes with it.

Measurements join it as they would any other. The end of this program's input ends it.
"""

import os
import secrets
import shutil

from parbench_ray.cluster import start
from parbench_ray.greeting import introduce
from parbench_ray.line import Line, Trouble


def main():
    # Without a token in the environment Ray would store one in the user's home, and ask for it from then on.
    token = os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    os.environ["RAY_AUTH_MODE"] = "token"

    line = Line()
    ray, init = introduce(line)
    if init is None:
        return

    try:
        start(ray, init["cpus"], init["folder"])
        line.send(running={"address": ray.get_runtime_context().gcs_address, "token": token})
        while line.receive() is not None:
            pass
    except Trouble as trouble:
        line.send(trouble={"kind": trouble.kind, "message": str(trouble)})
    finally:
        # Should Ray not end, parbench ends it.
        line.send(closing=True)
        ray.shutdown()
        shutil.rmtree(init["folder"], ignore_errors=True)
