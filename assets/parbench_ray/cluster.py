"""Joining a cluster, or starting one for the run."""

from parbench_ray.line import Trouble


def join(ray, address, slots):
    """Joins the cluster at an address, or starts one with so many slots."""
    quiet = {"log_to_driver": False, "logging_level": "critical", "configure_logging": False}
    try:
        if address == "local":
            ray.init(
                address="local", num_cpus=slots, include_dashboard=False, _node_ip_address="127.0.0.1",
                object_store_memory=256 << 20, **quiet
            )
        else:
            ray.init(address=address, **quiet)
    except Exception as error:  # Ray raises many kinds, and explains few
        raise Trouble(type(error).__name__, str(error).strip() or repr(error)) from error
