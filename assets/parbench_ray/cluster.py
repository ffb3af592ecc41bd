"""Joining a cluster, or starting one for the run."""

import json

from parbench_ray.line import Trouble

QUIET = {"log_to_driver": False, "logging_level": "critical", "configure_logging": False}


def join(ray, address):
    """Joins the cluster at an address; `auto` is the one that this machine is a node of, as Ray finds it."""
    try:
        ray.init(address=address, **QUIET)
    except Exception as error:  # Ray raises many kinds, and explains few
        raise Trouble(type(error).__name__, f"{reasons(error)}\n{other_versions(ray, address)}") from error


def other_versions(ray, address):
    """The cluster's versions in Ray's own words, if they differ; a Ray that cannot join does not always explain why."""
    try:
        from ray._raylet import GcsClient

        stored = GcsClient(address=address).internal_kv_get(b"CLUSTER_METADATA", b"cluster", 1)
        theirs = json.loads(stored)
        if theirs["ray_version"] == ray.__version__:
            return ""
        return f"Version mismatch\nRay: {theirs['ray_version']}\nPython: {theirs['python_version']}"
    except Exception:  # no cluster, no access, or a Ray that has no such thing
        return ""


def start(ray, cpus, folder):
    """Starts a cluster of one node on loopback, with everything that it writes in a folder."""
    try:
        ray.init(
            address="local", num_cpus=cpus, include_dashboard=False, _node_ip_address="127.0.0.1",
            object_store_memory=256 << 20, _temp_dir=folder, **QUIET
        )
    except Exception as error:  # as above
        raise Trouble(type(error).__name__, reasons(error)) from error


def reasons(error):
    """The error's text and those of its causes: what is wrong often stands in the last of them alone."""
    texts = []
    while error is not None and len(texts) < 10:
        texts.append(str(error).strip() or repr(error))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)
