"""What is measured: each case runs its rounds, ours and the peer's in turn, and answers rows of the table."""
import dataclasses
import os
import resource
import socket
import statistics
import subprocess
import time
from pathlib import Path

from peers import Nginx, Peer, on_core
from report import MIB, Row, Setup
from wrk import run_wrk

PROGRAM_LIMIT_S = 1800  # 256 uploads of 1 GiB on a slow machine
LARGE_FILE_BYTES = 64 * MIB


@dataclasses.dataclass
class Bench(Setup):
    upload_bytes: int
    uploads: int = 256
    threads: int = 2

    @property
    def root(self) -> Path:
        return self.folder / "files"

    def server(self, core=None) -> Peer:
        return Peer([self.build / "bench/http_bench_server", self.root, self.folder / "access.log", self.threads], core=core)

    def nginx(self, core=None) -> Peer:
        return Nginx(self.folder, self.root, self.threads, core)

    def run(self, program, *arguments, core=None) -> str:
        command = on_core(core, [self.build / "bench" / program, *arguments])
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S).stdout


def prepare(bench: Bench):
    bench.root.mkdir()
    (bench.root / "1k").write_bytes(b"x" * 1024)
    (bench.root / "large").write_bytes(os.urandom(LARGE_FILE_BYTES))


def measure_requests(bench: Bench) -> list[Row]:
    """1 KiB: ours from memory through router, serve(), log and metrics; nginx's from a static file, with its log."""
    per_cpu, rate, p99 = ([], []), ([], []), ([], [])
    with bench.server() as ours, bench.nginx() as nginx:
        for warm_up in (ours, nginx):
            run_wrk(warm_up.port, "/1k", 1)
        # Many short rounds: when somebody else takes a core, the worst of a round is his doing, not ours.
        for _ in range(2 * bench.rounds):
            for which, peer in enumerate((ours, nginx)):
                before, start = peer.cpu_seconds(), time.monotonic()
                load = run_wrk(peer.port, "/1k", bench.seconds / 2)
                per_cpu[which].append(load.requests / (peer.cpu_seconds() - before) / 1000)
                rate[which].append(load.requests / (time.monotonic() - start) / 1000)
                p99[which].append(load.p99_ms)
    return [
        Row("1 KiB, requests per CPU second", "k", *per_cpu, target=0.8, is_at_least=True),
        Row("1 KiB, requests per second", "k/s", *rate, target=0.8, is_at_least=True),
        Row("1 KiB, p99 at 64 connections", "ms", *p99, target=2.0),
    ]


def measure_downloads(bench: Bench) -> list[Row]:
    """On one connection, whether the kernel puts the client beside the server's only busy thread or on another core
    decides more than the server does: there, both servers have one core and the client has another."""
    cores = sorted(os.sched_getaffinity(0))
    pinned = {"server": cores[0], "client": cores[1]} if len(cores) > 1 else {"server": None, "client": None}
    return [*measure_download(bench, 1, pinned), *measure_download(bench, 8, {"server": None, "client": None})]


def measure_download(bench: Bench, connections: int, core: dict) -> list[Row]:
    per_cpu, rate = ([], []), ([], [])
    with bench.server(core["server"]) as ours, bench.nginx(core["server"]) as nginx:
        for _ in range(bench.rounds):
            for which, (peer, path) in enumerate(((ours, "/file/large"), (nginx, "/large"))):
                before = peer.cpu_seconds()
                size, took = map(float, bench.run("http_bench_downloader", peer.port, path, connections, bench.seconds,
                                                  core=core["client"]).split())
                per_cpu[which].append(size / 1e9 / (peer.cpu_seconds() - before))
                rate[which].append(size / 1e9 / took)
    what = f"64 MiB file, {connections} connection{'s' if connections > 1 else ''}"
    return [Row(f"{what}, bytes per CPU second", "GB", *per_cpu, target=0.95, is_at_least=True),
            Row(f"{what}, throughput", "GB/s", *rate, target=0.95, is_at_least=True)]


def measure_upload(bench: Bench) -> list[Row]:
    """One upload of 64 MiB, hashed while it comes and written to a new file: against hashing and writing alone, and
    against a bare loop over a socket that does the same without HTTP."""
    results = {"ours": ([], []), "socket": ([], []), "alone": ([], [])}
    bare = Peer([bench.build / "bench/http_bench_baseline", bench.root / "upload-0"])
    with bench.server() as server, bare:
        for round_number in range(bench.rounds + 1):
            measured = {"ours": upload_repeatedly(bench, server), "socket": upload_repeatedly(bench, bare),
                        "alone": store_repeatedly(bench)}
            if round_number == 0:
                continue  # the first one pays for what the others find warm
            for which, (time_ms, cpu_ms) in measured.items():
                results[which][0].append(time_ms)
                results[which][1].append(cpu_ms)
    rows = []
    for index, what in enumerate(("time", "CPU time")):
        name = f"64 MiB upload, hashed and written, {what}"
        ours, socket_loop, alone = (results[which][index] for which in ("ours", "socket", "alone"))
        # The target is about time: the CPU time of receiving has nothing to be held against when nothing is received.
        rows.append(Row(name, "ms", ours, alone, target=1.3 if what == "time" else None))
        rows.append(Row(f"{name}, beside a bare socket", "ms", ours, socket_loop, target=None))
    return rows


UPLOAD_REPEATS = 8


def upload_repeatedly(bench: Bench, peer: Peer) -> tuple[float, float]:
    """Milliseconds of an upload, and of the receiver's CPU time for it."""
    took, before = [], peer.cpu_seconds()
    for _ in range(UPLOAD_REPEATS):
        seconds, _, answer = bench.run("http_bench_uploader", peer.port, 1, LARGE_FILE_BYTES, "/upload").partition("\n")
        check_answers(answer, 1)
        took.append(float(seconds) * 1000)
        # A file that stays would make the next upload wait for the disk, and measure that.
        (bench.root / "upload-0").unlink()
    return statistics.median(took), (peer.cpu_seconds() - before) / UPLOAD_REPEATS * 1000


def store_repeatedly(bench: Bench) -> tuple[float, float]:
    output = bench.run("http_bench_baseline", bench.root / "baseline", LARGE_FILE_BYTES, UPLOAD_REPEATS)
    rounds = [tuple(map(float, line.split())) for line in output.splitlines()]
    return statistics.median(took for took, _ in rounds) * 1000, statistics.mean(cpu for _, cpu in rounds) * 1000


def check_answers(text: str, count: int):
    """All of the uploads were answered with the same digest."""
    times, status, digest = text.split()
    if (int(times), status, len(digest)) != (count, "201", 64):
        raise RuntimeError(f"uploads failed: {text}")


def measure_many_uploads(bench: Bench) -> list[Row]:
    # Hashed and dropped: what matters here is memory, and no small disk holds them all.
    with bench.server() as server:
        _, _, answers = bench.run("http_bench_uploader", server.port, bench.uploads, bench.upload_bytes, "/hash").partition("\n")
        check_answers(answers, bench.uploads)
        peak = server.memory_kib("VmHWM") / 1024
    return [Row(f"{bench.uploads} uploads at once of {bench.upload_bytes // MIB} MiB, peak resident", "MiB", [peak], [], target=128.0)]


def measure_idle_connections(bench: Bench) -> list[Row]:
    """Connections that have had one answer each and stay open."""
    count = 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # the server inherits it
    note = ""
    if hard < count + 100:
        count = hard - 100
        note = f"only {count}: the limit on descriptors is {hard}"
    request = b"GET /1k HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with bench.server() as server:
        empty = server.memory_kib("VmRSS") / 1024
        connections = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", server.port), 10)
            connections.append(connection)
            connection.sendall(request)
        for connection in connections:
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("a connection was refused")
        time.sleep(0.5)
        resident = server.memory_kib("VmRSS") / 1024
        for connection in connections:
            connection.close()
    note = note or f"{(resident - empty) * 1024 / count:.1f} KiB each"
    return [Row(f"{count} idle connections, resident", "MiB", [resident], [], target=100.0, note=note)]


def measure_program(bench: Bench) -> list[Row]:
    """The real program: from exec to the first answer, on a new data folder and on its own from then on, and what it
    holds when nothing happens."""
    first, again, resident = [], [], []
    for round_number in range(bench.rounds * 2):
        data = bench.folder / f"data-{round_number}"
        for times in (first, again):
            with open(bench.folder / "lodestone.log", "ab") as log:
                took, kept = time_start([bench.build / "lodestone", "serve", "--data", data, "--listen", "127.0.0.1:0"], log)
            times.append(took)
            resident.append(kept)
    return [Row("start to first answer, new data folder", "ms", first, [], target=50.0),
            Row("start to first answer", "ms", again, [], target=50.0),
            Row("idle, resident", "MiB", resident, [], target=20.0)]


def time_start(command, log) -> tuple[float, float]:
    """Milliseconds from exec to an answer on /health, and MiB resident a moment later."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("LODESTONE_") and key != "PORT"}
    peer = Peer(command, env, log)
    start = time.monotonic()
    with peer:
        with socket.create_connection(("127.0.0.1", peer.port), 10) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = connection.recv(4096)
        took = (time.monotonic() - start) * 1000
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"/health answered {answer!r}")
        time.sleep(0.3)
        return took, peer.memory_kib("VmRSS") / 1024


CASES = {
    "requests": measure_requests,
    "downloads": measure_downloads,
    "upload": measure_upload,
    "uploads": measure_many_uploads,
    "idle": measure_idle_connections,
    "start": measure_program,
}
