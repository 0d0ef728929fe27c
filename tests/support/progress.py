"""A line for each file of Python tests as its last one ends, in the form in which the runner reports its programs."""
import collections
import os


def render_progress(name: str, results: list[str], seconds: float) -> str:
    """`results` are passed, failed or skipped; `seconds` is how long they took, one after the other."""
    count = collections.Counter(results)
    counts = ", ".join(f"{count[result]} {result}" for result in ("passed", "failed", "skipped") if count[result])
    return f"{name:<36} {seconds:6.1f} s  {counts}"


class Progress:
    """A pytest plugin of the process that hands tests out: counts per file, and writes to a descriptor of the runner's."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self._left = {}  # file → the tests that have not ended
        self._results = collections.defaultdict(dict)  # file → test → result
        self._seconds = collections.Counter()

    def pytest_xdist_node_collection_finished(self, node, ids):
        """Each worker finds the same tests; the first to say so is enough."""
        if not self._left:
            for test in ids:
                self._left.setdefault(file_of(test), set()).add(test)

    def pytest_runtest_logreport(self, report):
        """Three times a test: its setup, itself, its teardown. The worst of them counts."""
        test, file = report.nodeid, file_of(report.nodeid)
        self._seconds[file] += report.duration
        known = self._results[file].get(test, "passed")
        self._results[file][test] = known if report.outcome == "passed" or known == "failed" else report.outcome
        if report.when == "teardown":
            self._left.get(file, set()).discard(test)
            if not self._left.get(file):
                line = render_progress(file, list(self._results[file].values()), self._seconds[file])
                os.write(self._descriptor, f"{line}\n".encode())


def file_of(test: str) -> str:
    return test.partition("::")[0]
