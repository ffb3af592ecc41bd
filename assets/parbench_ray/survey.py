"""Asks a running cluster how many CPUs its nodes have, and leaves again."""

from parbench_ray.cluster import join
from parbench_ray.greeting import introduce
from parbench_ray.line import Line, Trouble


def main():
    line = Line()
    ray, init = introduce(line)
    if init is None:
        return

    try:
        join(ray, init["address"])
        nodes = [node for node in ray.nodes() if node["Alive"]]
        line.send(surveyed={"cpus": int(sum(node["Resources"].get("CPU", 0) for node in nodes))})
    except Trouble as trouble:
        line.send(trouble={"kind": trouble.kind, "message": str(trouble)})
    finally:
        ray.shutdown()
