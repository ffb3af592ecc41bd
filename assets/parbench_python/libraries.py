"""Libraries that people use in place of the standard executors, where they are installed."""

from multiprocessing.pool import starmapstar

from parbench_python.executors import can_travel, process_pool
from parbench_python.trouble import Trouble


class Joblib:
    """`Parallel(n_jobs)(delayed(function)(item) for item in items)`, with its own processes."""

    def __init__(self, work, workers, options):
        joblib = installed("joblib")
        can_travel(work, options, "joblib")
        self.workers = workers
        self.delayed = joblib.delayed
        self.detail = f"joblib {joblib.__version__}"
        # Without a chunk, joblib's own rule: it joins tasks until a batch takes 0.2 s.
        self.has_own_rule = work.chunk is None
        self.parallel = joblib.Parallel(n_jobs=workers, batch_size="auto")
        self.parallel.__enter__()
        self.parallel(self.delayed(int)(number) for number in range(workers))

    def run(self, work):
        if not self.has_own_rule:
            self.parallel.batch_size = work.chunk_for(self.workers)
        delayed, function = self.delayed, work.function
        if not work.takes_item:
            return self.parallel(delayed(function)() for _ in work.items)
        return self.parallel(delayed(function)(item) for item in work.items)

    def close(self):
        self.parallel.__exit__(None, None, None)


class Dask:
    """`dask.compute(*[delayed(function)(item) for item in items])` on its processes."""

    def __init__(self, work, workers, options):
        self.dask = installed("dask")
        can_travel(work, options, "dask")
        self.detail = f"dask {self.dask.__version__}, scheduler processes"
        from multiprocessing import get_context

        method = self.dask.config.get("multiprocessing.context", "spawn")
        self.workers = workers
        # Without a chunk, dask's own rule: it sends six tasks at once.
        self.together = {} if work.chunk is None else {"chunksize": 1}
        self.pool = process_pool(workers, get_context(method), options["module"])

    def run(self, work):
        delayed = self.dask.delayed
        size = work.chunk_for(self.workers)
        if size == 1 and work.takes_item:
            return self.compute([delayed(work.function, pure=False)(item) for item in work.items])
        if size == 1:
            return self.compute([delayed(work.function, pure=False)() for _ in work.items])

        if work.takes_item:
            apply = delayed(map, pure=False)
            chunks = [delayed(list)(apply(work.function, chunk)) for chunk in work.chunks(self.workers)]
        else:
            apply = delayed(starmapstar, pure=False)
            chunks = [apply(run) for run in work.runs(self.workers)]
        return [result for chunk in self.compute(chunks) for result in chunk]

    def compute(self, tasks):
        where = {"scheduler": "processes", "pool": self.pool, "num_workers": self.workers}
        return list(self.dask.compute(*tasks, **where, **self.together))

    def close(self):
        self.pool.shutdown(wait=False, cancel_futures=True)


def installed(name):
    try:
        return __import__(name)
    except ImportError:
        raise Trouble(f"this Python has no {name}: install it (pip install {name}) or leave the engine out")
