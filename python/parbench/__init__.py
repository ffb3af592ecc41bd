"""Does going parallel pay for a Python function here, by how much, and with how many workers?

    import parbench
    run = parbench.compare(simulate, range(1000), engines=["threads", "processes"], workers=[1, 2])
    print(run.table())

The program `parbench` measures, in a Python of its own; this package brings it the function and shows what it stored.
"""

from parbench._compare import compare
from parbench._program import Error
from parbench._run import Run, load

__all__ = ["Error", "Run", "compare", "load"]
