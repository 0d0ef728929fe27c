"""What is measured: a request with a key beside the same one without, and how long a revoked key lives elsewhere."""
import concurrent.futures
import dataclasses
import http.client
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path

from peers import Peer
from report import Row, Setup
from support.process import find_program
from support.redis import RedisServer
from wrk import run_wrk

PROGRAM_LIMIT_S = 120
REVOCATION_LIMIT_S = 60
LIFETIME_MS = 30_000  # limits::principal_lifetime


@dataclasses.dataclass
class Bench(Setup):
    postgres: str
    threads: int = 2

    @property
    def program(self) -> Path:
        return self.build / "bench/auth_bench_server"

    @property
    def sqlite(self) -> str:
        return str(self.folder / "auth.db")

    def prepare(self, database: str) -> list[str]:
        return subprocess.run([self.program, "prepare", database], check=True, stdout=subprocess.PIPE, text=True,
                              timeout=PROGRAM_LIMIT_S).stdout.split()

    def server(self, database: str, number: int = 1, *more: str) -> Peer:
        return Peer([self.program, "serve", database, self.folder / f"access-{number}.log", self.threads, *more])


def measure_requests(bench: Bench) -> list[Row]:
    """1 KiB from memory: through the gate with a key that is in memory, and through an open door. The handler is the
    same and so are the paths, parameters and all: what differs is the key."""
    shown = {"Authorization": f"Bearer {bench.prepare(bench.sqlite)[0]}"}
    asked = {"with": ("/keys/acme/left", shown), "without": ("/open/acme/left", {})}
    per_cpu, rate = {name: [] for name in asked}, {name: [] for name in asked}
    with bench.server(bench.sqlite) as server:
        for path, headers in asked.values():
            run_wrk(server.port, path, 1, headers)
        for _ in range(2 * bench.rounds):
            for name, (path, headers) in asked.items():
                before, start = server.cpu_seconds(), time.monotonic()
                requests = run_wrk(server.port, path, bench.seconds, headers).requests
                per_cpu[name].append(requests / (server.cpu_seconds() - before) / 1000)
                rate[name].append(requests / (time.monotonic() - start) / 1000)
    cost_us = 1000 / statistics.median(per_cpu["with"]) - 1000 / statistics.median(per_cpu["without"])
    return [Row("1 KiB with a key beside without, requests per second", "k/s", rate["with"], rate["without"], 0.9, is_at_least=True),
            Row("1 KiB with a key beside without, requests per CPU second", "k", per_cpu["with"], per_cpu["without"], 0.9, is_at_least=True,
                note=f"a key costs {cost_us:.2f} µs of CPU")]


class Asker:
    """Asks one server with one key over one connection."""

    def __init__(self, port: int, key: str):
        self.key = key
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REVOCATION_LIMIT_S)
        self._headers = {"Authorization": f"Bearer {key}"}

    def status(self) -> int:
        return self._ask("GET", "/keys/acme/left")

    def revoke(self):
        """Of whoever else shows this key."""
        if (status := self._ask("POST", f"/revoke/{public_id(self.key)}")) != 200:
            raise RuntimeError(f"revoking was answered with {status}")

    def _ask(self, method: str, path: str) -> int:
        self._connection.request(method, path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def seen_after_ms(port: int, key: str, revoke) -> float:
    """From the revocation's end, as whoever asked for it sees it, to the first refusal; asked all the time, so that the
    key is in memory."""
    asker = Asker(port, key)
    if (status := asker.status()) != 200:
        raise RuntimeError(f"a good key was answered with {status}")
    revoke(key)
    start = time.monotonic()
    while asker.status() == 200:
        if time.monotonic() - start > REVOCATION_LIMIT_S:
            raise RuntimeError("the revocation was never seen")
    return (time.monotonic() - start) * 1000


def public_id(key: str) -> str:
    return key.removeprefix("lsk_live_")[:16]


def measure_two_nodes(bench: Bench, keys: list[str], at_once: int, *more: str) -> list[float]:
    """Two servers on one database: one revokes, and the other one is asked."""
    with bench.server(bench.postgres, 2, *more) as node, bench.server(bench.postgres, 3, *more) as other:
        def measure(key):
            return seen_after_ms(node.port, key, lambda key: Asker(other.port, key).revoke())
        with concurrent.futures.ThreadPoolExecutor(at_once) as threads:
            return list(threads.map(measure, keys))


def measure_second_node(bench: Bench) -> list[Row]:
    """PostgreSQL: what the other node commits and says, this one hears by LISTEN; where there is none, by Redis; and
    without either it looks again when what it remembers is too old. Of those, several are waited for at once."""
    keys = bench.prepare(bench.postgres)
    each = 4 * bench.rounds
    listened, deaf = keys[:each], keys[each:each + bench.rounds]
    rows = [Row("PostgreSQL with LISTEN, a key revoked by another node is refused after", "ms", measure_two_nodes(bench, listened, 1), [], 1000)]
    if find_program("redis-server"):
        with RedisServer() as redis:
            told = measure_two_nodes(bench, keys[-each:], 1, "no-listen", redis.url)
        rows.append(Row("PostgreSQL without LISTEN, with Redis, a key revoked by another node is refused after", "ms", told, [], 1000))
    rows.append(Row("PostgreSQL without LISTEN and without Redis, a key revoked by another node is refused after", "ms",
                    measure_two_nodes(bench, deaf, len(deaf), "no-listen"), [], LIFETIME_MS + 1000, note=f"believed for {LIFETIME_MS // 1000} s"))
    return rows


def measure_other_process(bench: Bench) -> list[Row]:
    """SQLite: what a command writes beside the running server, it sees in the file. A second server on it is refused."""
    keys = bench.prepare(str(bench.folder / "other.db"))

    def revoke(key):
        with sqlite3.connect(bench.folder / "other.db", timeout=REVOCATION_LIMIT_S) as connection:
            connection.execute(f"UPDATE keys SET revoked_at = 1, revoked_by = 'bench' WHERE public_id = '{public_id(key)}'")
        connection.close()
    with bench.server(str(bench.folder / "other.db"), 4) as server:
        times = [seen_after_ms(server.port, key, revoke) for key in keys[:4 * bench.rounds]]
    return [Row("SQLite, a key revoked by a command beside the server is refused after", "ms", times, [], 1000,
                note="a second server on one file is refused")]


CASES = {"requests": measure_requests, "second-node": measure_second_node, "other-process": measure_other_process}
