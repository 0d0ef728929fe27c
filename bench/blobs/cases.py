"""What is measured: each case runs its rounds, ours and the peer's in turn, and answers rows of the table."""
import contextlib
import dataclasses
import os
import random
import statistics
import subprocess
import time
from pathlib import Path

from peers import Nginx, on_core
from pushes import Content, push_bytes, push_manifest, send_content, store_alone
from registries import Client, Lodestone
from report import MIB, Row, Setup
from rows import add_garbage, add_needed_blobs, count_garbage, is_garbage_left
from wrk import Load, run_wrk

PROGRAM_LIMIT_S = 1800
UPLOADS = 32
READERS = 32
IDLE_ROUNDS = 10
# Each of them pauses: what is asked is how long an answer takes, not how many there could be.
READS = """
local targets, at = nil, 0
function init(arguments) targets = arguments end
function request()
    at = at % #targets + 1
    return wrk.format("GET", targets[at])
end
function delay() return math.random(4, 12) end
"""


@dataclasses.dataclass
class Bench(Setup):
    """Each case has a folder of its own, which goes when it ends."""
    large_bytes: int
    blobs: int
    garbage: int

    def ours(self, *settings: str, core=None) -> Lodestone:
        return Lodestone(self.build / "lodestone", self.folder / "ours", *settings, core=core)


def measure_puts(bench: Bench) -> list[Row]:
    """Small blobs put by the store alone, without a server around it, and by hand on one thread, and on as many as there are
    uploads. Whatever they are put into is new, so that most of them need a new folder."""
    results = {"many": ("store", UPLOADS, []), "naive": ("naive", 1, []), "threads": ("naive", UPLOADS, []), "one": ("store", 1, [])}
    for number in range(bench.rounds):
        for name, (how, count, rates) in results.items():
            folder = bench.folder / f"puts-{name}-{number}"
            folder.mkdir()
            command = [bench.build / "bench/blobs_bench", how, str(count), str(bench.seconds), folder]
            rates.append(float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S).stdout))
    many, naive, threads, one = (rates for _, _, rates in results.values())
    return [Row(f"4 KiB blobs, durable, {UPLOADS} uploads at once, beside writing, syncing and renaming on one thread", "puts/s", many, naive, 4, is_at_least=True),
            Row(f"the same, beside {UPLOADS} threads", "puts/s", many, threads, None),
            Row("the same, one upload at a time, beside one thread", "puts/s", one, naive, None)]


def file_url(name: str) -> str:
    return f"/generic/default/files/bench/1.0/{name}"


def measure_push(bench: Bench) -> list[Row]:
    """One large file, another one each time: sent to the server in one request, and hashed, written and confirmed alone."""
    took, cpu = {"ours": [], "alone": []}, []
    alone = bench.folder / "alone"
    alone.mkdir()
    with bench.ours() as ours, Content(bench.large_bytes) as content:
        ours.furnish()
        for number in range(bench.rounds + 1):
            content.renew()
            os.sync()  # what the one before left is not this one's to wait for
            before, start = ours.cpu_seconds(), time.monotonic()
            with Client(ours) as client:
                send_content(client, 201, "PUT", file_url(str(number)), content)
            pushed, used = time.monotonic() - start, ours.cpu_seconds() - before
            os.sync()
            start = time.monotonic()
            store_alone(content, alone)
            stored = time.monotonic() - start
            if number > 0:  # the first one pays for what the others find warm
                took["ours"].append(pushed)
                took["alone"].append(stored)
                cpu.append(used)
            (alone / content.sha256).unlink()
            ours.find_bytes(content.sha256).unlink()  # or some rounds fill the disk
    return [Row(f"generic file of {bench.large_bytes // MIB} MiB sent, time, beside hashing and writing alone", "s", took["ours"], took["alone"], 1.3,
                note=f"CPU {statistics.median(cpu):.2f} s")]


def measure_pull(bench: Bench) -> list[Row]:
    """One large file, again and again, beside nginx with the same file: the servers have one core and the clients another
    for one connection, since where the kernel puts them decides more than what they do."""
    cores = sorted(os.sched_getaffinity(0))
    apart = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    rows = []
    for connections, (core, client_core) in ((1, apart), (8, (None, None))):
        per_cpu, rate = ([], []), ([], [])
        with pulled(bench, connections, core) as servers:
            for _ in range(bench.rounds):
                for which, (server, path) in enumerate(servers):
                    before = server.cpu_seconds()
                    command = on_core(client_core, [bench.build / "bench/http_bench_downloader", server.port, path, connections, bench.seconds])
                    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S).stdout
                    size, took = map(float, output.split())
                    per_cpu[which].append(size / 1e9 / (server.cpu_seconds() - before))
                    rate[which].append(size / 1e9 / took)
        what = f"generic file of {bench.large_bytes // MIB} MiB, {connections} connection{'s' if connections > 1 else ''}"
        rows += [Row(f"{what}, bytes per CPU second, beside nginx", "GB", *per_cpu, target=0.95, is_at_least=True),
                 Row(f"{what}, throughput, beside nginx", "GB/s", *rate, target=0.95, is_at_least=True)]
    return rows


@contextlib.contextmanager
def pulled(bench: Bench, connections: int, core):
    """Ours and nginx, each with the path of the file there: it is one and the same on the disk."""
    root = bench.folder / f"nginx-{connections}"
    root.mkdir()
    server = Lodestone(bench.build / "lodestone", bench.folder / f"pulled-{connections}", core=core)
    with server as ours, Nginx(root, root, 2, core) as nginx, Content(bench.large_bytes) as content:
        ours.furnish()
        with Client(ours) as client:
            send_content(client, 201, "PUT", file_url("file"), content.renew())
        os.link(ours.find_bytes(content.sha256), root / "file")
        yield (ours, file_url("file")), (nginx, "/file")


def measure_start(bench: Bench) -> list[Row]:
    """From exec to the first answer, with many blobs in the database: nothing looks through them."""
    server = bench.ours()
    with server:
        server.furnish()
    empty = [time_start(server) for _ in range(2 * bench.rounds)]
    add_needed_blobs(server.database, bench.blobs)
    full = [time_start(server) for _ in range(2 * bench.rounds)]
    return [Row(f"start to first answer, {bench.blobs} blobs", "ms", full, [], 300),
            Row(f"start to first answer, {bench.blobs} blobs beside none", "ms", full, empty, None)]


def time_start(server: Lodestone) -> float:
    start = time.monotonic()
    with server:
        with Client(server) as client:
            client.ask(200, "GET", "/health")
        return (time.monotonic() - start) * 1000


def measure_collection(bench: Bench) -> list[Row]:
    """Reads while the collector goes through blobs that nobody needs, and on the same server when it has nothing to do."""
    server = bench.ours()
    with server:
        server.furnish()
        place = server.place("bench")
        with Client(server) as client:
            layers = [push_bytes(client, place, random.randbytes(1024)) for _ in range(16)]
            for number, layer in enumerate(layers):
                push_manifest(client, place, layer, str(number))
    targets = [f"{place}/manifests/{number}" for number in range(len(layers))] + [f"{place}/blobs/{layer['digest']}" for layer in layers]
    add_garbage(server.database, server.data / "blobs/sha256", bench.garbage)
    os.sync()
    with server:
        start, busy = time.monotonic(), []
        while not busy or is_garbage_left(server.database):
            busy.append(read_for_a_second(server, targets))
        took = time.monotonic() - start
        idle = [read_for_a_second(server, targets) for _ in busy[:IDLE_ROUNDS]]
    left = count_garbage(server.database)
    if left != {"condemned": bench.garbage}:
        raise RuntimeError(f"the collector left {left} of {bench.garbage} blobs to delete and as many to condemn")
    reads = statistics.median(load.requests / load.seconds for load in busy)
    return [Row(f"reads while {bench.garbage} blobs are condemned and as many deleted, p99", "ms", [load.p99_ms for load in busy], [load.p99_ms for load in idle], 2,
                note=f"{took:.0f} s at {reads:.0f} reads/s")]


def read_for_a_second(server: Lodestone, targets: list[str]) -> Load:
    return run_wrk(server.port, "/", 1, server.headers, READERS, READS, targets)


CASES = {"puts": measure_puts, "push": measure_push, "pull": measure_pull, "start": measure_start, "collection": measure_collection}
