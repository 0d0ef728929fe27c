"""What ./dev bench db measures: each case runs its rounds, ours and the peer's in turn, and answers rows of the table.
The peers are pgbench on the same server, and SQLite without Lodestone on the same file."""
import dataclasses
import re
import statistics
import subprocess
import time
from pathlib import Path

from report import Row

PROGRAM_LIMIT_S = 600

# What publishing a version changes, as db_bench does it.
PUBLISH = """
UPDATE bench_quotas SET used_bytes = used_bytes + :number::bigint % 1000 WHERE package = :client_id;
INSERT INTO bench_versions (package, number, manifest) VALUES (:client_id, :number, '{"licence": "MIT"}');
INSERT INTO bench_files (package, number, name) VALUES (:client_id, :number, 'package.tar.gz');
INSERT INTO bench_tags (package, name, number) VALUES (:client_id, 'latest', :number) ON CONFLICT (package, name) DO UPDATE SET number = excluded.number;
UPDATE bench_packages SET updated_at = :number WHERE package = :client_id;
INSERT INTO bench_audit (package, number, action) VALUES (:client_id, :number, 'package.publish');
INSERT INTO bench_events (package, number, action) VALUES (:client_id, :number, 'package.publish');
"""


@dataclasses.dataclass
class Bench:
    """Where things are and how long to measure."""
    program: Path
    folder: Path
    postgres: str  # URL
    rounds: int
    seconds: float
    deepest_page: int

    @property
    def sqlite(self) -> Path:
        return self.folder / "database"

    def run(self, case: str, address, count: int = 1, readers: int = 2) -> list[float]:
        command = [self.program, case, address, count, self.seconds, readers]
        return list(map(float, run_program(*command).split()))

    def pgbench(self, clients: int, *arguments) -> float:
        """Transactions per second; pgbench measures for whole seconds."""
        threads = min(clients, 2)
        output = run_program("pgbench", "-n", "-M", "prepared", "-c", clients, "-j", threads, "-T", max(1, round(self.seconds)), *arguments, self.postgres)
        if not re.search(r"number of failed transactions: 0 ", output):
            raise RuntimeError(output)
        return float(re.search(r"tps = ([\d.]+)", output)[1])


def run_program(*command) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PROGRAM_LIMIT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare(bench: Bench):
    run_program("pgbench", "-i", "-q", "-s", 1, bench.postgres)
    for address in (bench.postgres, bench.sqlite):
        bench.run("prepare", address, bench.deepest_page * 10 + 10)
    (bench.folder / "plain.sql").write_text(f"\\set number :number + 1\nBEGIN ISOLATION LEVEL REPEATABLE READ;{PUBLISH}COMMIT;\n")
    (bench.folder / "pipelined.sql").write_text(f"\\set number :number + 1\n\\startpipeline\nBEGIN ISOLATION LEVEL REPEATABLE READ;{PUBLISH}COMMIT;\n\\endpipeline\n")


class Rounds:
    """Numbers of several measurements, each taken once a round."""

    def __init__(self, bench: Bench, measurements: dict):
        self.rates = {name: [] for name in measurements}
        self._cpu = {name: [] for name in measurements}
        for _ in range(bench.rounds):
            for name, measure in measurements.items():
                numbers = measure()
                rate, *cpu = numbers if isinstance(numbers, list) else [numbers]
                self.rates[name].append(rate / 1000)
                self._cpu[name] += cpu

    def row(self, metric: str, ours: str, peer: str, target: float | None = None) -> Row:
        return Row(metric, "k/s", self.rates[ours], self.rates[peer], target, is_at_least=True, note=self._note(ours, peer))

    def _note(self, ours: str, peer: str) -> str:
        """CPU time says more than a rate when others use the machine."""
        times = [f"{statistics.median(self._cpu[name]):.1f}" for name in (ours, peer) if self._cpu[name]]
        return f"CPU {' beside '.join(times)} µs" if times else ""


def measure_selects(bench: Bench) -> list[Row]:
    rows = []
    for clients in (1, 8, 32):
        rounds = Rounds(bench, {
            "pgbench": lambda: bench.pgbench(clients, "-S"),
            **{case: lambda case=case: bench.run(case, bench.postgres, clients) for case in ("look_up", "read", "look_up_blocking", "read_blocking")}})
        for case, name, target in (("look_up", "look_up()", 0.9), ("read", "read()", 0.9), ("look_up_blocking", "look-up, blocking", None),
                                   ("read_blocking", "read, blocking", None)):
            rows.append(rounds.row(f"PostgreSQL, one row by key, {name}, {clients} client{'s' * (clients > 1)}, beside pgbench -S", case, "pgbench", target))
    return rows


def measure_publishing(bench: Bench) -> list[Row]:
    rows = []
    for clients in (1, 8):
        # Numbers that no earlier round has used: pgbench's in nanoseconds, ours in microseconds.
        def pgbench(script):
            return bench.pgbench(clients, "-D", f"number={time.time_ns()}", "-f", bench.folder / script)
        rounds = Rounds(bench, {
            "plain": lambda: bench.run("publish_plain", bench.postgres, clients), "pgbench plain": lambda: pgbench("plain.sql"),
            "pipelined": lambda: bench.run("publish_pipelined", bench.postgres, clients), "pgbench pipelined": lambda: pgbench("pipelined.sql")})
        what = f"PostgreSQL, 7 changes in a transaction, {clients} client{'s' * (clients > 1)}"
        rows += [rounds.row(f"{what}, pipelined beside one by one", "pipelined", "plain"),
                 rounds.row(f"{what}, one by one, beside pgbench", "plain", "pgbench plain"),
                 rounds.row(f"{what}, pipelined, beside pgbench", "pipelined", "pgbench pipelined")]
    return rows


def measure_commits(bench: Bench) -> list[Row]:
    """The aim, 50 000 where SQLite alone does 10 000, as a ratio."""
    writers = (1, 16, 64, 256)
    rounds = Rounds(bench, {"raw": lambda: bench.run("raw_commits", bench.sqlite),
                            **{str(count): lambda count=count: bench.run("commits", bench.sqlite, count) for count in writers}})
    return [rounds.row(f"SQLite, durable one-row commits, {count} writer{'s' * (count > 1)}, beside SQLite alone", str(count), "raw", 5.0 if count == 64 else None)
            for count in writers]


def measure_reads(bench: Bench) -> list[Row]:
    clients = 16
    rows = []
    for readers in (1, 2):
        ours = {case: lambda case=case: bench.run(case, bench.sqlite, clients, readers) for case in ("look_up", "read", "tens")}
        raw = {case: lambda case=case: bench.run(case, bench.sqlite, readers) for case in ("raw_select", "raw_read", "raw_tens")}
        rounds = Rounds(bench, {**ours, **raw})
        threads = f"{readers} reader{'s' * (readers > 1)}, {clients} clients, beside SQLite alone"
        rows += [rounds.row(f"SQLite, one row by key, look_up(), {threads}", "look_up", "raw_select"),
                 rounds.row(f"SQLite, one row by key, read(), {threads}", "read", "raw_read"),
                 rounds.row(f"SQLite, ten rows in a read(), {threads}", "tens", "raw_tens")]
    return rows


def measure_hop(bench: Bench) -> list[Row]:
    """An empty write, one after the other: reads of one row stay on the loop. The bare hop is what two threads cost on this machine."""
    took = {"bare_hop": ([], []), "sqlite": ([], []), "postgres": ([], [])}
    for _ in range(bench.rounds):
        for name, case, address in (("bare_hop", "bare_hop", bench.sqlite), ("sqlite", "hop", bench.sqlite), ("postgres", "hop", bench.postgres)):
            for kept, number in zip(took[name], bench.run(case, address)):
                kept.append(number)
    rows = []
    for at, name in enumerate(("p50", "p99")):
        rows += [Row(f"an empty write from a loop and back, {name}, {engine}", "µs", took[key][at], [], 15.0 if at == 0 else None,
                     note=f"two bare threads: {statistics.median(took['bare_hop'][at]):.1f} µs")
                 for key, engine in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))]
    return rows


def measure_pages(bench: Bench) -> list[Row]:
    rows = []
    for engine, address in (("SQLite", bench.sqlite), ("PostgreSQL", bench.postgres)):
        depths = ([], [], [])
        for _ in range(bench.rounds):
            for kept, number in zip(depths, bench.run("pages", address, bench.deepest_page)):
                kept.append(number)
        for deep, name in ((1, 1_000), (2, bench.deepest_page)):
            rows.append(Row(f"{engine}, list_tenants(), page {name} of ten rows, beside page 10", "µs", depths[deep], depths[0], 1.2))
    return rows


CASES = {
    "selects": measure_selects,
    "publishing": measure_publishing,
    "commits": measure_commits,
    "reads": measure_reads,
    "hop": measure_hop,
    "pages": measure_pages,
}
