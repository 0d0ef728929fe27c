"""What the benchmarks of package formats have in common: publications by many at once, the cost of one more version, memory with
many packages. What is a package there, and where, a Kind says."""
import dataclasses
import itertools
import statistics
import time
from typing import Protocol

from gets import Asked, measure_gets
from package_rows import clone_package, name_of
from peers import Nginx
from publishes import publish_together
from registries import Client, Lodestone
from report import Row, Setup
from words import write_text
from wrk import THREADS, run_wrk

SOURCE_BYTES = 40_000  # packed 20 KB
TINY_BYTES = 200
CLIENTS = 8
PREPARED_PER_S = 500  # until it is known how fast a server is
EARLY_VERSIONS = range(8, 13)  # around the tenth
CHECKED_PACKAGES = 20

# Asks for the indexes of all packages in no order; arguments: an address with %06d in it, and how many there are.
ANY_PACKAGE = """
local threads = {}
function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end
function init(arguments)
    address, count = arguments[1], tonumber(arguments[2])
    math.randomseed(number)
end
function request()
    return wrk.format("GET", string.format(address, math.random(0, count - 1)))
end
"""


@dataclasses.dataclass
class PackageBench(Setup):
    """Each case has a folder of its own, which goes when it ends."""
    versions: int  # of the largest package
    packages: int  # of a repository with many
    costed: int    # publications that are looked at together
    locked: int    # packages that one installation fetches


class Kind(Protocol):
    peer_name: str
    one_more: str  # what is published into a package that is there
    index: str     # what tells of a package

    def make_ours(self, bench: PackageBench, name: str = "ours") -> Lodestone: ...
    def make_peer(self, bench: PackageBench): ...
    def render_publication(self, server, name: str, number: int, source: bytes) -> bytes: ...
    def find_index(self, server, name: str) -> str: ...
    def list_versions(self, index: bytes) -> list[str]: ...
    index_headers: dict[str, str]


def version_name(number: int) -> str:
    return f"1.0.{number}"


def measure_publishes(bench: PackageBench, kind: Kind) -> list[Row]:
    """New packages of 20 KB, none like another."""
    rate, cpu = {"ours": [], "peer": []}, {"ours": [], "peer": []}
    source, numbers = write_text(SOURCE_BYTES), itertools.count()
    prepared = dict.fromkeys(rate, PREPARED_PER_S)
    with kind.make_ours(bench) as ours, kind.make_peer(bench) as peer:
        ours.furnish()
        for number in range(bench.rounds + 1):
            for name, server in (("ours", ours), ("peer", peer)):
                seconds = bench.seconds if number else 1
                requests = [kind.render_publication(server, name_of(next(numbers)), 0, source) for _ in range(int(prepared[name] * seconds))]
                before = server.cpu_seconds()
                published = publish_together(server, requests, CLIENTS, seconds)
                prepared[name] = max(PREPARED_PER_S / 5, published.rate * 1.5)
                if number > 0:
                    rate[name].append(published.rate)
                    cpu[name].append((server.cpu_seconds() - before) * 1e6 / published.count)
    return [Row(f"packages of 20 KB by {CLIENTS} clients, published, beside {kind.peer_name}", "/s", rate["ours"], rate["peer"], 10, is_at_least=True,
                note=f"CPU {statistics.median(cpu['ours']):.0f} beside {statistics.median(cpu['peer']):.0f} µs")]


@dataclasses.dataclass
class Cost:
    """Of each publication."""
    ms: float
    cpu_us: float


def measure_versions(bench: PackageBench, kind: Kind) -> list[Row]:
    """One more into a package that has many, beside the tenth into packages that have few, by one client; and what it is to
    ask for the index after it, which that is rendered for."""
    early, late, shown_early, shown_late = [], [], [], []
    fresh = itertools.count(1)
    with kind.make_ours(bench) as ours:
        ours.furnish()
        publish_numbers(kind, ours, [name_of(0)], range(bench.versions))
        last = bench.versions
        for number in range(bench.rounds + 1):
            names = [name_of(next(fresh)) for _ in range(max(1, bench.costed // len(EARLY_VERSIONS)))]
            publish_numbers(kind, ours, names, range(EARLY_VERSIONS.start))
            few = publish_numbers(kind, ours, names, EARLY_VERSIONS)
            many = publish_numbers(kind, ours, [name_of(0)], range(last, last + bench.costed))
            last += bench.costed
            shown = [show_after_publication(kind, ours, names[0], EARLY_VERSIONS.stop), show_after_publication(kind, ours, name_of(0), last)]
            last += 1
            if number > 0:
                for into, what in ((early, few), (late, many), (shown_early, shown[0]), (shown_late, shown[1])):
                    into.append(what)
    what = f"{kind.one_more} {bench.versions + 1} of a package, beside the tenth"
    return [Row(f"{what}, time", "ms", [one.ms for one in late], [one.ms for one in early], 1.5),
            Row(f"{what}, CPU", "µs", [one.cpu_us for one in late], [one.cpu_us for one in early], 1.5),
            Row(f"the first GET of {kind.index} after it, beside one of ten, time", "ms", shown_late, shown_early, None)]


def publish_numbers(kind: Kind, server, names: list[str], numbers: range) -> Cost:
    """Each of the numbered versions of each package, one after the other."""
    source = write_text(TINY_BYTES)
    requests = [kind.render_publication(server, name, number, source) for number in numbers for name in names]
    before = server.cpu_seconds()
    published = publish_together(server, requests, 1)
    if published.count != len(requests):
        raise RuntimeError(f"only {published.count} of {len(requests)} were published in time")
    return Cost(ms=published.seconds * 1e3 / published.count, cpu_us=(server.cpu_seconds() - before) * 1e6 / published.count)


def show_after_publication(kind: Kind, server, name: str, number: int) -> float:
    """Milliseconds."""
    publish_numbers(kind, server, [name], range(number, number + 1))
    with Client(server) as client:
        client.ask(200, "GET", "/health")  # the connection is made before
        start = time.monotonic()
        client.ask(200, "GET", kind.find_index(server, name), Accept_Encoding="gzip", **kind.index_headers)
        return (time.monotonic() - start) * 1e3


def measure_memory(bench: PackageBench, kind: Kind) -> list[Row]:
    """Of a server that has many packages, while their indexes are fetched in no order."""
    with kind.make_ours(bench) as ours:
        ours.furnish()
        publish_numbers(kind, ours, [name_of(0)], range(1))
        clone_from = ours.database
    clone_package(clone_from, 0, bench.packages - 1)
    with ours:
        start = ours.memory_kib("VmRSS") / 1024
        for number in range(0, bench.packages, max(1, bench.packages // CHECKED_PACKAGES)):
            check_index(kind, ours, name_of(number), 1)
        address = kind.find_index(ours, name_of(0)).replace(name_of(0), "bench%06d")
        load = run_wrk(ours.port, "/", 4 * bench.seconds, {**ours.headers, **kind.index_headers, "Accept-Encoding": "gzip"}, script=ANY_PACKAGE,
                       arguments=[address, bench.packages])
        resident, peak = (ours.memory_kib(field) / 1024 for field in ("VmRSS", "VmHWM"))
    return [Row(f"{bench.packages} packages, resident after GETs of any {kind.index}", "MiB", [resident], [], 150,
                note=f"at the start {start:.0f}, at most {peak:.0f} MiB; {load.requests / load.seconds:.0f} GETs/s by {THREADS} threads")]


def check_index(kind: Kind, server, name: str, count: int):
    found = kind.list_versions(Asked(server, kind.find_index(server, name), kind.index_headers).fetch())
    if len(found) != count:
        raise RuntimeError(f"the index of {name} tells of {len(found)} instead of {count}: {found[:3]}")


def measure_beside_nginx(bench: PackageBench, asked: Asked, peer: Asked | None, what: str, targets: tuple[float, float | None]) -> list[Row]:
    """One address of ours, beside nginx with what that answers as a file, and beside the peer's; `targets` are for these."""
    root = bench.folder / f"nginx-{what.replace(' ', '-')}"
    root.mkdir()
    (root / "file").write_bytes(asked.fetch())
    with Nginx(root, root, 2) as nginx:
        nginx.headers = {}
        others = {"nginx": Asked(nginx, "/file"), **({"peer": peer} if peer else {})}
        per_cpu = measure_gets({"ours": asked, **others}, bench.rounds, bench.seconds)
    names = {"nginx": "nginx", "peer": getattr(peer and peer.server, "name", "")}
    return [Row(f"{what}, requests per CPU second, beside {names[name]}", "req", per_cpu["ours"], per_cpu[name], target, is_at_least=True)
            for name, target in zip(("nginx", "peer"), targets, strict=True) if name in per_cpu]
