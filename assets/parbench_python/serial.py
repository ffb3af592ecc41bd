"""The plain loop."""


class Serial:
    detail = ""

    def __init__(self, work, workers, options):
        pass

    def run(self, work):
        results = []
        if work.takes_item:
            function = work.function
            for item in work.items:
                results.append(function(item))
        else:
            function = work.function
            for _ in work.items:
                results.append(function())
        return results

    def close(self):
        pass
